/** The setting of the paper: masked keys and hypersphere, no other channel. */
export const MODEL_ALONE = "LogBERT's channels alone";
/** The rule of the paper, an upper bound: its thresholds are chosen with the labels. */
export const ORACLE = 'LogBERT top-g, oracle threshold';
/** What the product would decide if it had no model. */
export const WITHOUT_MODEL = 'combined without model';
/** Every session that was told of, those included that were taken back when they were complete. */
export const ANNOUNCED = 'told early or complete';
