/** When findings were written, which is not when their lines were: old logs may be read today. */
export const retention = {
  id: '0003-retention',
  statements: [
    `ALTER TABLE anomalies ADD COLUMN recorded_at bigint NOT NULL DEFAULT 0`,
    `UPDATE anomalies SET recorded_at = floor(extract(epoch FROM now()) * 1000)`,
    `CREATE INDEX anomalies_oldest ON anomalies (recorded_at)`,
    `ALTER TABLE incidents ADD COLUMN saved_at bigint NOT NULL DEFAULT 0`,
    `UPDATE incidents SET saved_at = floor(extract(epoch FROM now()) * 1000)`,
    `CREATE INDEX incidents_oldest ON incidents (saved_at) WHERE state = 'closed'`,
  ],
};
