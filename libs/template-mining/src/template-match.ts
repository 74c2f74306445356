import { WILDCARD } from './cluster-search';
import type { LineCap } from './line-cap';
import type { Masker } from './masker';
import { readParameters, type TemplateParameter } from './parameters';
import type { TemplateCluster } from './template-cluster';
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
  private readonly tokens: Int32Array;
  private found: readonly TemplateParameter[] | undefined;

  constructor(
    cluster: TemplateCluster,
    private readonly line: string,
    private readonly reader: ParameterReader,
  ) {
    this.clusterId = cluster.clusterId;
    this.id = cluster.id;
    this.template = cluster.template;
    this.tokens = cluster.tokens;
  }

  get parameters(): readonly TemplateParameter[] {
    return (this.found ??= this.reader.read(this.line, (index) => this.tokens[index] === WILDCARD));
  }
}

/** Reads parameters with the masks and delimiters of one miner. */
export class ParameterReader {
  constructor(
    private readonly masker: Masker,
    private readonly extraDelimiters: readonly string[],
    private readonly cap: LineCap,
  ) {}

  read(line: string, isWildcard: (index: number) => boolean): readonly TemplateParameter[] {
    const masked = this.masker.maskWithSpans(line);
    return readParameters(line, masked, isWildcard, this.extraDelimiters, this.cap);
  }
}
