import type { AnomalyVerdict, Incident } from '@logbert/contracts';
import { formatPValue } from '../figures/figures';

/** What is thought of an anomaly, in a word or two; nothing while the verdict is not final. */
export function verdictWord({ state }: AnomalyVerdict): string | undefined {
  if (state === 'immediate') return undefined;
  return state === 'confirmed' ? 'confirmed' : 'taken back';
}

/** The same in a sentence, with the reason. */
export function verdictSentence(verdict: AnomalyVerdict): string {
  switch (verdict.state) {
    case 'immediate':
      return 'Not final yet: it is looked at again when 50 more windows have been judged.';
    case 'confirmed':
      return `Confirmed: still odd when 50 more windows had been judged, p ${formatPValue(verdict.pValue)}.`;
    case 'retracted':
      return (
        'Taken back: no longer odd when 50 more windows had been judged, ' +
        `p ${formatPValue(verdict.pValue)}. What it showed has become usual.`
      );
  }
}

/** Whether every anomaly of the incident was taken back. */
export function isTakenBack({ anomalyCount, retractedCount }: Incident): boolean {
  return retractedCount >= anomalyCount;
}

/** How many anomalies were taken back, for the head of an incident; nothing when none was. */
export function retractedWords({ anomalyCount, retractedCount }: Incident): string | undefined {
  if (retractedCount === 0) return undefined;
  if (retractedCount < anomalyCount) return `${retractedCount} taken back`;
  return anomalyCount === 1 ? 'taken back' : 'all taken back';
}

/** Why an incident is over of which every anomaly was taken back. */
export function takenBackSentence({ anomalyCount }: Incident): string {
  const windows = anomalyCount === 1 ? 'its window was' : `its ${anomalyCount} windows were`;
  return (
    `When 50 more windows had been judged ${windows} no longer odd: what the incident showed has become usual. ` +
    'All of it is kept here.'
  );
}
