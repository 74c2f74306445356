const { join } = require('node:path');
const {
  addProjectConfiguration,
  formatFiles,
  generateFiles,
  readProjectConfiguration,
  updateJson,
} = require('@nx/devkit');

const BASE = 'tsconfig.base.json';

/**
 * Writes a new library: project.json with its tags, tsconfig.json, README.md, src/index.ts, and its path in
 * tsconfig.base.json.
 * @param {import('@nx/devkit').Tree} tree
 * @param {{ name: string, layer?: 'contract' | 'pure' | 'adapter', platform?: 'any' | 'node' | 'browser' }} options
 */
async function library(tree, { name, layer = 'pure', platform = 'any' }) {
  const root = `libs/${name}`;
  if (tree.exists(root) || isProject(tree, name)) throw new Error(`${root} exists already`);

  addProjectConfiguration(tree, name, {
    $schema: '../../node_modules/nx/schemas/project-schema.json',
    projectType: 'library',
    root,
    sourceRoot: `${root}/src`,
    tags: [`layer:${layer}`, `platform:${platform}`],
    targets: { lint: {}, typecheck: {}, test: {} },
  });
  generateFiles(tree, join(__dirname, 'files'), root, { name });
  updateJson(tree, BASE, (json) => {
    json.compilerOptions.paths[`@logbert/${name}`] = [`./${root}/src/index.ts`];
    return json;
  });
  await formatFiles(tree);
}

function isProject(tree, name) {
  try {
    readProjectConfiguration(tree, name);
    return true;
  } catch {
    return false;
  }
}

module.exports = library;
