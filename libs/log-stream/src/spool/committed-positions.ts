import { readIfThere } from './read-if-there';
import { replaceFile } from './replace-file';

const SAVE_AFTER_MS = 100;

/** The offset of each partition that a restart begins at. Kept in one file, replaced as a whole. */
export class CommittedPositions {
  private saving: Promise<void> | undefined;
  private isDirty = false;

  private constructor(
    private readonly file: string,
    private readonly byPartition: Map<number, number>,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  static async load(
    file: string,
    onFailure: (error: unknown) => void,
  ): Promise<CommittedPositions> {
    const text = (await readIfThere(file)) ?? '{}';
    const entries = Object.entries(JSON.parse(text) as Record<string, number>);
    return new CommittedPositions(
      file,
      new Map(entries.map(([partition, offset]) => [Number(partition), offset])),
      onFailure,
    );
  }

  of(partition: number): number {
    return this.byPartition.get(partition) ?? 0;
  }

  /** Moves a position forward, never back; durable shortly after. */
  advance(partition: number, offset: number): void {
    if (offset <= this.of(partition)) return;
    this.byPartition.set(partition, offset);
    this.isDirty = true;
    this.saving ??= this.saveSoon().finally(() => (this.saving = undefined));
  }

  /** Makes the positions durable now. */
  async flush(): Promise<void> {
    await this.saving;
    if (this.isDirty) await this.save();
  }

  private async saveSoon(): Promise<void> {
    while (this.isDirty) {
      await new Promise((resolve) => setTimeout(resolve, SAVE_AFTER_MS));
      // Lost positions only mean that lines are delivered again.
      await this.save().catch(this.onFailure);
    }
  }

  private async save(): Promise<void> {
    this.isDirty = false;
    try {
      await replaceFile(this.file, JSON.stringify(Object.fromEntries(this.byPartition)));
    } catch (error) {
      this.isDirty = true;
      throw error;
    }
  }
}
