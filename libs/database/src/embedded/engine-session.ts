import { Duplex } from 'node:stream';

/** What comes back at once for a start-up message: AuthenticationOk and ReadyForQuery, since there is nobody to let in. */
const LET_IN = Uint8Array.of(0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49);
const TERMINATE = 'X'.charCodeAt(0);

/** One session of the embedded engine as the socket that `pg` takes it for. */
export class EngineSession extends Duplex {
  private isLetIn = false;

  /**
   * @param begin asks for the session; `opened` is to be called when it is there
   * @param send takes whole messages of the wire protocol; the answers are for `receive`
   */
  constructor(
    private readonly begin: () => void,
    private readonly send: (messages: Uint8Array) => void,
  ) {
    super();
  }

  /** Called by `pg`, with a place that means nothing here. */
  connect(): this {
    this.begin();
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  opened(): void {
    this.emit('connect');
  }

  receive(answer: Uint8Array): void {
    if (!this.destroyed) this.push(answer);
  }

  override _read(): void {
    // Answers are pushed as they come.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.pass(chunk);
    done();
  }

  /** Messages that belong together come as one, so that the thread is asked once. */
  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.pass(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    done();
  }

  private pass(messages: Buffer): void {
    if (!this.isLetIn) {
      this.isLetIn = true;
      this.push(LET_IN);
    } else if (messages[0] === TERMINATE) this.push(null);
    else this.send(messages);
  }
}
