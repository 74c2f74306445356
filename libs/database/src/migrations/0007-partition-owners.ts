/** Who may write what was found in a partition's lines. */
export const partitionOwners = {
  id: '0007-partition-owners',
  statements: [
    `CREATE TABLE partition_owners (
      source text NOT NULL,
      partition integer NOT NULL,
      owner text NOT NULL,
      taken_at bigint NOT NULL,
      PRIMARY KEY (source, partition)
    )`,
  ],
};
