/** A member of the queue; the queue alone writes its links. */
export interface Queued<Member> {
  older: Member | undefined;
  newer: Member | undefined;
}

/** Members in the order in which they were last touched: the head has been silent longest. */
export class IdleQueue<Member extends Queued<Member>> {
  private head: Member | undefined;
  private tail: Member | undefined;
  private count = 0;

  get size(): number {
    return this.count;
  }

  get oldest(): Member | undefined {
    return this.head;
  }

  append(member: Member): void {
    member.older = this.tail;
    member.newer = undefined;
    if (this.tail) this.tail.newer = member;
    else this.head = member;
    this.tail = member;
    this.count++;
  }

  remove(member: Member): void {
    if (member.older) member.older.newer = member.newer;
    else this.head = member.newer;
    if (member.newer) member.newer.older = member.older;
    else this.tail = member.older;
    member.older = undefined;
    member.newer = undefined;
    this.count--;
  }

  touch(member: Member): void {
    if (member === this.tail) return;
    this.remove(member);
    this.append(member);
  }
}
