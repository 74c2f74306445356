import {
  LIVE_EVENTS,
  type Model,
  type Page,
  type PageQuery,
  type TrainingJob,
} from '@logbert/contracts';
import type { Database, NewModel, Repositories } from '@logbert/database';
import type { TemplateCatalogue } from '@logbert/pipeline';
import { METRICS } from '@logbert/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { ArtifactsService } from '../artifacts/artifacts.service';
import { Meters } from '../metrics/meters';
import { ConflictFailure, NotFoundFailure } from '../problems/request-failure';
import { DATABASE } from '../storage/database.token';

/** The end of the job that trained a model: both are there or neither. */
export interface JobEnd {
  readonly job: TrainingJob;
  /** @throws when the job is not to end like this; then there is no model either */
  readonly write: (repositories: Repositories) => Promise<void>;
}

/** The register of trained models: which there are and which one scores each stream. */
@Injectable()
export class ModelsService {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly artifacts: ArtifactsService,
    meters: Meters,
  ) {
    meters.beforeScrape(async () => {
      const active = await database.repositories.models.activeAll();
      meters.reset(METRICS.modelInfo);
      for (const { stream, id } of active) meters.set(METRICS.modelInfo, 1, { stream, model: id });
    });
  }

  list(stream: string | undefined, page: PageQuery): Promise<Page<Model>> {
    return this.database.repositories.models.list({ stream, page });
  }

  async get(id: string): Promise<Model> {
    const model = await this.database.repositories.models.find(id);
    if (!model) throw new NotFoundFailure('model', id);
    return model;
  }

  /** Registers a trained model with the end of its job; the first of its stream, or one that was asked to, starts to score at once. */
  async register(trained: NewModel, jobEnd: JobEnd): Promise<Model> {
    const templates = await this.artifacts.loadTemplates(trained.id);
    return this.database.transaction(async (repositories) => {
      await repositories.lockStream(trained.stream);
      await jobEnd.write(repositories);
      const registered = await repositories.models.register(trained);
      const model = await this.begin(repositories, registered, jobEnd.job, templates);
      await repositories.events.append({ type: LIVE_EVENTS.training, data: jobEnd.job });
      return model;
    });
  }

  private async begin(
    repositories: Repositories,
    model: Model,
    job: TrainingJob,
    templates: TemplateCatalogue,
  ): Promise<Model> {
    const active = await repositories.models.active(model.stream);
    if (active === undefined || isToScore(job, model, active)) {
      const promoted = await repositories.models.promote(model.id, Date.now());
      return activate(repositories, promoted, templates);
    }
    await repositories.events.append({ type: LIVE_EVENTS.model, data: model });
    return model;
  }

  /** Makes a model score its stream; one whose bundle is missing or damaged is refused and nothing changes. */
  async promote(id: string): Promise<Model> {
    await this.get(id);
    const templates = await this.artifacts.loadTemplates(id);
    return this.database.transaction(async (repositories) =>
      activate(repositories, await repositories.models.promote(id, Date.now()), templates),
    );
  }

  /** Puts the model back that scored the stream before. */
  async rollback(stream: string): Promise<Model> {
    const previous = await this.database.repositories.models.previous(stream);
    if (!previous) {
      throw new ConflictFailure(`No model scored the stream "${stream}" before the present one.`);
    }
    const templates = await this.artifacts.loadTemplates(previous.id);
    return this.database.transaction(async (repositories) => {
      const model = await repositories.models.rollback(stream);
      if (model?.id !== previous.id) {
        throw new ConflictFailure(
          `The models of "${stream}" changed meanwhile; look and try again.`,
        );
      }
      return activate(repositories, model, templates);
    });
  }
}

/** One whose training diverged is for a person to promote, and so is an automatic one when somebody has chosen another meanwhile. */
function isToScore(
  { request, warning, origin, createdAt }: TrainingJob,
  model: Model,
  active: Model,
): boolean {
  if (request.promote !== true || warning !== null) return false;
  const isAsQueued = active.version === model.version - 1 && (active.promotedAt ?? 0) <= createdAt;
  return origin === 'request' || isAsQueued;
}

async function activate(
  repositories: Repositories,
  model: Model,
  { templates }: TemplateCatalogue,
): Promise<Model> {
  await repositories.templates.replaceOfModel(
    model.stream,
    templates.map(({ id, text, count, services }) => ({
      id,
      template: text,
      count,
      services: Object.keys(services),
    })),
  );
  await repositories.events.append({ type: LIVE_EVENTS.model, data: model });
  return model;
}
