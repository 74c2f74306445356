import { templateIdOf, type TemplateId } from './template-id';
import type { TokenTable } from './token-table';

/** A group of lines with one template. */
export class TemplateCluster {
  size = 1;
  /** Neighbours in the order of use; only the store writes them. */
  older: TemplateCluster | undefined;
  newer: TemplateCluster | undefined;
  /** Bytes it takes apart from the table's; its tree keeps count. */
  bytes = 0;
  /** Number of the account of changes in which it took a line last. */
  usedIn = 0;
  private text: string | undefined;
  private hash: TemplateId | undefined;

  constructor(
    readonly clusterId: number,
    /** Numbers of the template's tokens; the array is replaced, never written. */
    public tokens: Int32Array,
    private readonly table: TokenTable,
  ) {}

  get template(): string {
    return (this.text ??= this.words().join(' '));
  }

  get id(): TemplateId {
    return (this.hash ??= templateIdOf(this.template));
  }

  words(): string[] {
    return Array.from(this.tokens, (token) => this.table.textOf(token));
  }

  generalise(tokens: Int32Array): void {
    this.tokens = tokens;
    this.text = undefined;
    this.hash = undefined;
  }
}
