import type { ReadParameters, TemplateGroup } from './grouping-engine';
import type { TemplateParameter } from './parameters';
import type { TemplateId } from './template-id';

/** The template that a line fits, and what the line has where the template varies. */
export interface TemplateMatch {
  readonly clusterId: number;
  readonly id: TemplateId;
  readonly template: string;
  /** From left to right. Read on first use, since most lines are never looked at. */
  readonly parameters: readonly TemplateParameter[];
}

export class LazyTemplateMatch implements TemplateMatch {
  readonly clusterId: number;
  readonly id: TemplateId;
  readonly template: string;
  private found: readonly TemplateParameter[] | undefined;

  constructor(
    { clusterId, id, template }: TemplateGroup,
    private readonly readParameters: ReadParameters,
  ) {
    this.clusterId = clusterId;
    this.id = id;
    this.template = template;
  }

  get parameters(): readonly TemplateParameter[] {
    return (this.found ??= this.readParameters());
  }
}
