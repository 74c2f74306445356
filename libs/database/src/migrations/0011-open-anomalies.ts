/** Whether the session of an anomaly still takes lines; what was kept before is of complete windows. */
export const openAnomalies = {
  id: '0011-open-anomalies',
  statements: [`ALTER TABLE anomalies ADD COLUMN state text NOT NULL DEFAULT 'closed'`],
};
