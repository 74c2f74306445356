import type { AnomalyVerdict, Incident } from '@logbert/contracts';
import { formatPValue } from '../figures/figures';

/** What is thought of an anomaly, in a word or two; nothing while the verdict is not final. */
export function verdictWord({ state }: AnomalyVerdict): string | undefined {
  if (state === 'immediate') return undefined;
  return state === 'confirmed' ? 'confirmed' : 'taken back';
}

const SECOND_LOOK = 'looked at again with the windows that came after it, it is';

/** The same in a sentence, with the reason. */
export function verdictSentence(verdict: AnomalyVerdict): string {
  if (verdict.state === 'immediate') {
    return 'Not final yet: it is looked at again when 50 more windows have come.';
  }
  const pValue = formatPValue(verdict.pValue);
  return verdict.state === 'confirmed'
    ? `Confirmed: ${SECOND_LOOK} still odd, p ${pValue}.`
    : `Taken back: ${SECOND_LOOK} no longer odd, p ${pValue}. What it showed has become usual.`;
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
  const [them, windows] =
    anomalyCount === 1 ? ['it', 'its window is'] : ['them', `its ${anomalyCount} windows are`];
  return (
    `Looked at again with the windows that came after ${them}, ${windows} no longer odd: ` +
    'what the incident showed has become usual. All of it is kept here.'
  );
}
