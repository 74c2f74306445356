export { DistinctWindows, type Tokens } from './distinct-windows';
export { IdleTimeLearner, UNLEARNT_IDLE_MS } from './idle-time';
export { stridedMasks } from './strided-masks';
export { DISTANCE, FIRST_KEY, MASK, PADDING, type TokenId, UNKNOWN } from './token-id';
export { Vocabulary, type VocabularySnapshot } from './vocabulary';
export { VocabularyFailure } from './vocabulary-failure';
export type { GrowingSession, Window, WindowEntry, WindowKind } from './window';
export { type AssemblerSnapshot, WindowAssembler } from './window-assembler';
export { WindowHistory } from './window-history';
