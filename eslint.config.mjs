import { existsSync, readdirSync, readFileSync } from 'node:fs';
import eslint from '@eslint/js';
import nx from '@nx/eslint-plugin';
import angular from 'angular-eslint';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const depConstraints = [
  {
    sourceTag: 'layer:contract',
    onlyDependOnLibsWithTags: ['layer:contract'],
    allowedExternalImports: ['zod'],
  },
  {
    sourceTag: 'layer:pure',
    onlyDependOnLibsWithTags: ['layer:contract', 'layer:pure'],
    // protobufjs: onnx-graph only.
    allowedExternalImports: ['zod', 'protobufjs', 'protobufjs/*'],
  },
  {
    sourceTag: 'layer:adapter',
    onlyDependOnLibsWithTags: ['layer:contract', 'layer:pure', 'layer:adapter'],
    bannedExternalImports: ['@nestjs/*', '@angular/*'],
  },
  {
    sourceTag: 'layer:app',
    onlyDependOnLibsWithTags: ['layer:contract', 'layer:pure', 'layer:adapter'],
  },
  { sourceTag: 'layer:e2e', onlyDependOnLibsWithTags: ['layer:contract'] },
  {
    sourceTag: 'platform:node',
    onlyDependOnLibsWithTags: ['platform:any', 'platform:node'],
    bannedExternalImports: ['@angular/*'],
  },
  {
    allSourceTags: ['layer:app', 'platform:browser'],
    onlyDependOnLibsWithTags: ['layer:contract'],
    bannedExternalImports: ['@nestjs/*', 'kafkajs', 'onnxruntime-node'],
  },
];

/** What spec files may import beyond their room's own packages; none of it reaches a build. */
const testPackages = ['vitest', 'fast-check', 'yaml'];
const testConstraints = depConstraints.map((constraint) =>
  constraint.allowedExternalImports
    ? {
        ...constraint,
        allowedExternalImports: [...constraint.allowedExternalImports, ...testPackages],
      }
    : constraint,
);

const boundaries = (constraints) => [
  'error',
  { enforceBuildableLibDependency: false, allow: [], depConstraints: constraints },
];

/** Rooms without input, output, clock or chance, by the tags in their project.json. */
const libs = new URL('./libs/', import.meta.url);
const pureRooms = readdirSync(libs).filter((room) => {
  const file = new URL(`${room}/project.json`, libs);
  if (!existsSync(file)) return false;
  const { tags } = JSON.parse(readFileSync(file, 'utf8'));
  return tags.includes('layer:pure') || tags.includes('layer:contract');
});

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/.angular/**',
      '.nx/**',
      '.logbert/**',
      'test-results/**',
    ],
  },
  eslint.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(depConstraints),
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-extraneous-class': 'off',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name the exports: no `export *`.' },
        {
          selector: 'TSAsExpression > TSAsExpression[typeAnnotation.type="TSUnknownKeyword"]',
          message: 'No cast through `unknown`: narrow the type instead.',
        },
      ],
      'max-lines': ['error', { max: 400 }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.int-spec.ts', '**/*.e2e-spec.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(testConstraints) },
  },
  {
    // Nest reads constructor types at run time, so a class there must be a value import.
    files: ['apps/api/**/*.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    files: pureRooms.map((room) => `libs/${room}/src/**/*.ts`),
    ignores: ['**/*.spec.ts', '**/*.int-spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['node:*', 'fs', 'path', 'crypto'],
              message: 'A pure room has no input or output.',
            },
          ],
        },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Take a random source as an argument.' },
        { object: 'Date', property: 'now', message: 'Take the time as an argument.' },
        { object: 'process', property: 'env', message: 'Take configuration as an argument.' },
      ],
    },
  },
  {
    // Tests with real parts may use the adapters that the room itself must not know.
    files: ['libs/**/*.int-spec.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    files: ['apps/dashboard/**/*.ts'],
    extends: [...angular.configs.tsRecommended],
    processor: angular.processInlineTemplates,
  },
  {
    files: ['apps/dashboard/**/*.html'],
    extends: [...angular.configs.templateRecommended, ...angular.configs.templateAccessibility],
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        Buffer: 'readonly',
        AbortSignal: 'readonly',
        module: 'readonly',
        require: 'readonly',
        __dirname: 'readonly',
      },
    },
  },
  {
    files: ['**/*.cjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  prettier,
);
