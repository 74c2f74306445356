import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { missingServices } from './real-services';

const LAB = fileURLToPath(new URL('../../../dist/apps/lab/main.js', import.meta.url));
/** One of each fault, of those that the specs of kills and rebalances leave out; S3's outage kills a detector too. */
const ARGUMENTS = [
  ...['--short', '--lines', '8000', '--kills', '0', '--rebalances', '0'],
  ...['--broker-restarts', '1', '--database-restarts', '1', '--s3-seconds', '1'],
  ...['--spool-kills', '2'],
];
// It starts services of its own, which it may kill; where the common ones could not be started, neither can these.
const missing = missingServices();
if (missing.length > 0) console.warn(`Skipped chaos: ${missing.join(', ')} not set.`);

describe('a broker, a database and a store that fail', () => {
  it('cost no line and no anomaly, and double none', { timeout: 300_000 }, async ({ skip }) => {
    skip(missing.length > 0, 'services are missing');
    if (!existsSync(LAB)) throw new Error(`${LAB} is missing: build the lab first`);
    const child = fork(LAB, ['bench', 'chaos', ...ARGUMENTS], { execArgv: [], stdio: 'pipe' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code, output).toBe(0);
    expect(output).toContain('Nothing lost, nothing twice, nothing changed.');
  });
});
