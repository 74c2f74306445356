#!/usr/bin/env node
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  build,
  endWithChildren,
  install,
  PROGRAMS,
  requireSupportedNode,
  ROOT,
} from './workspace.mjs';

const say = (text) => console.log(`LogBERT  ${text}`);

requireSupportedNode();
const release = endWithChildren();
try {
  await install({ say });
  const { failed } = await build(Object.keys(PROGRAMS), { say });
  if (failed.length > 0)
    throw new Error(`could not build ${failed.join(', ')}; the reason is above`);
} catch (error) {
  console.error(`LogBERT  ${error.message}`);
  process.exit(process.exitCode ?? 1);
}
release();

// The server runs in this very process: signals reach it once, and nothing is left behind when it ends.
const main = join(ROOT, PROGRAMS.api.proof);
process.argv = [process.execPath, main, ...process.argv.slice(2)];
process.setSourceMapsEnabled(true);
say('starting the server; Ctrl-C ends it');
await import(pathToFileURL(main).href);
