import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerClient } from '../demo/server-client';
import { MeasurementFailure } from './measurement-failure';

const ASK_EVERY_MS = 500;

/** @throws MeasurementFailure when the training fails */
export async function untilTrained(client: ServerClient, jobId: string): Promise<void> {
  for (;;) {
    const { finishedAt, error } = await client.trainingJob(jobId);
    if (error !== null) throw new MeasurementFailure(`the training failed: ${error.message}`);
    if (finishedAt !== null) return;
    await sleep(ASK_EVERY_MS);
  }
}
