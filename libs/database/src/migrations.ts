import { firstTables } from './migrations/0001-first-tables';
import { delivery } from './migrations/0002-delivery';
import { retention } from './migrations/0003-retention';
import { replayedLetters } from './migrations/0004-replayed-letters';
import { countsByModel } from './migrations/0005-counts-by-model';
import { quarantines } from './migrations/0006-quarantines';
import { partitionOwners } from './migrations/0007-partition-owners';
import { workloadChanges } from './migrations/0014-workload-changes';
import { untrainedWindows } from './migrations/0008-untrained-windows';
import { verdicts } from './migrations/0009-verdicts';
import { trainingAttempts } from './migrations/0010-training-attempts';
import { openAnomalies } from './migrations/0011-open-anomalies';
import { packedDocuments } from './migrations/0012-packed-documents';
import { openAnomaliesIndex } from './migrations/0013-open-anomalies-index';

export interface Migration {
  readonly id: string;
  readonly statements: readonly string[];
}

/** Every change of the schema, oldest first. One that was released is never edited. */
export const MIGRATIONS: readonly Migration[] = [
  firstTables,
  delivery,
  retention,
  replayedLetters,
  countsByModel,
  quarantines,
  partitionOwners,
  untrainedWindows,
  verdicts,
  trainingAttempts,
  openAnomalies,
  packedDocuments,
  openAnomaliesIndex,
  workloadChanges,
];
