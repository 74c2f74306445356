import {
  anomalyHeadSchema,
  ingestReceiptSchema,
  pageSchema,
  ROUTES,
  streamSchema,
  streamSettingsSchema,
} from '@logbert/contracts';
import type { z } from 'zod';
import { ask, json } from './http';
import type { Server } from './server';

/** One stream of a server, as those see it who send it lines and read what was found. */
export class OwnStream {
  /** @param server asked each time, since it may be started anew */
  constructor(
    private readonly server: () => Server,
    private readonly name: string,
  ) {}

  async set(settings: z.input<typeof streamSettingsSchema>): Promise<void> {
    await ask(this.url, streamSchema, json('PUT', streamSettingsSchema.parse(settings)));
  }

  /** @param lines NDJSON */
  async send(lines: string): Promise<void> {
    await ask(`${this.server().url}${ROUTES.logs}?stream=${this.name}`, ingestReceiptSchema, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines,
      status: 202,
    });
  }

  /** What it has seen without a model; undefined once it has one. */
  async untrained() {
    return (await ask(this.url, streamSchema)).untrained;
  }

  async anomalies() {
    const url = `${this.server().url}${ROUTES.anomalies}?stream=${this.name}`;
    return (await ask(url, pageSchema(anomalyHeadSchema))).items;
  }

  private get url(): string {
    return this.server().url + ROUTES.stream.replace(':name', this.name);
  }
}
