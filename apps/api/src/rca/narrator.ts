import type { Incident, Narrative, RcaConfig, RootCauseReport } from '@logbert/contracts';
import { narrate, NarrativeFailure } from '@logbert/root-cause';
import { METRICS } from '@logbert/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { RCA_CONFIG } from '../config/config.module';
import { Meters } from '../metrics/meters';
import { CompletionFailure } from './completion-failure';
import { HuggingFaceCompletion } from './hugging-face-completion';

/** Has a language model put a report into words; without one configured there are none. */
@Injectable()
export class Narrator {
  private readonly model: string | undefined;
  private readonly completion: HuggingFaceCompletion | undefined;

  constructor(
    @Inject(RCA_CONFIG) { huggingFace }: RcaConfig,
    private readonly meters: Meters,
  ) {
    this.model = huggingFace?.model;
    this.completion = huggingFace ? new HuggingFaceCompletion(huggingFace) : undefined;
  }

  get isConfigured(): boolean {
    return this.completion !== undefined;
  }

  /** The report with prose or, when there is none to be had, with the reason; never an error. */
  async narrate(
    report: RootCauseReport,
    incident: Incident,
    signal: AbortSignal,
  ): Promise<RootCauseReport> {
    const { model, completion } = this;
    if (!completion || model === undefined) return report;
    const { evidence, causes } = report;
    try {
      const narrative = await narrate({
        incident,
        evidence,
        causes,
        model,
        complete: (request) => completion.complete(request),
        signal,
      });
      this.countClaims(narrative);
      return { ...report, narrative, narrativeState: 'written', narrativeError: null };
    } catch (error) {
      this.meters.count(METRICS.rcaLlmFailures, { reason: reasonOf(error) });
      const narrativeError = error instanceof Error ? error.message : String(error);
      return { ...report, narrative: null, narrativeState: 'failed', narrativeError };
    }
  }

  private countClaims({ verifiedClaims, totalClaims }: Narrative): void {
    this.meters.count(METRICS.rcaClaims, { verified: 'true' }, verifiedClaims);
    this.meters.count(METRICS.rcaClaims, { verified: 'false' }, totalClaims - verifiedClaims);
  }
}

/** The nearest known reason: what the server did, or else what was wrong with its answer. */
function reasonOf(error: unknown): string {
  if (!(error instanceof NarrativeFailure)) return 'error';
  return error.cause instanceof CompletionFailure ? error.cause.reason : error.reason;
}
