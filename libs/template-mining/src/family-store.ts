import type { TemplateFamily } from './template-family';

/** The families by their frame, and in the order of use. */
export class FamilyStore {
  private readonly byFrame = new Map<string, TemplateFamily[]>();
  private newest: TemplateFamily | undefined;
  /** The least recently used family. */
  oldest: TemplateFamily | undefined;

  /** The families of a frame, the oldest first. */
  of(frame: string): readonly TemplateFamily[] {
    return this.byFrame.get(frame) ?? [];
  }

  /** All families, least recently used first. */
  *values(): IterableIterator<TemplateFamily> {
    for (let family = this.oldest; family; family = family.newer) yield family;
  }

  /** Adds a family as the most recently used. */
  add(family: TemplateFamily): void {
    const families = this.byFrame.get(family.frame);
    if (families) families.push(family);
    else this.byFrame.set(family.frame, [family]);
    this.append(family);
  }

  remove(family: TemplateFamily): void {
    this.unlink(family);
    const families = this.byFrame.get(family.frame) ?? [];
    if (families.length === 1) this.byFrame.delete(family.frame);
    else families.splice(families.indexOf(family), 1);
  }

  /** Marks a family as the most recently used. */
  touch(family: TemplateFamily): void {
    if (family === this.newest) return;
    this.unlink(family);
    this.append(family);
  }

  private append(family: TemplateFamily): void {
    family.older = this.newest;
    family.newer = undefined;
    if (this.newest) this.newest.newer = family;
    else this.oldest = family;
    this.newest = family;
  }

  private unlink(family: TemplateFamily): void {
    if (family.older) family.older.newer = family.newer;
    else this.oldest = family.newer;
    if (family.newer) family.newer.older = family.older;
    else this.newest = family.older;
  }
}
