/**
 * The model without any other channel: twice the mean surprise of the masked lines and the presence, nats, calibrated as one score
 * (`ModelAlone`). The hypersphere, the most surprising lines and the entropy have no part in it.
 */
export const MODEL_ALONE = "LogBERT's channels alone";
/** The rule of the paper, an upper bound: its thresholds are chosen with the labels. */
export const ORACLE = 'LogBERT top-g, oracle threshold';
/** What the product would decide if it had no model: the same windows, the same calibration, no score. */
export const WITHOUT_MODEL = 'combined without model';
/** Every session that was told of, those included that were taken back when they were complete. */
export const ANNOUNCED = 'told early or complete';
