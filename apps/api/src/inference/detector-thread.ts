import { Worker } from 'node:worker_threads';
import { Failure } from '@logbert/failure';
import type {
  AnswerTo,
  DetectorAnswer,
  DetectorOrder,
  DetectorReply,
  DetectorRequest,
  DetectorThreadSettings,
} from './detector-protocol';

/** A detector thread could not do what it was asked. */
export class DetectorFailure extends Failure {
  readonly retriable = false;

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

interface Waiting {
  readonly resolve: (answer: DetectorAnswer) => void;
  readonly reject: (failure: Failure) => void;
}

/** The main thread's end of one detector thread. */
export class DetectorThread {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private isClosing = false;

  /**
   * @param file the built worker program
   * @param onDeath called when the thread ends without having been asked to; its windows are lost with it
   */
  constructor(file: string, settings: DetectorThreadSettings, onDeath: (failure: Failure) => void) {
    this.worker = new Worker(file, { workerData: settings, name: 'detector' });
    this.worker.on('message', (reply: DetectorReply) => this.settle(reply));
    const die = (reason: string): void => {
      if (this.isClosing) return;
      this.isClosing = true;
      const failure = new DetectorFailure(
        'inference/detector-died',
        `a detector thread died: ${reason}`,
      );
      for (const { reject } of this.waiting.values()) reject(failure);
      this.waiting.clear();
      onDeath(failure);
    };
    this.worker.on('error', (error) => die(error.stack ?? error.message));
    this.worker.on('exit', (code) => die(`exit code ${code}`));
  }

  ask<Order extends DetectorOrder>(
    order: Order,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<AnswerTo<Order>> {
    if (this.isClosing) {
      return Promise.reject(new DetectorFailure('inference/closed', 'the detector is closing'));
    }
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, {
        resolve: (answer) => resolve(answer as AnswerTo<Order>),
        reject,
      });
      this.worker.postMessage({ id, order } satisfies DetectorRequest, [...transfer]);
    });
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await this.worker.terminate();
  }

  private settle(reply: DetectorReply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.answer);
    else waiting?.reject(new DetectorFailure(reply.code, reply.message));
  }
}
