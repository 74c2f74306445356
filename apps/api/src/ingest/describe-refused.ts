import type { IngestReceipt } from '@logbert/contracts';

/** Senders write what they are told into their logs, and cut it there: Promtail after 1,024 characters. */
const NAMED = 5;

/**
 * Says in one line what of a request was refused, for a sender that shows it to a person.
 *
 * @param what what the protocol calls one line
 */
export function describeRefused(
  { accepted, rejected, reasons }: IngestReceipt,
  what: string,
): string {
  const named = reasons.slice(0, NAMED).map(({ line, reason }) => `${what} ${line} (${reason})`);
  const unnamed = rejected - named.length;
  const list = [...named, ...(unnamed > 0 ? [`${unnamed} more`] : [])].join(', ');
  return `${rejected} of ${accepted + rejected} refused, the rest is kept; do not send it again: ${list}`;
}
