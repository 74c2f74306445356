import type { EvidenceKind } from '@logbert/contracts';
import {
  type AbnormalLine,
  type EvidenceDraft,
  isError,
  percent,
  ROLE_FACTORS,
  type RootCauseInput,
  round,
} from './root-cause-input';

/** A known template is rare when the baseline shows it at most this often a minute. */
const RARE_PER_MINUTE = 0.5;
const MAX_LINES = 3;
/** A line is surprising when the model gave it less than one chance in twenty. */
const SURPRISING_NATS = 3;
const MAX_SURPRISING = 6;

interface TemplateGroup {
  readonly templateId: string;
  readonly blamed: string;
  readonly lines: readonly AbnormalLine[];
}

/** What came that should not have: templates never seen, seldom seen, or seen at another place than expected. */
export function templateEvidence(
  lines: readonly AbnormalLine[],
  { anomalies, baseline, baselineMs }: RootCauseInput,
): readonly EvidenceDraft[] {
  const before = new Map<string, number>();
  for (const { templateId, count } of baseline) {
    before.set(templateId, (before.get(templateId) ?? 0) + count);
  }
  const minutes = Math.max(1, baselineMs / 60_000);
  const drafts = groupByTemplate(lines).map((group) => {
    const perMinute = (before.get(group.templateId) ?? 0) / minutes;
    return describe(group, perMinute, anomalies.length);
  });
  const surprising = drafts
    .filter(({ kind }) => kind === 'surprising-line')
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MAX_SURPRISING);
  return [...drafts.filter(({ kind }) => kind !== 'surprising-line'), ...surprising];
}

function groupByTemplate(lines: readonly AbnormalLine[]): readonly TemplateGroup[] {
  const groups = new Map<string, { templateId: string; blamed: string; lines: AbnormalLine[] }>();
  for (const abnormal of lines) {
    const { templateId } = abnormal.line;
    const key = `${templateId}\u0000${abnormal.line.service}\u0000${abnormal.blamed}`;
    const group = groups.get(key);
    if (group) group.lines.push(abnormal);
    else groups.set(key, { templateId, blamed: abnormal.blamed, lines: [abnormal] });
  }
  return [...groups.values()];
}

function describe(group: TemplateGroup, perMinute: number, anomalyCount: number): EvidenceDraft {
  const inTime = [...group.lines].sort((a, b) => a.line.at - b.line.at);
  const first = inTime[0];
  if (!first) throw new RangeError('a group of lines has at least one');
  const { line, role } = first;
  const hit = new Set(group.lines.map(({ anomalyId }) => anomalyId)).size;
  const coverage = hit / Math.max(1, anomalyCount);
  const isBad = group.lines.some((abnormal) => isError(abnormal.line));
  const surprise = Math.max(0, ...group.lines.map((abnormal) => abnormal.line.surprise ?? 0));
  const isNovel = group.lines.some((abnormal) => abnormal.line.isNovel);
  const kind = kindOf(isNovel, perMinute);
  const weight = weightOf(kind, isBad, surprise) * (0.4 + 0.6 * coverage);
  const where = `in ${hit} of ${anomalyCount} abnormal sessions`;
  const about = role === 'report' ? `, reporting ${group.blamed}` : '';
  const says = group.lines.reduce((sum, each) => sum + ROLE_FACTORS[each.role], 0);
  return {
    kind,
    service: group.blamed,
    templateId: group.templateId,
    template: line.template,
    statement: `${line.service}${about}: ${sentence(kind, { isBad, perMinute, surprise })} “${line.template}” ${where}.`,
    at: line.at,
    weight: Math.min(1, (weight * says) / group.lines.length),
    figures: {
      sessions: hit,
      share: round(coverage),
      surprise: round(surprise),
      baselinePerMinute: round(perMinute),
    },
    lines: inTime.slice(0, MAX_LINES).map((abnormal) => abnormal.line.raw),
  };
}

function kindOf(isNovel: boolean, perMinute: number): EvidenceKind {
  if (isNovel) return 'novel-template';
  return perMinute <= RARE_PER_MINUTE ? 'rare-template' : 'surprising-line';
}

/** Bad news outweighs news: a new error says more than a new template, and that more than an unexpected old one. */
function weightOf(kind: EvidenceKind, isBad: boolean, surprise: number): number {
  if (kind === 'novel-template') return isBad ? 1 : 0.85;
  if (kind === 'rare-template') return isBad ? 0.9 : 0.6;
  const strength = Math.min(1, surprise / (2 * SURPRISING_NATS));
  return isBad ? 0.75 : 0.15 + 0.3 * strength;
}

function sentence(
  kind: EvidenceKind,
  { isBad, perMinute, surprise }: { isBad: boolean; perMinute: number; surprise: number },
): string {
  const what = isBad ? 'error' : 'line';
  if (kind === 'novel-template') return `a new ${what}, unknown to the model,`;
  if (kind === 'rare-template') return `a rare ${what} (${round(perMinute)} a minute before)`;
  const chance = Math.exp(-surprise);
  return surprise > 0
    ? `an unexpected ${what} (probability ${chance < 0.001 ? 'below 0.1 %' : percent(chance)})`
    : `an abnormal ${what}`;
}
