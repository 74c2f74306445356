import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { z } from 'zod';
import { MeasurementFailure } from './measurement-failure';

const LAST_LINES = 3;

/**
 * Runs a program that prints its measurement as its last line of JSON.
 *
 * @param environment variables of the program beside those of this process
 * @throws MeasurementFailure with the end of what it complained of, when it fails or prints something else
 */
export async function runMeasured<Schema extends z.ZodType>(
  program: string,
  args: readonly string[],
  schema: Schema,
  environment: NodeJS.ProcessEnv = {},
): Promise<z.output<Schema>> {
  let output: string;
  try {
    output = (
      await promisify(execFile)(program, [...args], { env: { ...process.env, ...environment } })
    ).stdout;
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    const reason = stderr.trim().split('\n').slice(-LAST_LINES).join('\n') || message;
    throw new MeasurementFailure(`${program} failed: ${reason}`, { cause: error });
  }
  const line = output.trim().split('\n').at(-1) ?? '';
  try {
    return schema.parse(JSON.parse(line));
  } catch (error) {
    throw new MeasurementFailure(`${program} printed no measurement: "${line.slice(0, 120)}"`, {
      cause: error,
    });
  }
}
