import { setTimeout as sleep } from 'node:timers/promises';
import type {
  DeadLetter,
  DeadLetterPage,
  DeadLetterReceipt,
  DeadLetterReplay,
  PageQuery,
} from '@logbert/contracts';
import type { Database, LetterPlace } from '@logbert/database';
import { Failure } from '@logbert/failure';
import { redactSecrets } from '@logbert/log-records';
import {
  DEAD_LETTER_HEADERS,
  type LogStream,
  type OffsetSpan,
  type RawRecord,
} from '@logbert/log-stream';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { DATABASE } from '../storage/database.token';
import { readLetterPage } from './letter-pages';
import { ReasonCensus } from './reason-census';

/** Characters of a record that are shown. */
const SHOWN_CHARACTERS = 2_000;
/** UTF-8 takes four bytes a character at most. */
const SHOWN_BYTES = 4 * SHOWN_CHARACTERS;
/** Letters that are looked up, and noted as sent, at once. */
const AT_ONCE = 100;
/** How long a page that is ready waits for the letters that are being counted. */
const COUNTED_WITHIN_MS = 500;

/** Records that could not be processed: shown, and sent again once what was wrong is mended. */
@Injectable()
export class DeadLettersService implements OnModuleDestroy {
  private readonly logger = new Logger('DeadLetters');
  /** One replay at a time, so that two that ask for the same letters send them once. */
  private replaying: Promise<unknown> = Promise.resolve();
  private readonly census: ReasonCensus;

  constructor(
    @Inject(LOG_STREAM) private readonly stream: LogStream,
    @Inject(DATABASE) private readonly database: Database,
  ) {
    this.census = new ReasonCensus(stream);
  }

  onModuleDestroy(): void {
    this.census.stop();
  }

  async list(page: PageQuery): Promise<DeadLetterPage> {
    const spans = await this.stream.deadLetterSpans();
    const counting = this.census.count(spans).catch((error: unknown) => {
      this.logger.warn(`dead letters were not counted to the end: ${String(error)}`);
    });
    const { letters, nextCursor, total } = await readLetterPage(this.stream, spans, page);
    const { replayedLetters } = this.database.repositories;
    const times = await replayedLetters.times(this.source, letters);
    const items = letters.map((letter) => shown(letter, times.get(nameOf(letter)) ?? null));
    await Promise.race([counting, sleep(COUNTED_WITHIN_MS, undefined, { ref: false })]);
    return { items, nextCursor, total, reasons: this.census.summary(spans) };
  }

  replay(wanted: DeadLetterReplay): Promise<DeadLetterReceipt> {
    const replay = this.replaying.catch(() => undefined).then(() => this.replayAll(wanted));
    this.replaying = replay;
    return replay;
  }

  private get source(): string {
    return this.stream.identity;
  }

  private async replayAll({ ids, reason, stream }: DeadLetterReplay): Promise<DeadLetterReceipt> {
    const wanted = ids && new Set(ids);
    const spans = spansOf(await this.stream.deadLetterSpans(), wanted);
    let [replayed, skipped] = [0, 0];
    let letters: RawRecord[] = [];
    const flush = async () => {
      const sent = await this.send(letters, wanted !== undefined);
      replayed += sent;
      skipped += letters.length - sent;
      letters = [];
    };
    for await (const letter of this.stream.readDeadLetters(spans)) {
      if (wanted && !wanted.has(idOf(letter))) continue;
      if (stream !== undefined && letter.stream !== stream) continue;
      const own = letter.headers[DEAD_LETTER_HEADERS.reason] ?? '';
      if (reason !== undefined && !own.startsWith(reason)) continue;
      letters.push(letter);
      if (letters.length >= AT_ONCE) await flush();
    }
    await flush();
    this.logger.log(`${replayed} dead letters were sent again, ${skipped} were not`);
    return { replayed, skipped };
  }

  /** How many were sent; those that were sent before only when they are asked for by name. */
  private async send(letters: readonly RawRecord[], isByName: boolean): Promise<number> {
    const { replayedLetters } = this.database.repositories;
    const known = await replayedLetters.times(this.source, letters);
    const sent: LetterPlace[] = [];
    try {
      for (const letter of letters) {
        if (!isByName && known.has(nameOf(letter))) continue;
        if (letter.headers[DEAD_LETTER_HEADERS.truncatedFrom] !== undefined) continue;
        // It is no line, and must not become one.
        if (letter.headers[DEAD_LETTER_HEADERS.anomaly] !== undefined) continue;
        if (await this.isSent(letter)) sent.push(letter);
      }
    } finally {
      // Noted even when the next one failed: it must not be sent once more.
      const places = sent.map(({ partition, offset }) => ({ partition, offset }));
      await replayedLetters.add(this.source, places, Date.now());
    }
    return sent.length;
  }

  private async isSent(letter: RawRecord): Promise<boolean> {
    try {
      await this.stream.replay(letter);
      return true;
    } catch (error) {
      if (error instanceof Failure && !error.retriable) return false;
      throw error;
    }
  }
}

function spansOf(
  spans: readonly OffsetSpan[],
  wanted: ReadonlySet<string> | undefined,
): readonly OffsetSpan[] {
  if (!wanted) return spans;
  const places = [...wanted].map((id) => id.split('-').map(Number));
  return spans.flatMap(({ partition, start, end }) => {
    const offsets = places.flatMap(([own, offset = 0]) => (own === partition ? [offset] : []));
    if (offsets.length === 0) return [];
    const first = Math.max(start, Math.min(...offsets));
    const last = Math.min(end, Math.max(...offsets) + 1);
    return first < last ? [{ partition, start: first, end: last }] : [];
  });
}

function shown(letter: RawRecord, replayedAt: number | null): DeadLetter {
  const { stream, key, headers, value, receivedAtMs } = letter;
  const own = new Set<string>(Object.values(DEAD_LETTER_HEADERS));
  const topic = headers[DEAD_LETTER_HEADERS.topic];
  const text = new TextDecoder().decode(value.subarray(0, SHOWN_BYTES));
  return {
    id: idOf(letter),
    stream,
    reason: headers[DEAD_LETTER_HEADERS.reason] ?? '',
    origin:
      topic === undefined
        ? null
        : {
            topic,
            partition: Number(headers[DEAD_LETTER_HEADERS.partition] ?? 0),
            offset: Number(headers[DEAD_LETTER_HEADERS.offset] ?? 0),
          },
    key: key ?? null,
    headers: Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => !own.has(name))
        .map(([name, content]) => [name, redactSecrets(content)]),
    ),
    text: redactSecrets(text).slice(0, SHOWN_CHARACTERS),
    bytes: Number(headers[DEAD_LETTER_HEADERS.truncatedFrom] ?? value.length),
    parkedAt: receivedAtMs,
    replayedAt,
  };
}

function idOf({ partition, offset }: LetterPlace): string {
  return `${partition}-${offset}`;
}

function nameOf({ partition, offset }: LetterPlace): string {
  return `${partition}/${offset}`;
}
