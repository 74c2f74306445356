import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Configuration } from '@logbert/contracts';

/** Where the program finds its parts and keeps its data; absolute paths. */
export interface Locations {
  readonly dataDirectory: string;
  readonly importDirectory: string;
  readonly uploadDirectory: string;
  readonly artifactDirectory: string;
  readonly databaseDirectory: string;
  /** Program of a detector thread. */
  readonly detectorProgram: string;
  /** Program of the training child. */
  readonly trainingProgram: string;
  /** Program of the demo shop. */
  readonly demoProgram: string;
  /** The built dashboard. */
  readonly dashboardDirectory: string;
}

/** @param programDirectory folder of the running program, `dist/apps/api` when built */
export function buildLocations(configuration: Configuration, programDirectory: string): Locations {
  const dataDirectory = resolve(configuration.dataDirectory);
  return {
    dataDirectory,
    importDirectory: resolve(dataDirectory, configuration.training.importDirectory),
    uploadDirectory: join(dataDirectory, 'uploads'),
    artifactDirectory: join(dataDirectory, 'artifacts'),
    databaseDirectory: join(dataDirectory, 'database'),
    detectorProgram: join(programDirectory, 'detector-worker.js'),
    trainingProgram: join(programDirectory, 'training-process.js'),
    demoProgram: resolve(programDirectory, '../lab/main.js'),
    dashboardDirectory: resolve(programDirectory, '../dashboard/browser'),
  };
}

/** The nearest `config` folder at or above the program; an explicit one wins. */
export function findConfigDirectory(programDirectory: string, explicit?: string): string {
  if (explicit) return resolve(explicit);
  for (let folder = programDirectory; ; folder = dirname(folder)) {
    const candidate = join(folder, 'config');
    if (existsSync(join(candidate, 'default.yaml'))) return candidate;
    if (folder === dirname(folder)) return join(programDirectory, 'config');
  }
}
