/** What the queue has to know of a member. */
export interface Openable {
  readonly isOpen: boolean;
}

const COMPACT_FROM = 64;

/** Members in the order in which they were opened; closed ones are forgotten on the way, O(1) amortised. */
export class OpeningOrder<Member extends Openable> {
  private members: Member[] = [];
  private head = 0;
  private compactAt = COMPACT_FROM;

  add(member: Member): void {
    if (this.members.length >= this.compactAt) {
      this.members = this.members.filter(({ isOpen }) => isOpen);
      this.head = 0;
      this.compactAt = Math.max(COMPACT_FROM, 2 * this.members.length);
    }
    this.members.push(member);
  }

  firstOpen(): Member | undefined {
    let first = this.members[this.head];
    while (first && !first.isOpen) first = this.members[++this.head];
    return first;
  }
}
