import { templateIdOf, type TemplateId } from './template-id';

/** A group of lines with one template. */
export class TemplateCluster {
  size = 1;
  private text: string | undefined;
  private hash: TemplateId | undefined;

  constructor(
    readonly clusterId: number,
    private words: readonly string[],
  ) {}

  get tokens(): readonly string[] {
    return this.words;
  }

  get template(): string {
    return (this.text ??= this.words.join(' '));
  }

  get id(): TemplateId {
    return (this.hash ??= templateIdOf(this.template));
  }

  generalise(tokens: readonly string[]): void {
    this.words = tokens;
    this.text = undefined;
    this.hash = undefined;
  }
}
