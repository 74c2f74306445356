import type { StreamSettings } from '@logbert/contracts';
import { Failure } from '@logbert/failure';
import type { StreamDetectorState } from '@logbert/pipeline';
import { unpackLines } from './state-lines';

/** Of the first version a line was apart from its place in the window. */
const FORMAT_VERSION = 2;
const READ_VERSIONS: readonly number[] = [1, FORMAT_VERSION];

type KeptWindow = StreamDetectorState['windows']['windows'][number];

/** What the detector of one stream knew, and the settings that it had. */
export interface KeptDetector {
  readonly stream: string;
  readonly settings: StreamSettings;
  readonly state: StreamDetectorState;
}

/** The first line; every other one is an open window with the place of its stream in `detectors`. */
interface Head {
  readonly formatVersion: number;
  readonly detectors: readonly KeptDetector[];
}

type WindowLine = readonly [place: number, window: KeptWindow];

/** What is kept of a partition does not fit this program. */
export class KeptStateFailure extends Failure {
  readonly code = 'inference/kept-state';
  readonly retriable = false;
}

/** The detectors of a partition as JSON values, of which none is larger than a window or what was learnt of windows. */
export function* linesOfDetectors(
  detectors: readonly KeptDetector[],
): Generator<Head | WindowLine, void, undefined> {
  yield {
    formatVersion: FORMAT_VERSION,
    detectors: detectors.map(({ stream, settings, state }) => ({
      stream,
      settings,
      state: { ...state, windows: { ...state.windows, windows: [] } },
    })),
  };
  for (const [place, { state }] of detectors.entries()) {
    for (const window of state.windows.windows) yield [place, window];
  }
}

/** @throws KeptStateFailure when they are of another version or damaged */
export async function readDetectors(packed: Uint8Array): Promise<readonly KeptDetector[]> {
  try {
    const lines = unpackLines(packed);
    const head = (await lines.next()).value as Head | undefined;
    if (!head || !READ_VERSIONS.includes(head.formatVersion)) {
      throw new KeptStateFailure('it was written by another version of the program');
    }
    const windows = head.detectors.map((): KeptWindow[] => []);
    for await (const line of lines) {
      const [place, window] = line as WindowLine;
      windows[place]?.push(withFlatEntries(window));
    }
    return head.detectors.map(({ stream, settings, state }, place) => ({
      stream,
      settings,
      state: { ...state, windows: { ...state.windows, windows: windows[place] ?? [] } },
    }));
  } catch (error) {
    if (error instanceof KeptStateFailure) throw error;
    throw new KeptStateFailure(`it cannot be read: ${String(error)}`, { cause: error });
  }
}

function withFlatEntries(window: KeptWindow): KeptWindow {
  return { ...window, entries: window.entries.map(flat) };
}

type KeptEntry = KeptWindow['entries'][number];
type KeptRecord = Pick<KeptEntry, 'level' | 'message' | 'raw'>;

function flat(entry: KeptEntry & { readonly record?: KeptRecord }): KeptEntry {
  if (!entry.record) return entry;
  const { record, ...place } = entry;
  const { level, message, raw } = record;
  return { ...place, level, message, raw };
}
