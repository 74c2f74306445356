/** Dead letters that were sent again: their topic cannot say so itself. */
export const replayedLetters = {
  id: '0004-replayed-letters',
  statements: [
    `CREATE TABLE replayed_letters (
      source text NOT NULL,
      partition integer NOT NULL,
      letter_offset bigint NOT NULL,
      replayed_at bigint NOT NULL,
      PRIMARY KEY (source, partition, letter_offset)
    )`,
    `CREATE INDEX replayed_letters_oldest ON replayed_letters (replayed_at)`,
  ],
};
