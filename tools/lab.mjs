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

// Standard output belongs to the command's own tables.
const say = (text) => console.error(`LogBERT  ${text}`);

requireSupportedNode();
const release = endWithChildren();
try {
  await install({ say });
  const { failed } = await build(['lab'], { say });
  if (failed.length > 0) throw new Error('could not build lab; the reason is above');
} catch (error) {
  say(error.message);
  process.exit(process.exitCode ?? 1);
}
release();

const main = join(ROOT, PROGRAMS.lab.proof);
process.argv = [process.execPath, main, ...process.argv.slice(2)];
process.setSourceMapsEnabled(true);
await import(pathToFileURL(main).href);
