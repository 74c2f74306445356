import { demoFaultNameSchema, type DemoState } from '@logbert/contracts';
import { z } from 'zod';
import { Options, UsageError } from '../reporting/options';
import { DemoFailure } from './demo-failure';
import { DemoShop } from './demo-shop';
import { ServerClient } from './server-client';

const OPTIONS = {
  url: { value: 'URL', help: 'the server to send logs to', isRequired: true },
  'backfill-minutes': { value: 'N', help: 'past that the model is trained on', fallback: '12' },
  seed: { value: 'N', help: 'seed of everything that happens', fallback: '1' },
} as const;

/** What the parent process may ask for. */
const commandSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('fault'), name: demoFaultNameSchema }),
  z.object({ type: z.literal('automatic'), isAutomatic: z.boolean() }),
]);

/** `demo --url URL`: runs the shop until it is told to stop or its parent goes. */
export async function runDemo(argv: readonly string[]): Promise<void> {
  const options = Options.parse('demo', OPTIONS, argv);
  const url = options.required('url');
  if (!URL.canParse(url)) throw new UsageError(`--url: "${url}" is not a URL`);
  const settings = {
    backfillMinutes: options.number('backfill-minutes', 1, 120) ?? 12,
    seed: options.number('seed', 0, 2 ** 31) ?? 1,
  };

  const stopping = new AbortController();
  const stop = () => stopping.abort();
  // Ctrl-C reaches parent and child at once; then the parent decides when its shop closes.
  process.on('SIGINT', process.connected ? () => undefined : stop);
  process.once('SIGTERM', stop);
  process.once('disconnect', stop);

  const client = new ServerClient(url, process.env['LOGBERT_API_KEY'], stopping.signal);
  const shop = new DemoShop(settings, client, announce, say, stopping.signal);
  process.on('message', (message) => {
    const command = commandSchema.safeParse(message);
    if (!command.success) return;
    if (command.data.type === 'fault') shop.switchOn(command.data.name);
    else shop.setAutomatic(command.data.isAutomatic);
  });

  try {
    await shop.run();
  } catch (error) {
    if (!(error instanceof DemoFailure)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
  if (process.connected) process.disconnect();
}

function announce(state: DemoState): void {
  if (process.connected) process.send?.({ type: 'state', state });
}

/** With a parent the state is told by messages; the words are for a person who runs the demo by hand. */
function say(text: string): void {
  if (!process.connected) console.error(`demo: ${text}`);
}
