import type { StreamSettings } from '@logbert/contracts';
import { buildDecoder } from '@logbert/log-records';

interface Told {
  readonly service: string;
  readonly level: string;
  readonly message: string;
}

interface OpenSession {
  readonly lines: readonly Told[];
  readonly suffix: string;
  next: number;
}

/** The sessions of a log over and over, so many of them at once, a line of each in turn. */
export class InterleavedSessions {
  private readonly sessions: readonly (readonly Told[])[];
  private readonly keys: RegExp;
  private readonly open: OpenSession[] = [];
  /** Sessions so far. */
  begun = 0;
  private written = 0;

  /**
   * @param texts raw lines; those without a session key are left out
   * @param settings how they are read
   * @param at how many sessions are open, and the event time between two lines of one, milliseconds
   * @throws what a decoder throws of a line that it cannot read
   */
  constructor(
    texts: readonly string[],
    { format, sessionKey }: StreamSettings,
    private readonly at: {
      readonly open: number;
      readonly pauseMs: number;
      readonly fromMs: number;
    },
  ) {
    const pattern = sessionKey.pattern ?? '';
    this.keys = new RegExp(pattern, 'g');
    const finder = new RegExp(pattern);
    const decode = buildDecoder(format, sessionKey);
    const encoder = new TextEncoder();
    const byKey = new Map<string, Told[]>();
    for (const [line, text] of texts.entries()) {
      const [key] = finder.exec(text) ?? [];
      if (key === undefined) continue;
      const { service, level, message } = decode(encoder.encode(text), line);
      const own = byKey.get(key);
      if (own) own.push({ service, level, message });
      else byKey.set(key, [{ service, level, message }]);
    }
    this.sessions = [...byKey.values()];
  }

  /** The next lines, as JSON. */
  take(count: number): readonly string[] {
    return Array.from({ length: count }, () => this.takeOne());
  }

  private takeOne(): string {
    const { open, pauseMs, fromMs } = this.at;
    const place = this.written % open;
    let session = this.open[place];
    if (!session || session.next >= session.lines.length) {
      session = this.begin();
      this.open[place] = session;
    }
    const { message, service, level } = session.lines[session.next++] ?? NOTHING;
    const timestamp = new Date(
      fromMs + Math.floor((this.written++ / open) * pauseMs),
    ).toISOString();
    const own = message.replace(this.keys, (key) => key + session.suffix);
    return JSON.stringify({ timestamp, service, level, message: own });
  }

  private begin(): OpenSession {
    const number = this.begun++;
    const lines = this.sessions[number % this.sessions.length] ?? [];
    // Digits, which any pattern of an id is likely to take.
    return { lines, suffix: String(number).padStart(8, '0'), next: 0 };
  }
}

const NOTHING: Told = { service: '', level: 'info', message: '' };
