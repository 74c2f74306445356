import { DistinctWindows } from './distinct-windows';
import type { WindowKind } from './window';

const KINDS: readonly WindowKind[] = ['session', 'continuation', 'sliding'];
const FIRST_CAPACITY = 1_024;
const MOST_SERVICES = 65_535;

/**
 * Windows in the order in which they were completed, each with its kind and service.
 *
 * Distinct ones are kept once; a window beside them takes seven bytes, however often its like came.
 */
export class WindowHistory {
  readonly distinct: DistinctWindows;
  private ids = new Uint32Array(FIRST_CAPACITY);
  private kinds = new Uint8Array(FIRST_CAPACITY);
  private services = new Uint16Array(FIRST_CAPACITY);
  private readonly serviceNames: (string | undefined)[] = [undefined];
  private readonly serviceIds = new Map<string | undefined, number>([[undefined, 0]]);
  private count = 0;

  /** @param vocabularySize tokens are below it */
  constructor(vocabularySize: number) {
    this.distinct = new DistinctWindows(vocabularySize);
  }

  /** How many windows there are, equal ones counted each. */
  get length(): number {
    return this.count;
  }

  /**
   * @param tokens copied, unless an equal window is there already
   * @param service see `Window.service`; forgotten where there are more than 65,535 of them
   */
  add(tokens: Int32Array, kind: WindowKind, service?: string): void {
    if (this.count === this.ids.length) this.grow();
    this.ids[this.count] = this.distinct.add(tokens);
    this.kinds[this.count] = KINDS.indexOf(kind);
    this.services[this.count] = this.serviceIdOf(service);
    this.count++;
  }

  /** Puts the windows in another order. @param order all their numbers, each once */
  reorder(order: Uint32Array): void {
    const [ids, kinds] = [new Uint32Array(order.length), new Uint8Array(order.length)];
    const services = new Uint16Array(order.length);
    for (const [place, index] of order.entries()) {
      ids[place] = this.idOf(index);
      kinds[place] = this.kinds[index] ?? 0;
      services[place] = this.services[index] ?? 0;
    }
    this.ids.set(ids);
    this.kinds.set(kinds);
    this.services.set(services);
  }

  /** Which of the distinct windows the `index`-th is. @throws RangeError when there is no such window */
  idOf(index: number): number {
    const id = this.ids[index];
    if (id === undefined || index >= this.count)
      throw new RangeError(`there is no window ${index}`);
    return id;
  }

  /** @throws RangeError when there is no such window */
  kindOf(index: number): WindowKind {
    const kind = KINDS[this.kinds[index] ?? -1];
    if (!kind || index >= this.count) throw new RangeError(`there is no window ${index}`);
    return kind;
  }

  /** @throws RangeError when there is no such window */
  serviceOf(index: number): string | undefined {
    this.idOf(index);
    return this.serviceNames[this.services[index] ?? 0];
  }

  /** A copy. @throws RangeError when there is no such window */
  tokensOf(index: number): Int32Array {
    return Int32Array.from(this.distinct.tokensOf(this.idOf(index)));
  }

  /** Copies of all windows in order, one at a time. */
  *windows(): Iterable<Int32Array> {
    for (let index = 0; index < this.count; index++) yield this.tokensOf(index);
  }

  private grow(): void {
    const { ids, kinds, services } = this;
    this.ids = new Uint32Array(2 * this.count);
    this.kinds = new Uint8Array(2 * this.count);
    this.services = new Uint16Array(2 * this.count);
    this.ids.set(ids);
    this.kinds.set(kinds);
    this.services.set(services);
  }

  private serviceIdOf(name: string | undefined): number {
    const known = this.serviceIds.get(name);
    if (known !== undefined) return known;
    if (this.serviceNames.length > MOST_SERVICES) return 0;
    this.serviceNames.push(name);
    this.serviceIds.set(name, this.serviceNames.length - 1);
    return this.serviceNames.length - 1;
  }
}
