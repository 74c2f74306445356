import protobuf from 'protobufjs';
import { InvalidRequestFailure } from '../problems/request-failure';

/** The part of opentelemetry-proto's logs that a log record needs; field numbers are its. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message ExportLogsServiceRequest { repeated ResourceLogs resourceLogs = 1; }
  message ResourceLogs { Resource resource = 1; repeated ScopeLogs scopeLogs = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeLogs { Scope scope = 1; repeated LogRecord logRecords = 2; }
  message Scope { string name = 1; string version = 2; }
  message LogRecord {
    fixed64 timeUnixNano = 1;
    int32 severityNumber = 2;
    string severityText = 3;
    AnyValue body = 5;
    repeated KeyValue attributes = 6;
    bytes traceId = 9;
    bytes spanId = 10;
    fixed64 observedTimeUnixNano = 11;
  }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value {
      string stringValue = 1;
      bool boolValue = 2;
      int64 intValue = 3;
      double doubleValue = 4;
      ArrayValue arrayValue = 5;
      KeyValueList kvlistValue = 6;
      bytes bytesValue = 7;
    }
  }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }
`);
const requestType = root.lookupType('ExportLogsServiceRequest');

/** The JSON form of a protobuf OTLP request; ids are hexadecimal there. */
export function decodeOtlpProtobuf(body: Uint8Array): unknown {
  try {
    const message = requestType.decode(body);
    const json = requestType.toObject(message, { longs: String, bytes: Array, oneofs: false });
    return withHexIds(json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidRequestFailure([
      { field: 'body', reason: `is not an OTLP export request: ${reason}` },
    ]);
  }
}

function withHexIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withHexIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => {
      if (!Array.isArray(item)) return [key, withHexIds(item)];
      if (key === 'traceId' || key === 'spanId') return [key, Buffer.from(item).toString('hex')];
      if (key === 'bytesValue') return [key, Buffer.from(item).toString('base64')];
      return [key, item.map(withHexIds)];
    }),
  );
}
