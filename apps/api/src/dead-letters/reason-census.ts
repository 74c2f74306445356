import { setImmediate as turnOfOthers } from 'node:timers/promises';
import type { DeadLetterReasons } from '@logbert/contracts';
import {
  DEAD_LETTER_HEADERS,
  type LogStream,
  type OffsetSpan,
  type RawRecord,
} from '@logbert/log-stream';

/** Codes that are told one by one. */
const SHOWN_CODES = 20;
/** Codes that are told apart; the program itself has some dozens. */
const KNOWN_CODES = 200;
/** What is counted of all partitions: each letter takes eight bytes of memory for as long as it is kept. */
const COUNTED_LETTERS = 500_000;
/** After so much a reading ends, and the next one goes on. */
const READ_BYTES = 268_435_456;

/** After so many letters of a spool, which come without a pause, everybody else has a turn. */
const LETTERS_A_TURN = 200;

const UNKNOWN_CODE = 'unknown';
/** What stands for an offset that holds no letter, and for codes beyond those that are told apart. */
const NO_LETTER = 0;
const OTHER_CODE = 1;

/** Consecutive offsets of a partition from `start` on, each by the number of its letter's code. */
interface Counted {
  start: number;
  readonly codes: number[];
}

/**
 * Counts dead letters by the code of their reason.
 *
 * Letters are only ever added at the end of a partition and removed at its start. So each is read once, and its code is remembered
 * by its offset, to be taken off the count when the letter is gone.
 */
export class ReasonCensus {
  private readonly partitions = new Map<number, Counted>();
  private readonly numbers = new Map<string, number>();
  /** How many there are, by the number of their code. */
  private readonly letters: number[] = [0, 0];
  private reading: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly stream: Pick<LogStream, 'readDeadLetters'>,
    private readonly limits = { letters: COUNTED_LETTERS, bytes: READ_BYTES },
  ) {}

  /** Reads the letters that are not counted yet. One reading at a time: who asks meanwhile waits for the one under way. */
  count(spans: readonly OffsetSpan[]): Promise<void> {
    this.reading ??= this.read(spans).finally(() => (this.reading = undefined));
    return this.reading;
  }

  /** Ends a reading at its next letter. */
  stop(): void {
    this.isStopped = true;
  }

  /** @param spans all letters that are kept */
  summary(spans: readonly OffsetSpan[]): DeadLetterReasons {
    const all = [...this.numbers]
      .map(([code, number]) => ({ code, letters: this.letters[number] ?? 0 }))
      .filter(({ letters }) => letters > 0)
      .sort((a, b) => b.letters - a.letters || (a.code < b.code ? -1 : 1));
    const unnamed = all.slice(SHOWN_CODES).map(({ letters }) => letters);
    const seen = [...this.partitions.values()].map(({ codes }) => codes.length);
    return {
      byCode: all.slice(0, SHOWN_CODES),
      others: sum(unnamed) + (this.letters[OTHER_CODE] ?? 0),
      uncounted: Math.max(0, sum(spans.map(({ start, end }) => end - start)) - sum(seen)),
    };
  }

  private async read(spans: readonly OffsetSpan[]): Promise<void> {
    this.forgetOthers(spans);
    const due = spans.flatMap((span) => {
      const start = endOf(this.countedOf(span, spans.length));
      return start < span.end ? [{ ...span, start }] : [];
    });
    if (due.length === 0) return;
    let [read, bytes] = [0, 0];
    for await (const letter of this.stream.readDeadLetters(due)) {
      if (this.isStopped) return;
      this.note(letter);
      bytes += letter.value.length;
      if (bytes >= this.limits.bytes) return;
      if (++read % LETTERS_A_TURN === 0) await turnOfOthers();
    }
    // Marks of transactions and damaged letters may be the last ones.
    for (const { partition, end } of due) this.passTo(partition, end);
  }

  /** Partitions that have no letter any more. */
  private forgetOthers(spans: readonly OffsetSpan[]): void {
    for (const [partition, { codes }] of this.partitions) {
      if (spans.some((span) => span.partition === partition)) continue;
      this.takeOff(codes);
      this.partitions.delete(partition);
    }
  }

  /** What is counted of a partition, without the letters that are gone or too many. */
  private countedOf({ partition, start, end }: OffsetSpan, partitions: number): Counted {
    const from = Math.max(start, end - Math.ceil(this.limits.letters / partitions));
    const known = this.partitions.get(partition);
    // A topic that was made anew begins before what is known of it.
    const goesOn = known !== undefined && endOf(known) >= from && endOf(known) <= end;
    if (goesOn && known.start <= from) {
      this.takeOff(known.codes.splice(0, from - known.start));
      known.start = from;
      return known;
    }
    if (goesOn) return known;
    this.takeOff(known?.codes ?? []);
    const begun = { start: from, codes: [] };
    this.partitions.set(partition, begun);
    return begun;
  }

  private note({ partition, offset, headers }: RawRecord): void {
    const counted = this.partitions.get(partition);
    if (counted === undefined || offset < endOf(counted)) return;
    this.passTo(partition, offset);
    this.add(counted, this.numberOf(codeOf(headers[DEAD_LETTER_HEADERS.reason] ?? '')));
  }

  private passTo(partition: number, offset: number): void {
    const counted = this.partitions.get(partition);
    while (counted !== undefined && endOf(counted) < offset) this.add(counted, NO_LETTER);
  }

  private add({ codes }: Counted, number: number): void {
    codes.push(number);
    this.letters[number] = (this.letters[number] ?? 0) + 1;
  }

  private takeOff(codes: readonly number[]): void {
    for (const number of codes) this.letters[number] = (this.letters[number] ?? 0) - 1;
  }

  private numberOf(code: string): number {
    const known = this.numbers.get(code);
    if (known !== undefined) return known;
    if (this.numbers.size >= KNOWN_CODES) return OTHER_CODE;
    this.numbers.set(code, this.letters.length);
    return this.letters.push(0) - 1;
  }
}

function endOf({ start, codes }: Counted): number {
  return start + codes.length;
}

/** The reason begins with its code; anything else that may stand there is not for a list of codes. */
function codeOf(reason: string): string {
  const [code = ''] = reason.split(':', 1);
  return /^[\w./-]{1,100}$/.test(code) ? code : UNKNOWN_CODE;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
