/** Template counts by the model that named the template; those kept before count for none. */
export const countsByModel = {
  id: '0005-counts-by-model',
  statements: [
    `ALTER TABLE template_counts ADD COLUMN model_id text NOT NULL DEFAULT ''`,
    `ALTER TABLE template_counts DROP CONSTRAINT template_counts_pkey`,
    `ALTER TABLE template_counts ADD PRIMARY KEY (stream, bucket_ms, model_id, service, template_id)`,
  ],
};
