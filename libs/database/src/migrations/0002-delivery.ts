/** What keeps a restart from losing anything or doing anything twice. */
export const delivery = {
  id: '0002-delivery',
  statements: [
    // One row a partition, replaced as a whole: what its detectors know at a position.
    `CREATE TABLE detector_states (
      source text NOT NULL,
      partition integer NOT NULL,
      next_offset bigint NOT NULL,
      low_watermark bigint NOT NULL,
      streams jsonb NOT NULL,
      state bytea,
      saved_at bigint NOT NULL,
      PRIMARY KEY (source, partition)
    )`,
    // It comes compressed.
    `ALTER TABLE detector_states ALTER COLUMN state SET STORAGE EXTERNAL`,

    // Up to where the lines of a partition are in template_counts.
    `CREATE TABLE template_count_positions (
      source text NOT NULL,
      partition integer NOT NULL,
      stream text NOT NULL,
      next_offset bigint NOT NULL,
      saved_at bigint NOT NULL,
      PRIMARY KEY (source, partition, stream)
    )`,

    // Up to where the outbox has been published; what was announced before is not published again.
    `CREATE TABLE outlet_cursors (
      name text PRIMARY KEY,
      event_id bigint NOT NULL,
      holder text,
      held_until bigint NOT NULL
    )`,
    `INSERT INTO outlet_cursors (name, event_id, held_until)
      SELECT 'outlets', coalesce(max(id), 0), 0 FROM events`,

    // Which process works on a job, and until when it may be taken for alive.
    `ALTER TABLE training_jobs ADD COLUMN holder text`,
    `ALTER TABLE training_jobs ADD COLUMN held_until bigint NOT NULL DEFAULT 0`,
  ],
};
