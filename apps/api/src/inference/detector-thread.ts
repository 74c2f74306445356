import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Failure } from '@logbert/failure';
import {
  type AnswerTo,
  AT_WORK,
  type DetectorAnswer,
  type DetectorOrder,
  type DetectorReply,
  type DetectorRequest,
  type DetectorThreadSettings,
} from './detector-protocol';

/** A detector thread could not do what it was asked. */
export class DetectorFailure extends Failure {
  /** @param retriable whether the thread is at fault, and not what it was asked */
  constructor(
    readonly code: string,
    message: string,
    readonly retriable: boolean,
  ) {
    super(message);
  }
}

const LOOKS = 20;
/** How long a thread that is closed may take over what it was asked before, and how often that is looked at. */
const ANSWERS_WITHIN_MS = 3_000;
const LOOK_MS = 10;
/** Lines live shortly: with more room they die young instead of being copied and collected as old ones. */
const YOUNG_MEBIBYTES = 96;

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
  private isOver = false;
  private readonly watch: NodeJS.Timeout;
  /** Looks on end at which something was asked and nothing had been answered since the look before. */
  private silentLooks = 0;

  /**
   * @param file the built worker program
   * @param answerWithinMs a thread that is asked and answers nothing for so long is ended
   * @param onDeath called when the thread ends without having been asked to; its windows are lost with it
   */
  constructor(
    file: string,
    settings: DetectorThreadSettings,
    answerWithinMs: number,
    onDeath: (failure: Failure) => void,
  ) {
    this.worker = new Worker(file, {
      workerData: settings,
      name: 'detector',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEBIBYTES },
    });
    this.worker.on('message', (reply: DetectorReply | typeof AT_WORK) => this.settle(reply));
    const die = (reason: string): void => {
      if (this.isClosing) return;
      this.isClosing = true;
      clearInterval(this.watch);
      const failure = new DetectorFailure(
        'inference/detector-died',
        `a detector thread died: ${reason}`,
        true,
      );
      for (const { reject } of this.waiting.values()) reject(failure);
      this.waiting.clear();
      onDeath(failure);
    };
    this.worker.on('error', (error) => die(error.stack ?? error.message));
    this.worker.on('exit', (code) => {
      this.isOver = true;
      die(`exit code ${code}`);
    });
    // Counted in looks: a computer that slept has not waited.
    this.watch = setInterval(() => {
      if (this.waiting.size === 0 || ++this.silentLooks <= LOOKS) return;
      die(`it gave no answer for ${answerWithinMs} ms`);
      void this.worker.terminate();
    }, answerWithinMs / LOOKS);
    this.watch.unref();
  }

  ask<Order extends DetectorOrder>(
    order: Order,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<AnswerTo<Order>> {
    if (this.isClosing) {
      return Promise.reject(
        new DetectorFailure('inference/closed', 'the detector is closing', true),
      );
    }
    if (this.waiting.size === 0) this.silentLooks = 0;
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, {
        resolve: (answer) => resolve(answer as AnswerTo<Order>),
        reject,
      });
      this.worker.postMessage({ id, order } satisfies DetectorRequest, [...transfer]);
    });
  }

  /** Waits for what was asked, for a while: a thread that is ended while it opens a network takes the process with it. */
  async close(): Promise<void> {
    this.isClosing = true;
    clearInterval(this.watch);
    const deadline = Date.now() + ANSWERS_WITHIN_MS;
    while (this.waiting.size > 0 && !this.isOver && Date.now() < deadline) await sleep(LOOK_MS);
    await this.worker.terminate();
  }

  private settle(reply: DetectorReply | typeof AT_WORK): void {
    this.silentLooks = 0;
    if (reply === AT_WORK) return;
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.answer);
    else waiting?.reject(new DetectorFailure(reply.code, reply.message, false));
  }
}
