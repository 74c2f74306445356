import { TEMPLATE_BUCKET_MS, type TemplateCount } from '@logbert/contracts';

interface CountedLine {
  readonly service: string;
  readonly templateId: string;
  /** Undefined when no model named the template. */
  readonly modelId: string | undefined;
  /** Event time, epoch milliseconds. */
  readonly timestampMs: number;
}

/** Counts lines by model, service, template and bucket of event time until they are taken. */
export class TemplateCounter {
  private readonly counts = new Map<
    string,
    { -readonly [K in keyof TemplateCount]: TemplateCount[K] }
  >();

  constructor(private readonly stream: string) {}

  add(line: CountedLine): void {
    const { service, templateId, timestampMs } = line;
    const modelId = line.modelId ?? null;
    const bucketMs = Math.floor(timestampMs / TEMPLATE_BUCKET_MS) * TEMPLATE_BUCKET_MS;
    const key = `${bucketMs}\n${modelId ?? ''}\n${templateId}\n${service}`;
    const known = this.counts.get(key);
    if (known) known.count++;
    else {
      const { stream } = this;
      this.counts.set(key, { stream, service, templateId, modelId, bucketMs, count: 1 });
    }
  }

  take(): readonly TemplateCount[] {
    const taken = [...this.counts.values()];
    this.counts.clear();
    return taken;
  }
}
