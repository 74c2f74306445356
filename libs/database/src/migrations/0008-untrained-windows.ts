/** Windows that each partition has seen of a stream without a model. */
export const untrainedWindows = {
  id: '0008-untrained-windows',
  statements: [
    `CREATE TABLE untrained_windows (
      stream text NOT NULL,
      source text NOT NULL,
      partition integer NOT NULL,
      windows bigint NOT NULL,
      PRIMARY KEY (stream, source, partition)
    )`,
  ],
};
