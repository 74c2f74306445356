import type { KnownTemplates } from './known-templates';
import type { LineEntry } from './line-entry';
import type { NovelLines } from './novel-lines';

/** Texts that are remembered for each template that the live miner may hold. */
const REMEMBERED_FACTOR = 2;

interface MetTemplate {
  readonly id: string;
  readonly text: string;
  readonly service: string;
}

export type MetTemplatesState = readonly (readonly [cluster: number, template: MetTemplate])[];

/** The templates of the lines that the live miner groups, by the number of their group; the texts read first give way, and are
 * read again when their template is met again. */
export class MetTemplates {
  private readonly byCluster = new Map<number, MetTemplate>();

  constructor(
    private readonly novel: Pick<NovelLines, 'describe'>,
    private readonly maxTemplates: number,
  ) {}

  meet(entry: LineEntry): void {
    const { cluster, templateId } = entry;
    if (cluster === undefined) return;
    if (this.byCluster.get(cluster)?.id === templateId) return;
    this.byCluster.delete(cluster);
    this.byCluster.set(cluster, this.read(entry));
    const [oldest] = this.byCluster.keys();
    if (this.byCluster.size > REMEMBERED_FACTOR * this.maxTemplates && oldest !== undefined) {
      this.byCluster.delete(oldest);
    }
  }

  of(cluster: number | undefined): MetTemplate | undefined {
    return cluster === undefined ? undefined : this.byCluster.get(cluster);
  }

  /** In the place of a model's templates; tokens are numbers of groups. */
  readonly known: KnownTemplates = {
    modelId: null,
    miner: { match: (message) => this.novel.describe('', message) },
    vocabulary: { keyOf: (token) => this.of(token)?.id },
    catalogue: {
      textOf: (id) => this.withId(id)?.text,
      serviceOf: (id) => this.withId(id)?.service,
    },
  };

  snapshot(): MetTemplatesState {
    return [...this.byCluster];
  }

  resume(state: MetTemplatesState): void {
    for (const [cluster, template] of state) this.byCluster.set(cluster, template);
  }

  private read({ templateId: id, message, service }: LineEntry): MetTemplate {
    return { id, text: this.novel.describe(id, message).template, service };
  }

  private withId(id: string): MetTemplate | undefined {
    return [...this.byCluster.values()].find((template) => template.id === id);
  }
}
