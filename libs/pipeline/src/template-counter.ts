import { TEMPLATE_BUCKET_MS, type TemplateCount } from '@logbert/contracts';

/** Counts lines by service, template and bucket of event time until they are taken. */
export class TemplateCounter {
  private readonly counts = new Map<
    string,
    { -readonly [K in keyof TemplateCount]: TemplateCount[K] }
  >();

  constructor(private readonly stream: string) {}

  add(service: string, templateId: string, timestampMs: number): void {
    const bucketMs = Math.floor(timestampMs / TEMPLATE_BUCKET_MS) * TEMPLATE_BUCKET_MS;
    const key = `${bucketMs}\n${templateId}\n${service}`;
    const known = this.counts.get(key);
    if (known) known.count++;
    else this.counts.set(key, { stream: this.stream, service, templateId, bucketMs, count: 1 });
  }

  take(): readonly TemplateCount[] {
    const taken = [...this.counts.values()];
    this.counts.clear();
    return taken;
  }
}
