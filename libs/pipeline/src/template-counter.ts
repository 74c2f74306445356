import { TEMPLATE_BUCKET_MS, type TemplateCount } from '@logbert/contracts';

interface CountedLine {
  readonly service: string;
  readonly templateId: string;
  /** Undefined when no model named the template. */
  readonly modelId: string | undefined;
  /** Event time, epoch milliseconds. */
  readonly timestampMs: number;
}

type Count = { -readonly [K in keyof TemplateCount]: TemplateCount[K] };

/** Counts lines by model, service, template and bucket of event time until they are taken. */
export class TemplateCounter {
  /** By template, then service, then bucket, then model: every line looks one up, and a joined key would cost more. */
  private readonly counts = new Map<string, Map<string, Map<number, Count[]>>>();
  private begun: Count[] = [];

  constructor(private readonly stream: string) {}

  add(line: CountedLine): void {
    const { service, templateId, timestampMs } = line;
    const modelId = line.modelId ?? null;
    const bucketMs = Math.floor(timestampMs / TEMPLATE_BUCKET_MS) * TEMPLATE_BUCKET_MS;
    const byBucket = inner(inner(this.counts, templateId), service);
    const ofModels = byBucket.get(bucketMs);
    const known = ofModels?.find((count) => count.modelId === modelId);
    if (known) {
      known.count++;
      return;
    }
    const count = { stream: this.stream, service, templateId, modelId, bucketMs, count: 1 };
    if (ofModels) ofModels.push(count);
    else byBucket.set(bucketMs, [count]);
    this.begun.push(count);
  }

  /** In the order in which they began. */
  take(): readonly TemplateCount[] {
    const { begun } = this;
    this.begun = [];
    this.counts.clear();
    return begun;
  }
}

function inner<Key, InnerKey, Value>(
  maps: Map<Key, Map<InnerKey, Value>>,
  key: Key,
): Map<InnerKey, Value> {
  const known = maps.get(key);
  if (known) return known;
  const map = new Map<InnerKey, Value>();
  maps.set(key, map);
  return map;
}
