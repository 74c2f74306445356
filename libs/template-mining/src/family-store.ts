import { Frame } from './frame';
import type { TemplateFamily } from './template-family';

/** The families by their frame, and in the order of use. */
export class FamilyStore {
  private readonly frames = new Map<string, Frame<TemplateFamily>>();
  private newest: TemplateFamily | undefined;
  /** The least recently used family. */
  oldest: TemplateFamily | undefined;

  find(key: string): Frame<TemplateFamily> | undefined {
    return this.frames.get(key);
  }

  /** The frame of that key, for a family that is going to be added. */
  frameOf(key: string): Frame<TemplateFamily> {
    const frame = this.frames.get(key) ?? new Frame<TemplateFamily>(key);
    this.frames.set(key, frame);
    return frame;
  }

  /** All families, least recently used first. */
  *values(): IterableIterator<TemplateFamily> {
    for (let family = this.oldest; family; family = family.newer) yield family;
  }

  *newestFirst(): IterableIterator<TemplateFamily> {
    for (let family = this.newest; family; family = family.older) yield family;
  }

  /** Adds a family as the most recently used. */
  add(family: TemplateFamily): void {
    family.frame.add(family);
    this.append(family);
  }

  remove(family: TemplateFamily): void {
    const { frame } = family;
    this.unlink(family);
    family.leave();
    if (frame.families.size === 0) this.frames.delete(frame.key);
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
