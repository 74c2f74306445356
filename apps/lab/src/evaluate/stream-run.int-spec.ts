import { configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import { seededRandom } from '@logbert/logbert';
import { type JudgedWindow, loadBundle, StreamDetector, trainStream } from '@logbert/pipeline';
import { beforeAll, describe, expect, it } from 'vitest';
import { openMuteGraph } from './mute-graph';
import { PairedDetectors } from './paired-detectors';
import { MODEL_ALONE, WITHOUT_MODEL } from './row-names';
import { type Line, runStream, type StreamFigures } from './stream-run';

const START = Date.UTC(2030, 0, 1);
const SESSION_MS = 100;
const configuration = configurationSchema.parse({ training: { epochs: 3, model: { hidden: 32 } } });
const settings = streamSettingsSchema.parse({
  sessionKey: { fields: [], pattern: 'order-\\w+' },
  window: { kind: 'session', idleMs: 2_000, maxLength: 32 },
});
const random = seededRandom(5);

function order(name: string): string[] {
  return [
    `accepted order-${name}`,
    `loaded cart of order-${name}`,
    random() < 0.5 ? `price of order-${name} was known` : `asked for the price of order-${name}`,
    `charged order-${name}`,
    `shipped order-${name}`,
  ];
}

/** One session every 100 ms, its lines 5 ms apart. */
function linesOf(sessions: readonly (readonly string[])[], from: number): Line[] {
  const encoder = new TextEncoder();
  return sessions
    .flatMap((texts, session) =>
      texts.map((text, place) => ({
        value: encoder.encode(text),
        receivedAtMs: from + session * SESSION_MS + place * 5,
      })),
    )
    .map((line, offset) => ({ offset, ...line }));
}

const TRAINED = 900;
const training = linesOf(
  Array.from({ length: TRAINED }, (_, index) => order(`t${index}`)),
  START,
);
const odd = (index: number): boolean => index % 20 === 19;
const sessions = Array.from({ length: 400 }, (_, index) => {
  const texts = order(`s${index}`);
  if (odd(index)) texts.splice(3, 1, `lost order-s${index} on the way`);
  return texts;
});
const testing = linesOf(sessions, START + TRAINED * SESSION_MS);

describe('runStream', () => {
  let came: StreamFigures;
  beforeAll(async () => {
    came = await runStream({
      ...{ settings, configuration, training, testing, isAdapting: false },
      labels: new Map(sessions.map((_, index) => [`order-s${index}`, odd(index)])),
      say: () => undefined,
    });
  });

  it('says what the model decides alone, and what is decided without it', () => {
    const { figures } = came;
    for (const name of ['combined', MODEL_ALONE, WITHOUT_MODEL]) {
      expect(figures[name]?.auroc, name).toBeGreaterThan(0.9);
    }
    expect(figures[WITHOUT_MODEL]).toMatchObject({ tpr: 1 });
  });
});

describe('PairedDetectors', () => {
  const accepted = async (
    detector: Pick<StreamDetector, 'accept' | 'flush'>,
  ): Promise<readonly JudgedWindow[]> => {
    const { judged } = await detector.accept(testing, START);
    return [...judged, ...(await detector.flush(START)).judged];
  };

  it('judge as one does alone, and as one does whose model fails at every window', async () => {
    const { files } = await trainStream({
      records: async function* () {
        yield* training;
      },
      settings,
      training: configuration.training,
      detection: configuration.detection,
      openGraph,
      now: () => performance.now(),
    });
    const { detection } = configuration;
    const bundle = await loadBundle('m', files, openGraph, detection);
    const mute = await loadBundle('m', files, openMuteGraph, detection);
    const input = { stream: 'shop', settings, detection };
    const pair = new PairedDetectors(input);
    pair.use(bundle, mute);
    const first = await pair.accept(testing, START);
    const judged = [...first.judged, ...(await pair.flush(START)).judged];

    const alone = await accepted(new StreamDetector({ ...input, bundle }));
    expect(judged.map(({ verdict }) => verdict)).toEqual(alone.map(({ verdict }) => verdict));
    const without = await accepted(new StreamDetector({ ...input, bundle: mute }));
    expect(judged.map(({ withoutModel }) => withoutModel)).toEqual(
      without.map(({ verdict }) => verdict),
    );
    const channels = judged.flatMap(({ withoutModel }) => withoutModel.channels);
    expect(new Set(channels.map(({ channel }) => channel))).not.toContain('surprise-mean');
    await bundle.close();
    await mute.close();
  });
});
