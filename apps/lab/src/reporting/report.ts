import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** What every result says of where it came from. */
export interface ReportHead {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly commit: string | null;
  readonly startedAt: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly node: string;
  };
}

export function reportHead(command: string, argv: readonly string[]): ReportHead {
  return {
    command,
    arguments: argv,
    commit: commitOf(),
    startedAt: new Date().toISOString(),
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
      node: process.version,
    },
  };
}

/** Writes the result for programs; figures are fractions and SI units, the unit in the key. */
export function writeReport(file: string, report: object): void {
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

function commitOf(): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      // Of the program, wherever it is called from.
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}
