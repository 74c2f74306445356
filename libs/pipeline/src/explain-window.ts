import type {
  Anomaly,
  AnomalyLine,
  AnomalyState,
  ContextLine,
  EarlyFlag,
  Expectation,
  MissingTemplate,
  UnexpectedEnd,
} from '@logbert/contracts';
import type { Verdict } from '@logbert/detection';
import type { Alternative, WindowScore } from '@logbert/logbert';
import type { Parameter } from '@logbert/contracts';
import { anomalyId } from './anomaly-id';
import type { FoundWindow } from './growing-sessions';
import type { KnownTemplates } from './known-templates';
import type { LineEntry } from './line-entry';
import { shownLines } from './shown-lines';

const SHOWN_EXPECTATIONS = 3;
/** Probability from which a line is called expected beside a more probable one. */
const LEAST_EXPECTED = 0.01;
/** What is shown of a line at most. */
export const [SHOWN_PARAMETERS, SHOWN_RAW_CHARACTERS] = [16, 4_000];

/** Stands for the score of a window that the model could not score. */
export const UNSCORED: WindowScore = {
  surprise: new Float32Array(0),
  entropy: new Float32Array(0),
  alternatives: [],
  distance: 0,
  endSurprise: undefined,
  nextAlternatives: undefined,
  presence: undefined,
};

/** What is needed to tell a person why a window was flagged. */
export interface FlaggedWindow {
  readonly stream: string;
  readonly partition: number;
  readonly window: FoundWindow;
  /** Whether its session still takes lines. */
  readonly state: AnomalyState;
  /** That it was flagged before its session was closed. */
  readonly early: EarlyFlag | null;
  readonly score: WindowScore;
  readonly verdict: Verdict;
  readonly context: readonly ContextLine[];
  readonly detectedAt: number;
  /** Text and parameters of a line that no template of the model fits. */
  readonly describeNovel: (entry: LineEntry) => {
    template: string;
    parameters: readonly Parameter[];
  };
}

/** Builds the anomaly of a flagged window: line by line what was expected, what came and how odd that is. */
export async function explainWindow(
  flagged: FlaggedWindow,
  known: KnownTemplates,
): Promise<Anomaly> {
  const { window, verdict } = flagged;
  const abnormal = new Set(verdict.abnormalPositions);
  for (const [position, { isNovel }] of window.entries.entries()) {
    if (isNovel) abnormal.add(position);
  }
  const lines = shownLines(window.entries.length, abnormal).flatMap((position) => {
    const entry = window.entries[position];
    return entry ? [explainLine(entry, position, abnormal.has(position), flagged, known)] : [];
  });
  const missing = missingTemplates(verdict, known);
  const times = window.entries.map((entry) => entry.timestampMs);
  return {
    id: await anomalyId(flagged.stream, flagged.partition, window.key, window.firstOffset),
    stream: flagged.stream,
    modelId: known.modelId,
    state: flagged.state,
    early: flagged.early,
    windowKey: window.key,
    detectedAt: flagged.detectedAt,
    firstAt: Math.min(...times),
    lastAt: Math.max(...times),
    services: servicesOf(lines, missing),
    pValue: verdict.pValue,
    channels: verdict.channels,
    decidingChannel: verdict.deciding,
    lines,
    missing,
    end: unexpectedEnd(flagged, known),
    rates: [],
    context: flagged.context,
    culprits: culpritsOf(lines, missing),
    incidentId: null,
    verdict: { state: 'immediate' },
  };
}

function explainLine(
  entry: LineEntry,
  position: number,
  isAbnormal: boolean,
  { score, describeNovel }: FlaggedWindow,
  known: KnownTemplates,
): AnomalyLine {
  const surprise = score.surprise[position] ?? null;
  const { template, parameters } = entry.isNovel
    ? describeNovel(entry)
    : describeKnown(entry, known);
  return {
    at: entry.timestampMs,
    service: entry.service,
    level: entry.level,
    raw: entry.raw.slice(0, SHOWN_RAW_CHARACTERS),
    templateId: entry.templateId,
    template,
    isNovel: entry.isNovel,
    isAbnormal,
    surprise,
    entropy: score.entropy[position] ?? null,
    observedProbability: surprise === null ? null : Math.exp(-Math.max(0, surprise)),
    expected: expectationsOf(score.alternatives.at(position), entry.templateId, known),
    parameters: parameters.slice(0, SHOWN_PARAMETERS),
  };
}

function describeKnown(
  entry: LineEntry,
  { miner, catalogue }: KnownTemplates,
): { template: string; parameters: readonly Parameter[] } {
  const parameters = miner.match(entry.message)?.parameters ?? [];
  return { template: catalogue.textOf(entry.templateId) ?? entry.message, parameters };
}

function unexpectedEnd(
  { score, verdict }: FlaggedWindow,
  known: KnownTemplates,
): UnexpectedEnd | null {
  const { endSurprise: surprise, nextAlternatives } = score;
  if (!verdict.isEndUnexpected || surprise === undefined) return null;
  return {
    surprise,
    probability: Math.exp(-surprise),
    expected: expectationsOf(nextAlternatives, undefined, known),
  };
}

/**
 * The most probable ones; the first, and of the others only those that are no rarity.
 *
 * @param observed the template that came, which is left out
 */
function expectationsOf(
  alternatives: readonly Alternative[] | undefined,
  observed: string | undefined,
  { vocabulary, catalogue }: KnownTemplates,
): readonly Expectation[] {
  const expectations: Expectation[] = [];
  for (const { token, probability } of alternatives ?? []) {
    const templateId = vocabulary.keyOf(token);
    if (templateId === undefined || templateId === observed) continue;
    if (expectations.length > 0 && probability < LEAST_EXPECTED) break;
    expectations.push({
      templateId,
      template: catalogue.textOf(templateId) ?? templateId,
      service: catalogue.serviceOf(templateId) ?? null,
      probability,
    });
  }
  return expectations.slice(0, SHOWN_EXPECTATIONS);
}

function missingTemplates(
  verdict: Verdict,
  { vocabulary, catalogue }: KnownTemplates,
): readonly MissingTemplate[] {
  return verdict.missing.flatMap(({ token, share }) => {
    const templateId = vocabulary.keyOf(token);
    if (templateId === undefined) return [];
    const template = catalogue.textOf(templateId) ?? templateId;
    return [{ templateId, template, service: catalogue.serviceOf(templateId) ?? null, share }];
  });
}

/** Services by guilt: those of abnormal lines in order of time, then of missing lines, then the rest. */
function servicesOf(
  lines: readonly AnomalyLine[],
  missing: readonly MissingTemplate[],
): readonly string[] {
  const abnormal = lines.filter((line) => line.isAbnormal).map((line) => line.service);
  const absent = missing.flatMap(({ service }) => service ?? []);
  return [...new Set([...abnormal, ...absent, ...lines.map((line) => line.service)])];
}

/** Template ids by guilt: novel lines, missing lines, then known lines by surprise. */
function culpritsOf(
  lines: readonly AnomalyLine[],
  missing: readonly MissingTemplate[],
): readonly string[] {
  const abnormal = lines.filter((line) => line.isAbnormal);
  const novel = abnormal.filter((line) => line.isNovel);
  const known = abnormal
    .filter((line) => !line.isNovel)
    .sort((a, b) => (b.surprise ?? 0) - (a.surprise ?? 0));
  return [
    ...new Set([
      ...novel.map((line) => line.templateId),
      ...missing.map(({ templateId }) => templateId),
      ...known.map((line) => line.templateId),
    ]),
  ];
}
