/** A training job whose process is lost is taken up again, a counted number of times, on the same lines. */
export const trainingAttempts = {
  id: '0010-training-attempts',
  statements: [
    `ALTER TABLE training_jobs ADD COLUMN attempt integer NOT NULL DEFAULT 0`,
    `ALTER TABLE training_jobs ADD COLUMN source_pin jsonb`,
    `UPDATE training_jobs SET attempt = 1 WHERE state <> 'queued'`,
    `UPDATE training_jobs SET document = document ||
      jsonb_build_object('attempt', attempt, 'lostAttempts', '[]'::jsonb, 'resumed', NULL)`,
  ],
};
