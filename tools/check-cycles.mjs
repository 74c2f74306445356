#!/usr/bin/env node
// Fails when source files of a project import each other in a circle, be it for a type only: a circle has no first page to
// read. Between projects lint forbids it already. The last line is "N passed, N failed": one for each project.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const imports = new Map();

let failed = 0;
const projects = ['libs', 'apps'].flatMap((folder) =>
  readdirSync(join(ROOT, folder)).map((name) => join(ROOT, folder, name, 'src')),
);
for (const folder of projects.filter(existsSync)) {
  const cycles = cyclesOf(sourcesIn(folder));
  if (cycles.length > 0) failed++;
  for (const cycle of cycles) {
    console.log(`circular: ${cycle.map((file) => relative(ROOT, file)).join(' → ')}`);
  }
}
const checked = projects.filter(existsSync).length;
console.log(`${checked - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function sourcesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((path) => /\.ts$/.test(path) && !/spec\.ts$/.test(path))
    .map((path) => join(folder, path));
}

/** Each circle once, beginning with the file whose name sorts first (depth-first search with three colours). */
function cyclesOf(files) {
  const found = new Map();
  const done = new Set();
  const path = [];
  const visit = (file) => {
    const at = path.indexOf(file);
    if (at >= 0) {
      const circle = path.slice(at);
      const first = circle.indexOf([...circle].sort()[0]);
      const turned = [...circle.slice(first), ...circle.slice(0, first)];
      found.set(turned.join(), [...turned, turned[0]]);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const next of importsOf(file)) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of files) visit(file);
  return [...found.values()];
}

function importsOf(file) {
  let known = imports.get(file);
  if (known === undefined) {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
    known = source.statements
      .filter((statement) => statement.moduleSpecifier)
      .map((statement) => locate(file, statement.moduleSpecifier.text))
      .filter(Boolean);
    imports.set(file, known);
  }
  return known;
}

/** The source file of the same project that an import means; undefined for a room or a package. */
function locate(from, name) {
  if (!name.startsWith('.')) return undefined;
  const base = resolve(dirname(from), name);
  return [`${base}.ts`, join(base, 'index.ts')].find(existsSync);
}
