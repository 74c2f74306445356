import { type ChildProcess, fork } from 'node:child_process';
import { type DemoFaultName, type DemoState, demoStateSchema } from '@logbert/contracts';
import { z } from 'zod';

/** What the shop tells its server. */
const messageSchema = z.object({ type: z.literal('state'), state: demoStateSchema });

export type DemoCommand =
  | { readonly type: 'fault'; readonly name: DemoFaultName }
  | { readonly type: 'automatic'; readonly isAutomatic: boolean };

const STOP_MS = 2_000;

export interface DemoListener {
  readonly onState: (state: DemoState) => void;
  readonly onEnd: (reason: string) => void;
}

/** The demo shop in a process of its own: to the server it is a producer like any other. */
export class DemoChild {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private isStopping = false;

  constructor(program: string, url: string, apiKey: string | undefined, listener: DemoListener) {
    this.child = fork(program, ['demo', '--url', url], {
      execArgv: [],
      env: { ...process.env, ...(apiKey === undefined ? {} : { LOGBERT_API_KEY: apiKey }) },
    });
    this.child.on('message', (message) => {
      const parsed = messageSchema.safeParse(message);
      if (parsed.success) listener.onState(parsed.data.state);
    });
    this.ended = new Promise((resolve) => {
      const end = (reason: string) => {
        if (!this.isStopping) listener.onEnd(reason);
        resolve();
      };
      this.child.once('error', (error) => end(error.message));
      this.child.once('close', (code, signal) => end(`it ended with ${signal ?? `code ${code}`}`));
    });
  }

  send(command: DemoCommand): void {
    if (this.child.connected) this.child.send(command, () => undefined);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.child.kill('SIGTERM');
    const deadline = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    await this.ended;
    clearTimeout(deadline);
  }
}
