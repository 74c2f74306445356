import { z } from 'zod';
import { BundleFailure } from './pipeline-failure';

/** A template of a model: its text and how often each service wrote it in training. */
export interface CataloguedTemplate {
  readonly id: string;
  readonly text: string;
  readonly count: number;
  readonly services: Readonly<Record<string, number>>;
}

const catalogueSchema = z.object({
  formatVersion: z.literal(1),
  /** Snapshot of the frozen tree; its own room checks it. */
  miner: z.unknown(),
  templates: z
    .array(
      z.object({
        id: z.string(),
        text: z.string(),
        count: z.number().int().nonnegative(),
        services: z.record(z.string(), z.number().int().positive()),
      }),
    )
    .readonly(),
});

export type CatalogueSnapshot = z.infer<typeof catalogueSchema>;

/** The templates of a model by id. */
export class TemplateCatalogue {
  private readonly byId: ReadonlyMap<string, CataloguedTemplate>;
  private readonly mainServices = new Map<string, string>();

  constructor(readonly templates: readonly CataloguedTemplate[]) {
    this.byId = new Map(templates.map((template) => [template.id, template]));
    for (const { id, services } of templates) {
      const main = Object.entries(services).sort((a, b) => b[1] - a[1])[0];
      if (main) this.mainServices.set(id, main[0]);
    }
  }

  textOf(id: string): string | undefined {
    return this.byId.get(id)?.text;
  }

  /** The service that wrote the template most often in training. */
  serviceOf(id: string): string | undefined {
    return this.mainServices.get(id);
  }

  /** @throws BundleFailure when `templates.json` is not what this version writes */
  static parse(json: string): { catalogue: TemplateCatalogue; miner: unknown } {
    const parsed = catalogueSchema.safeParse(JSON.parse(json));
    if (!parsed.success) throw new BundleFailure('templates.json', z.prettifyError(parsed.error));
    return { catalogue: new TemplateCatalogue(parsed.data.templates), miner: parsed.data.miner };
  }

  static serialise(miner: unknown, templates: readonly CataloguedTemplate[]): string {
    return JSON.stringify({ formatVersion: 1, miner, templates } satisfies CatalogueSnapshot);
  }
}
