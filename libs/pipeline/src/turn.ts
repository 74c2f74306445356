/** The turn of one who shares a thread with others. */
export interface Turn {
  /** Whether it has lasted so long that others may want theirs; cheap enough to be asked between lines. */
  readonly isLong: boolean;
  /** Whether somebody waits. Where nobody does, the turn begins anew. */
  isWanted(): Promise<boolean>;
  /** Lets those go first that wait; resolves when it is the caller's turn again, with the milliseconds that they took. */
  pass(): Promise<number>;
}

/** Of one who is alone. */
export const ENDLESS_TURN: Turn = {
  isLong: false,
  isWanted: () => Promise.resolve(false),
  pass: () => Promise.resolve(0),
};
