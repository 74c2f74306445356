import type { StreamPlace } from '@logbert/database';
import { LatestWrites } from './latest-writes';

/** Who reads a partition; another number for each time that it is given to somebody. */
export type OwnedPlace = StreamPlace & { readonly epoch: number };

/** As `LatestWrites`, of what the owner of a partition says of a stream: what a former owner wrote is not known, and written over. */
export class OwnedWrites<Value> {
  private readonly epochs = new Map<string, number>();
  private readonly writes: LatestWrites<StreamPlace, Value>;

  constructor(
    put: (place: StreamPlace, value: Value) => Promise<void>,
    isEqual: (one: Value, other: Value) => boolean,
    onFailure: (place: StreamPlace, error: unknown) => void,
  ) {
    this.writes = new LatestWrites(put, isEqual, onFailure);
  }

  /** Returns at once. */
  want({ stream, source, partition, epoch }: OwnedPlace, value: Value): void {
    const place = { stream, source, partition };
    const key = JSON.stringify(place);
    if (this.epochs.get(key) !== epoch) this.writes.forget(place);
    this.epochs.set(key, epoch);
    this.writes.want(place, value);
  }
}
