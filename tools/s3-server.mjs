#!/usr/bin/env node
// Starts a throw-away S3 server and prints `LOGBERT_TEST_S3=<endpoint>` when it takes requests.
// It ends, and its data goes, with the process that started it or on SIGTERM. Any credentials do.
import { startFauxqs } from 'fauxqs';
import { freePorts, stopWithParent } from './throw-away-service.mjs';

const [port] = await freePorts(1);
const server = await startFauxqs({ port, logger: false });
stopWithParent(() => server.stop());
console.log(`LOGBERT_TEST_S3=http://127.0.0.1:${port}`);
