import type { Cause, Claim, Evidence, Incident, Narrative } from '@logbert/contracts';
import { reasonToDoubt, reasonToDoubtSummary } from './citation-check';
import { type NarrativeAnswer, parseAnswer } from './narrative-answer';
import { NarrativeFailure } from './narrative-failure';
import {
  answerSchema,
  buildMessages,
  type ChatMessage,
  tellEvidence,
  type ToldEvidence,
} from './narrative-prompt';
import { Pseudonyms } from './pseudonyms';

/** Asks a language model once; rejects when it cannot, and when the signal aborts. */
export type Complete = (request: {
  readonly messages: readonly ChatMessage[];
  readonly jsonSchema: object;
  readonly signal: AbortSignal;
}) => Promise<string>;

export interface NarrationInput {
  readonly incident: Incident;
  readonly evidence: readonly Evidence[];
  readonly causes: readonly Cause[];
  /** Name of the language model, to be shown with its words. */
  readonly model: string;
  readonly complete: Complete;
  readonly signal: AbortSignal;
}

const MAX_NEXT_STEPS = 4;
const MAX_STEP = 300;
/** Behind the mark, so that 0.5 and db.example stay whole. */
const SENTENCE_END = /(?<=[.!?]["”]?)\s+(?=[\p{Lu}\p{N}“"<])/u;
/** Neither belongs into advice that a log line may have slipped in. */
const SUSPICIOUS_STEP = /:\/\/|[|;&`$]|\b(?:curl|wget|sudo|rm -|chmod|base64|eval)\b/i;

/**
 * Turns evidence into prose by one question to a language model, and checks every claim of the answer.
 *
 * The model sees templates, figures and typed stand-ins for parameters, never a raw line, and has no tools. A claim that
 * its cited evidence does not bear out is kept with `isVerified` false and the reason; sentences of the summary that
 * nothing bears out are left out, and steps that hold addresses or commands are too.
 *
 * @throws NarrativeFailure with the reason, when there is no usable answer
 */
export async function narrate(input: NarrationInput): Promise<Narrative> {
  const { incident, evidence, causes, model } = input;
  if (evidence.length === 0) throw new NarrativeFailure('no-evidence');
  const services = new Set([
    ...incident.services,
    ...evidence.flatMap(({ service }) => service ?? []),
  ]);
  const pseudonyms = new Pseudonyms(new Set([...services].map((name) => name.toLowerCase())));
  const told = tellEvidence(evidence, pseudonyms);
  const messages = buildMessages(incident, told, causes);
  const answer = parseAnswer(await ask(input, messages, told));

  const claims = answer.claims.map((claim): Claim => {
    const reason = reasonToDoubt(claim, told, pseudonyms);
    return {
      text: pseudonyms.reveal(claim.text),
      evidenceIds: claim.evidenceIds,
      isVerified: reason === undefined,
      reason: reason === undefined ? null : pseudonyms.reveal(reason),
    };
  });
  return {
    model,
    summary: pseudonyms.reveal(checkedSummary(answer, told, pseudonyms)),
    claims,
    verifiedClaims: claims.filter(({ isVerified }) => isVerified).length,
    totalClaims: claims.length,
    nextSteps: answer.nextSteps
      .filter((step) => step.trim() !== '' && step.length <= MAX_STEP)
      .filter((step) => !SUSPICIOUS_STEP.test(step) && pseudonyms.unknownIn(step).length === 0)
      .slice(0, MAX_NEXT_STEPS)
      .map((step) => pseudonyms.reveal(step.trim())),
  };
}

async function ask(
  { complete, signal }: NarrationInput,
  messages: readonly ChatMessage[],
  told: readonly ToldEvidence[],
): Promise<string> {
  try {
    return await complete({ messages, jsonSchema: answerSchema(told), signal });
  } catch (cause) {
    if (signal.aborted) throw new NarrativeFailure('timed-out', { cause });
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new NarrativeFailure('call-failed', { cause, detail });
  }
}

/** The sentences of the summary that some evidence bears out; without any, the verified claims speak. */
function checkedSummary(
  { summary, claims }: NarrativeAnswer,
  told: readonly ToldEvidence[],
  pseudonyms: Pseudonyms,
): string {
  const kept = summary
    .split(SENTENCE_END)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '')
    .filter((sentence) => reasonToDoubtSummary(sentence, told, pseudonyms) === undefined);
  if (kept.length > 0) return kept.join(' ');
  return claims
    .filter((claim) => reasonToDoubt(claim, told, pseudonyms) === undefined)
    .slice(0, 2)
    .map(({ text }) => text)
    .join(' ');
}
