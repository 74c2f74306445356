import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A door to a service that can be shut: then nobody reaches it, as when a network is cut. */
export class Gate implements AsyncDisposable {
  private readonly sockets = new Set<Socket>();
  private isShut = false;

  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  /** @param target address of the service, such as `http://127.0.0.1:9000` */
  static async open(target: string): Promise<Gate> {
    const url = new URL(target);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    if (typeof bound !== 'object' || bound === null) throw new TypeError('the gate has no port');
    const gate = new Gate(server, `http://127.0.0.1:${bound.port}`);
    server.on('connection', (socket) => gate.pass(socket, Number(url.port), url.hostname));
    return gate;
  }

  shut(): void {
    this.isShut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  reopen(): void {
    this.isShut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.shut();
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  private pass(caller: Socket, port: number, host: string): void {
    if (this.isShut) {
      caller.destroy();
      return;
    }
    const service = connect(port, host);
    for (const [socket, other] of [
      [caller, service],
      [service, caller],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
