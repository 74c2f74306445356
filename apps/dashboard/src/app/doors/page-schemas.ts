import {
  anomalyHeadSchema,
  incidentSchema,
  modelSchema,
  pageSchema,
  streamSchema,
  trainingJobSchema,
} from '@logbert/contracts';

/** The lists that the dashboard reads. */
export const incidentPageSchema = pageSchema(incidentSchema);
export const anomalyHeadPageSchema = pageSchema(anomalyHeadSchema);
export const trainingJobPageSchema = pageSchema(trainingJobSchema);
export const modelPageSchema = pageSchema(modelSchema);
export const streamPageSchema = pageSchema(streamSchema);
