import {
  type Anomaly,
  type Incident,
  type RcaConfig,
  TEMPLATE_BUCKET_MS,
  type TemplateCount,
} from '@logbert/contracts';
import type { CountsQuery, Database } from '@logbert/database';
import type { RootCauseInput } from '@logbert/root-cause';
import { Inject, Injectable } from '@nestjs/common';
import { RCA_CONFIG } from '../config/config.module';
import { DATABASE } from '../storage/database.token';

/** Anomalies of one incident that a report looks at: the first ones tell where it began. */
const MAX_ANOMALIES = 200;
/** Incidents of the same stream that may explain a change. */
const MAX_OTHERS = 50;
/** Time that lines must have been counted for before an incident, to say that they come more or less often in it. */
const LEAST_BASELINE_MS = 60_000;

/** Reads everything that a root-cause report is computed from. */
@Injectable()
export class EvidenceReader {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(RCA_CONFIG) private readonly config: RcaConfig,
  ) {}

  async read(incident: Incident): Promise<RootCauseInput> {
    const { anomalies: anomalyRows, templateCounts } = this.database.repositories;
    const anomalies = await anomalyRows.ofIncident(incident.id, MAX_ANOMALIES);
    const fromMs = bucketOf(
      Math.min(incident.openedAt, ...anomalies.map(({ firstAt }) => firstAt)),
    );
    const toMs = bucketOf(incident.lastSeenAt) + TEMPLATE_BUCKET_MS;
    const others = await this.readCulpritsOfOthers(incident, fromMs);
    const isOwn = ({ templateId }: TemplateCount): boolean => !others.has(templateId);
    // Another model names the same lines otherwise: to compare with its counts would show changes that never were.
    const of = { stream: incident.stream, modelId: latestModelOf(anomalies) };
    const counted = await templateCounts.between({ ...of, fromMs, toMs });
    const { counts, coveredMs } = await this.readBaseline(of, fromMs);
    const current = counted.filter(isOwn);
    const baseline = counts.filter(isOwn);
    const texts = await this.readTexts(anomalies, [...current, ...baseline]);
    return {
      incident,
      anomalies,
      current,
      baseline,
      currentMs: toMs - fromMs,
      baselineMs: coveredMs,
      templateText: (id) => texts.get(id),
      similar: await this.readSimilar(incident),
    };
  }

  /**
   * Templates whose change another incident explains already: what another fault writes, or has ceased to write since it
   * passed, says nothing of this one.
   */
  private async readCulpritsOfOthers(
    { id, stream, culprits }: Incident,
    fromMs: number,
  ): Promise<ReadonlySet<string>> {
    const { items } = await this.database.repositories.incidents.list({
      stream,
      page: { limit: MAX_OTHERS },
    });
    const own = new Set(culprits.map(({ templateId }) => templateId));
    const templates = items
      .filter((other) => other.id !== id && other.lastSeenAt >= fromMs - this.config.baselineMs)
      .flatMap((other) => other.culprits)
      .filter(({ isMissing, templateId }) => !isMissing && !own.has(templateId))
      .map(({ templateId }) => templateId);
    return new Set(templates);
  }

  /**
   * A stream or model younger than the baseline must not look as if it had been silent before; one that has only just begun says
   * nothing of how often a line comes.
   */
  private async readBaseline(of: Pick<CountsQuery, 'stream' | 'modelId'>, endMs: number) {
    const { templateCounts } = this.database.repositories;
    const span = { ...of, fromMs: bucketOf(endMs - this.config.baselineMs), toMs: endMs };
    const firstMs = await templateCounts.firstBucket(span);
    if (firstMs === undefined || endMs - firstMs < LEAST_BASELINE_MS) {
      return { counts: [], coveredMs: 0 };
    }
    return { counts: await templateCounts.between(span), coveredMs: endMs - firstMs };
  }

  private async readTexts(
    anomalies: readonly Anomaly[],
    counts: readonly TemplateCount[],
  ): Promise<ReadonlyMap<string, string>> {
    const texts = new Map<string, string>();
    for (const { lines, missing, rates } of anomalies) {
      for (const { templateId, template } of [...lines, ...missing, ...rates])
        texts.set(templateId, template);
    }
    const unknown = counts.map(({ templateId }) => templateId).filter((id) => !texts.has(id));
    for (const [id, text] of await this.database.repositories.templates.text(unknown)) {
      texts.set(id, text);
    }
    return texts;
  }

  private async readSimilar({ similar }: Incident): Promise<readonly Incident[]> {
    const found = await Promise.all(
      similar.map(({ incidentId }) => this.database.repositories.incidents.find(incidentId)),
    );
    return found.filter((incident) => incident !== undefined);
  }
}

/** The model that saw the incident last; null without an anomaly. */
function latestModelOf(anomalies: readonly Anomaly[]): string | null {
  const latest = anomalies.reduce<Anomaly | undefined>(
    (last, anomaly) => (last && last.detectedAt >= anomaly.detectedAt ? last : anomaly),
    undefined,
  );
  return latest?.modelId ?? null;
}

function bucketOf(atMs: number): number {
  return Math.floor(atMs / TEMPLATE_BUCKET_MS) * TEMPLATE_BUCKET_MS;
}
