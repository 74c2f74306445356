/**
 * Large documents that no query looks into are kept compressed by the program: as `jsonb` the database parses, compresses and
 * prints each of them anew. What was kept before stays where it is.
 */
export const packedDocuments = {
  id: '0012-packed-documents',
  statements: [
    'ALTER TABLE anomalies ADD COLUMN packed bytea',
    'ALTER TABLE anomalies ALTER COLUMN packed SET STORAGE EXTERNAL',
    'ALTER TABLE anomalies ALTER COLUMN document DROP NOT NULL',
    'ALTER TABLE grouper_states ADD COLUMN packed bytea',
    'ALTER TABLE grouper_states ALTER COLUMN packed SET STORAGE EXTERNAL',
    'ALTER TABLE grouper_states ALTER COLUMN state DROP NOT NULL',
  ],
};
