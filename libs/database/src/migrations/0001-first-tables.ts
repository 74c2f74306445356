/** Statements run one by one in one transaction: the extended protocol takes one at a time. */
export const firstTables = {
  id: '0001-first-tables',
  statements: [
    `CREATE TABLE streams (
      name text PRIMARY KEY,
      settings jsonb NOT NULL,
      created_at bigint NOT NULL
    )`,

    `CREATE TABLE training_jobs (
      id text PRIMARY KEY,
      stream text NOT NULL,
      state text NOT NULL,
      created_at bigint NOT NULL,
      document jsonb NOT NULL
    )`,
    `CREATE INDEX training_jobs_newest ON training_jobs (created_at DESC, id DESC)`,
    `CREATE INDEX training_jobs_unfinished ON training_jobs (created_at)
      WHERE state IN ('queued', 'running')`,

    `CREATE TABLE models (
      id text PRIMARY KEY,
      stream text NOT NULL,
      version integer NOT NULL,
      is_active boolean NOT NULL,
      job_id text,
      metrics jsonb NOT NULL,
      created_at bigint NOT NULL,
      promoted_at bigint,
      UNIQUE (stream, version)
    )`,
    `CREATE UNIQUE INDEX models_active ON models (stream) WHERE is_active`,
    `CREATE INDEX models_newest ON models (created_at DESC, id DESC)`,

    `CREATE TABLE anomalies (
      id text PRIMARY KEY,
      stream text NOT NULL,
      incident_id text,
      window_key text NOT NULL,
      first_at bigint NOT NULL,
      last_at bigint NOT NULL,
      p_value double precision NOT NULL,
      deciding_channel text NOT NULL,
      services jsonb NOT NULL,
      document jsonb NOT NULL
    )`,
    `CREATE INDEX anomalies_newest ON anomalies (first_at DESC, id DESC)`,
    `CREATE INDEX anomalies_newest_of_stream ON anomalies (stream, first_at DESC, id DESC)`,
    `CREATE INDEX anomalies_of_incident ON anomalies (incident_id, first_at DESC, id DESC)
      WHERE incident_id IS NOT NULL`,

    `CREATE TABLE incidents (
      id text PRIMARY KEY,
      stream text NOT NULL,
      state text NOT NULL,
      opened_at bigint NOT NULL,
      fingerprint jsonb,
      document jsonb NOT NULL
    )`,
    `CREATE INDEX incidents_newest ON incidents (opened_at DESC, id DESC)`,
    `CREATE INDEX incidents_newest_of_stream ON incidents (stream, opened_at DESC, id DESC)`,
    `CREATE INDEX incidents_open ON incidents (stream) WHERE state = 'open'`,

    `CREATE TABLE grouper_states (
      stream text PRIMARY KEY,
      state jsonb NOT NULL,
      saved_at bigint NOT NULL
    )`,

    `CREATE TABLE root_causes (
      incident_id text PRIMARY KEY,
      document jsonb NOT NULL
    )`,

    `CREATE TABLE feedback (
      id bigserial PRIMARY KEY,
      anomaly_id text NOT NULL,
      verdict text NOT NULL,
      comment text NOT NULL,
      created_at bigint NOT NULL
    )`,
    `CREATE INDEX feedback_of_anomaly ON feedback (anomaly_id, id)`,

    `CREATE TABLE templates (
      stream text NOT NULL,
      id text NOT NULL,
      template text NOT NULL,
      count bigint NOT NULL,
      services jsonb NOT NULL,
      is_novel boolean NOT NULL,
      PRIMARY KEY (stream, id)
    )`,
    `CREATE INDEX templates_by_id ON templates (id)`,
    `CREATE INDEX templates_most_frequent ON templates (stream, count DESC, id DESC)`,

    `CREATE TABLE template_counts (
      stream text NOT NULL,
      bucket_ms bigint NOT NULL,
      service text NOT NULL,
      template_id text NOT NULL,
      count bigint NOT NULL,
      PRIMARY KEY (stream, bucket_ms, service, template_id)
    )`,
    `CREATE INDEX template_counts_oldest ON template_counts (bucket_ms)`,

    `CREATE TABLE events (
      id bigserial PRIMARY KEY,
      event jsonb NOT NULL,
      created_at bigint NOT NULL
    )`,
    `CREATE INDEX events_oldest ON events (created_at)`,
  ],
};
