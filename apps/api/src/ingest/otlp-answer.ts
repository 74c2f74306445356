import type { IngestReceipt } from '@logbert/contracts';
import protobuf from 'protobufjs';
import { z } from 'zod';
import { describeRefused } from './describe-refused';

/** Opentelemetry-proto's answer to an export of logs; field numbers are its. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message ExportLogsServiceResponse { ExportLogsPartialSuccess partialSuccess = 1; }
  message ExportLogsPartialSuccess { int64 rejectedLogRecords = 1; string errorMessage = 2; }
`);
const answerType = root.lookupType('ExportLogsServiceResponse');

/** The answer's JSON form, in which integers of 64 bits are text. */
export const otlpAnswerSchema = z.object({
  /** Only when a part was refused: it must not be sent again. */
  partialSuccess: z
    .object({ rejectedLogRecords: z.string().regex(/^\d+$/), errorMessage: z.string() })
    .optional(),
});

export type OtlpAnswer = z.infer<typeof otlpAnswerSchema>;

/**
 * What an export is answered of which at least a part was kept.
 *
 * Source: OpenTelemetry protocol 1.x, "OTLP/HTTP Response": `partial_success` is left unset unless something was refused.
 *
 * @param receipt undefined for an export without a record
 */
export function buildOtlpAnswer(receipt: IngestReceipt | undefined): OtlpAnswer {
  if (receipt === undefined || receipt.rejected === 0) return {};
  return {
    partialSuccess: {
      rejectedLogRecords: String(receipt.rejected),
      errorMessage: describeRefused(receipt, 'log record'),
    },
  };
}

export function encodeOtlpAnswer(answer: OtlpAnswer): Buffer {
  return Buffer.from(answerType.encode(answerType.fromObject(answer)).finish());
}
