/** A stream's lines in one partition. */
export interface StreamPlace {
  readonly stream: string;
  readonly source: string;
  readonly partition: number;
}
