import type { Anomaly, AnomalyHead, AnomalyVerdict, FinalVerdict } from '@logbert/contracts';
import { sql, type SQL } from 'drizzle-orm';
import { documentOf, readDocument } from './anomaly-document';
import { packDocument } from './packed-document';
import { storableJson } from './storable-text';
import { anomalies } from './tables';

/** The final verdict on an anomaly. */
export interface Settlement {
  readonly anomalyId: string;
  readonly verdict: FinalVerdict;
}

/** The columns of a head. */
export const head = {
  id: anomalies.id,
  stream: anomalies.stream,
  windowKey: anomalies.windowKey,
  firstAt: anomalies.firstAt,
  lastAt: anomalies.lastAt,
  services: anomalies.services,
  pValue: anomalies.pValue,
  decidingChannel: anomalies.decidingChannel,
  incidentId: anomalies.incidentId,
  state: anomalies.state,
  verdict: anomalies.verdict,
  settledAt: anomalies.settledAt,
  settledPValue: anomalies.settledPValue,
};

type VerdictRow = Pick<typeof anomalies.$inferSelect, 'verdict' | 'settledAt' | 'settledPValue'>;
type DocumentRow = Pick<typeof anomalies.$inferSelect, 'packed' | 'document'>;
type HeadRow = Omit<AnomalyHead, 'verdict'> & VerdictRow;

export function headOf({ verdict, settledAt, settledPValue, ...row }: HeadRow): AnomalyHead {
  return { ...row, verdict: verdictOf({ verdict, settledAt, settledPValue }) };
}

export function anomalyOf(
  row: VerdictRow & Pick<HeadRow, 'incidentId' | 'state'> & DocumentRow,
): Anomaly {
  const { incidentId, state } = row;
  return { ...readDocument(row), state, incidentId, verdict: verdictOf(row) };
}

/** Final verdicts as rows `final(id, state, "settledAt", "pValue")` of a statement. */
export function settlementRows(settlements: readonly Settlement[]): SQL {
  const rows = settlements.map(({ anomalyId, verdict }) => ({ id: anomalyId, ...verdict }));
  return sql`jsonb_to_recordset(${storableJson(rows)}::jsonb)
    AS final(id text, state text, "settledAt" bigint, "pValue" double precision)`;
}

/** Incidents of anomalies as rows `assigned(id, incident)` of a statement. */
export function assignmentRows(incidentOf: ReadonlyMap<string, string>): SQL {
  const rows = [...incidentOf].map(([id, incident]) => ({ id, incident }));
  return sql`jsonb_to_recordset(${storableJson(rows)}::jsonb) AS assigned(id text, incident text)`;
}

/** Whole windows as rows `whole(id, first_at, last_at, p_value, deciding_channel, services, packed)` of a statement. */
export function windowRows(windows: readonly Anomaly[]): SQL {
  const rows = windows.map((anomaly) => {
    const { id, firstAt, lastAt, pValue, decidingChannel, services } = anomaly;
    return sql`(${id}::text, ${firstAt}::bigint, ${lastAt}::bigint, ${pValue}::double precision,
      ${decidingChannel}::text, ${storableJson(services)}::jsonb, ${packDocument(documentOf(anomaly))}::bytea)`;
  });
  return sql`(VALUES ${sql.join(rows, sql`, `)})
    AS whole(id, first_at, last_at, p_value, deciding_channel, services, packed)`;
}

function verdictOf({ verdict: state, settledAt, settledPValue }: VerdictRow): AnomalyVerdict {
  if (state === 'immediate') return { state };
  return { state, settledAt: settledAt ?? 0, pValue: settledPValue ?? 1 };
}
