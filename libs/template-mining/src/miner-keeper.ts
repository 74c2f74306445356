import { type MinerChanges, readRecord, writeRecord } from './miner-changes';
import { TemplateMiner } from './template-miner';

/** Where a miner's state is kept: a base, and records of what happened since. */
export interface MinerStateStore {
  /** The newest base and what was appended to it; undefined when there is none. */
  load(): Promise<{ readonly base: string; readonly records: string } | undefined>;
  /**
   * Puts a new base in the place of the old one and its records, at once: whatever fails, the one or the other is there.
   *
   * @param pieces the text; other work may be done between two of them
   */
  replace(pieces: Iterable<string>): Promise<void>;
  /** Adds a record behind those of the newest base; when it fails, a part of it may be there. */
  append(record: string): Promise<void>;
}

/** What `save` did. */
export type Saved = 'base' | 'record' | 'nothing';

/** A journal up to this length is never too long. */
const LEAST_JOURNAL_CHARACTERS = 65_536;

/**
 * Keeps a miner's state in a store: what changed since the last time, or all of it when that is shorter.
 *
 * The miner may learn at any time, also while `save` is under way.
 */
export class MinerKeeper {
  /** Checksum of the newest record or base in the store; undefined when the next save has to be a base. */
  private newest: string | undefined;
  private baseCharacters = 0;
  private journalCharacters = 0;
  /** Ends with the save that was asked for last; undefined when none is under way. */
  private last: Promise<void> | undefined;

  private constructor(
    readonly miner: TemplateMiner,
    private readonly store: MinerStateStore,
  ) {}

  /**
   * Goes on with the miner of a store.
   *
   * A last record without its line end was being written when the program ended; it is left out. Every other damage is
   * refused.
   *
   * @param create makes the miner when the store is empty; a miner that is there keeps its own settings
   * @throws SnapshotFailure when base or records are truncated or altered, and what the store throws
   */
  static async open(store: MinerStateStore, create: () => TemplateMiner): Promise<MinerKeeper> {
    const stored = await store.load();
    if (!stored) return new MinerKeeper(create(), store);
    const { miner, checksum } = TemplateMiner.restoreText(stored.base);
    const keeper = new MinerKeeper(miner, store);
    let newest = checksum;
    const lines = stored.records.split('\n');
    const torn = lines.pop();
    for (const line of lines) {
      const record = readRecord(line, newest);
      miner.applyChanges(record.changes);
      newest = record.checksum;
    }
    miner.takeChanges();
    if (torn === '') keeper.newest = newest;
    keeper.baseCharacters = stored.base.length;
    keeper.journalCharacters = stored.records.length;
    return keeper;
  }

  /**
   * Keeps the state of the moment of the call; while an earlier save is under way, that of its end.
   *
   * @throws what the store throws; the next save writes a base then
   */
  save(): Promise<Saved> {
    const saved = this.last ? this.last.then(() => this.saveNow()) : this.saveNow();
    const settled = saved.then(
      () => undefined,
      () => undefined,
    );
    this.last = settled;
    void settled.then(() => {
      if (this.last === settled) this.last = undefined;
    });
    return saved;
  }

  private async saveNow(): Promise<Saved> {
    const limit = Math.max(LEAST_JOURNAL_CHARACTERS, this.baseCharacters);
    const changes = this.miner.takeChanges();
    const { newest } = this;
    if (newest === undefined || !changes || this.journalCharacters > limit) return this.rebase();
    if (!changes.hasRefused && isEmpty(changes)) return 'nothing';
    const { text, checksum } = writeRecord(changes, newest);
    // Until it is known to be whole, nothing may be written behind it.
    this.newest = undefined;
    await this.store.append(text);
    this.newest = checksum;
    this.journalCharacters += text.length;
    return 'record';
  }

  private async rebase(): Promise<Saved> {
    const { pieces, written } = this.miner.snapshotText();
    this.newest = undefined;
    await this.store.replace(pieces);
    const { checksum, characters } = written();
    this.newest = checksum;
    this.baseCharacters = characters;
    this.journalCharacters = 0;
    return 'base';
  }
}

function isEmpty({ tree }: MinerChanges): boolean {
  const others = 'events' in tree ? tree.events : tree.forgotten;
  return others.length === 0 && tree.used.length === 0;
}
