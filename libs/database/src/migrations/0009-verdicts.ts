/** The final verdict on an anomaly, which comes fifty windows after it; what was kept before stays without one. */
export const verdicts = {
  id: '0009-verdicts',
  statements: [
    `ALTER TABLE anomalies ADD COLUMN verdict text NOT NULL DEFAULT 'immediate'`,
    `ALTER TABLE anomalies ADD COLUMN settled_at bigint`,
    `ALTER TABLE anomalies ADD COLUMN settled_p_value double precision`,
    `CREATE INDEX anomalies_newest_of_verdict ON anomalies (verdict, first_at DESC, id DESC)`,
  ],
};
