import type { ToldEvidence } from './narrative-prompt';
import type { Pseudonyms } from './pseudonyms';

const NUMBER = /\d+(?:[.,]\d+)*/g;
const QUOTED = /“([^”]+)”|"([^"]+)"|`([^`]+)`|«([^»]+)»/g;
const WORD = /[\p{L}][\p{L}\p{N}-]{3,}/gu;
/** Stand-ins and evidence ids hold digits that are no figures. */
const NAMES_WITH_DIGITS = /<[A-Z][A-Z0-9_]*>|\bE\d+\b/g;
/** Words that a claim must share with its facts, so that a valid id cannot carry an unrelated sentence. */
const MIN_SHARED_BY_CLAIM = 2;
/** A sentence that may rest on all facts sums them up in words of its own. */
const MIN_SHARED_BY_SUMMARY = 1;
const NUMBER_WORDS: Readonly<Record<string, number>> = {
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  dozen: 12,
  hundred: 100,
  thousand: 1_000,
};

/**
 * Why a claim is not borne out by the facts it cites, for a person; undefined when it is.
 *
 * Checked: the ids exist; every quoted text, every figure, every stand-in and every service named occurs in the cited
 * facts; and the sentence shares two words or more with them. Figures may be rounded, or written as a percentage of a
 * share. Checked by text alone: that a sentence says the opposite of its facts is not seen.
 */
export function reasonToDoubt(
  claim: { readonly text: string; readonly evidenceIds: readonly string[] },
  evidence: readonly ToldEvidence[],
  pseudonyms: Pseudonyms,
): string | undefined {
  if (claim.evidenceIds.length === 0) return 'cites no evidence';
  const unknownId = claim.evidenceIds.find((id) => !evidence.some((item) => item.id === id));
  if (unknownId !== undefined) return `cites ${unknownId}, which does not exist`;
  const cited = evidence.filter(({ id }) => claim.evidenceIds.includes(id));
  return doubtAbout(claim.text, cited, evidence, pseudonyms, MIN_SHARED_BY_CLAIM);
}

/** The same for a sentence that cites nothing and may rest on all facts. */
export function reasonToDoubtSummary(
  sentence: string,
  evidence: readonly ToldEvidence[],
  pseudonyms: Pseudonyms,
): string | undefined {
  return doubtAbout(sentence, evidence, evidence, pseudonyms, MIN_SHARED_BY_SUMMARY);
}

function doubtAbout(
  text: string,
  cited: readonly ToldEvidence[],
  all: readonly ToldEvidence[],
  pseudonyms: Pseudonyms,
  minSharedWords: number,
): string | undefined {
  const facts = fold(cited.map(factText).join('\n'));
  const [madeUp] = pseudonyms.unknownIn(text);
  if (madeUp !== undefined) return `speaks of ${madeUp}, which stands for nothing`;
  const address = /\b[a-z][a-z0-9+.-]*:\/\/\S+/i.exec(text)?.[0];
  if (address !== undefined) return 'holds an address that no evidence has';

  for (const match of text.matchAll(QUOTED)) {
    const quote = (match[1] ?? match[2] ?? match[3] ?? match[4] ?? '').replace(/[.,;:!]$/, '');
    if (!facts.includes(fold(quote)))
      return `quotes “${quote}”, which the cited evidence does not have`;
  }
  const figure = unknownFigure(text, cited);
  if (figure !== undefined)
    return `names the figure ${figure}, which the cited evidence does not have`;

  const words = wordsOf(text);
  const services = new Set(all.flatMap(({ service }) => service ?? []));
  for (const service of services) {
    if (hasName(text, service) && !facts.includes(fold(service))) {
      return `speaks of ${service}, which the cited evidence does not`;
    }
  }
  const known = wordsOf(facts);
  const shared = [...words].filter((word) => known.has(word)).length;
  return shared < Math.min(minSharedWords, words.size) || words.size === 0
    ? 'has nothing in common with the cited evidence'
    : undefined;
}

function factText({ service, template, statement, kind }: ToldEvidence): string {
  return [service ?? '', kind, template ?? '', statement].join('\n');
}

function hasName(text: string, service: string): boolean {
  const escaped = service.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}-])${escaped}(?![\\p{L}\\p{N}-])`, 'iu').test(text);
}

function fold(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set([...text.toLowerCase().matchAll(WORD)].map(([word]) => word));
}

function unknownFigure(text: string, cited: readonly ToldEvidence[]): string | undefined {
  const known = cited.flatMap(({ statement, template, figures }) => [
    ...numbersIn(`${statement} ${template ?? ''}`).map(({ value }) => value),
    ...Object.values(figures),
  ]);
  for (const { written, value, decimals, isPercent } of numbersIn(text)) {
    const tolerance = 0.5 * 10 ** -decimals + 1e-9;
    const isKnown = known.some(
      (figure) =>
        Math.abs(figure - value) <= (isPercent ? tolerance : Math.min(tolerance, 0.5)) ||
        (isPercent && Math.abs(100 * figure - value) <= tolerance),
    );
    if (!isKnown) return written;
  }
  return undefined;
}

interface WrittenNumber {
  readonly written: string;
  readonly value: number;
  readonly decimals: number;
  readonly isPercent: boolean;
}

function numbersIn(text: string): readonly WrittenNumber[] {
  const bare = text.replace(NAMES_WITH_DIGITS, ' ');
  const digits = [...bare.matchAll(NUMBER)].map((match): WrittenNumber => {
    const [written] = match;
    const value = Number(written.replace(/,(?=\d{3}(?:\D|$))/g, '').replace(',', '.'));
    const after = bare.slice(match.index + written.length, match.index + written.length + 9);
    return {
      written,
      value,
      decimals: /[.](\d+)$/.exec(written)?.[1]?.length ?? 0,
      isPercent: /^\s*(?:%|percent)/i.test(after),
    };
  });
  const words = [...bare.toLowerCase().matchAll(/\p{L}+/gu)].flatMap(([word]): WrittenNumber[] => {
    const value = Object.hasOwn(NUMBER_WORDS, word) ? NUMBER_WORDS[word] : undefined;
    return value === undefined ? [] : [{ written: word, value, decimals: 0, isPercent: false }];
  });
  return [...digits, ...words];
}
