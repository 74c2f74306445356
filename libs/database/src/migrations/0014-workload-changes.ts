/** Partitions in which the work of a stream is no longer what its model was trained on. */
export const workloadChanges = {
  id: '0014-workload-changes',
  statements: [
    `CREATE TABLE workload_changes (
      stream text NOT NULL,
      source text NOT NULL,
      partition integer NOT NULL,
      since bigint NOT NULL,
      unlike_share double precision NOT NULL,
      PRIMARY KEY (stream, source, partition)
    )`,
  ],
};
