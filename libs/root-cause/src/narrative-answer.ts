import { z } from 'zod';
import { NarrativeFailure } from './narrative-failure';

const MAX_ANSWER = 100_000;
const MAX_CLAIMS = 12;

const answerShape = z.object({
  summary: z.string().default(''),
  claims: z
    .array(
      z.object({
        text: z.string().trim().min(1),
        evidenceIds: z.union([z.array(z.string()), z.string().transform((id) => [id])]).default([]),
      }),
    )
    .default([]),
  nextSteps: z.array(z.string()).default([]),
});

export type NarrativeAnswer = z.infer<typeof answerShape>;

const REFUSAL =
  /\b(?:I(?:['’]m| am)? (?:sorry|unable|not able|cannot|can['’]t|can not|won['’]t|will not|must decline)|as an AI|I apologi[sz]e)\b/i;

/**
 * Reads the answer of a language model: JSON as asked for, or the first such object in a fenced, streamed or chatty text.
 *
 * @throws NarrativeFailure when there is nothing, a refusal, no object of the form, or an object without a claim
 */
export function parseAnswer(text: string): NarrativeAnswer {
  const answer = withoutThoughts(text.slice(0, MAX_ANSWER)).trim();
  if (answer === '') throw new NarrativeFailure('empty');
  for (const candidate of objectsIn(answer)) {
    const parsed = answerShape.safeParse(candidate);
    if (!parsed.success || !looksLikeAnswer(candidate)) continue;
    if (parsed.data.claims.length === 0) {
      throw new NarrativeFailure(REFUSAL.test(parsed.data.summary) ? 'refused' : 'no-claims');
    }
    return { ...parsed.data, claims: parsed.data.claims.slice(0, MAX_CLAIMS) };
  }
  throw new NarrativeFailure(REFUSAL.test(answer) ? 'refused' : 'unreadable');
}

function looksLikeAnswer(candidate: unknown): boolean {
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    ('claims' in candidate || 'summary' in candidate)
  );
}

/** Reasoning models speak their thoughts first; an unfinished thought hides everything after it. */
function withoutThoughts(text: string): string {
  return text.replace(/<think(?:ing)?>[\s\S]*?(?:<\/think(?:ing)?>|$)/gi, '');
}

/** The JSON objects in a text, outermost ones, in order. */
function* objectsIn(text: string): Iterable<unknown> {
  for (let start = text.indexOf('{'); start >= 0;) {
    const end = endOfObject(text, start);
    const value = end === undefined ? undefined : tryParse(text.slice(start, end));
    if (value !== undefined && end !== undefined) {
      yield value;
      start = text.indexOf('{', end);
    } else {
      start = text.indexOf('{', start + 1);
    }
  }
}

/** Position behind the brace that closes the one at `start`; undefined when it is never closed. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let isInString = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
