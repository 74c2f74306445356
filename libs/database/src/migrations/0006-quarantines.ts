/** Partitions whose lines of a stream cannot be grouped. */
export const quarantines = {
  id: '0006-quarantines',
  statements: [
    `CREATE TABLE quarantines (
      stream text NOT NULL,
      source text NOT NULL,
      partition integer NOT NULL,
      since bigint NOT NULL,
      lines bigint NOT NULL,
      reason text NOT NULL,
      PRIMARY KEY (stream, source, partition)
    )`,
  ],
};
