/** Few anomalies are of open sessions: without an index of their own, all others are gone through for them. */
export const openAnomaliesIndex = {
  id: '0013-open-anomalies-index',
  statements: [
    `CREATE INDEX anomalies_newest_open ON anomalies (first_at DESC, id DESC) WHERE state = 'open'`,
  ],
};
