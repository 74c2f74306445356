import { unpackSnappy } from '@logbert/log-stream';
import protobuf from 'protobufjs';
import { z } from 'zod';
import { InvalidRequestFailure } from '../problems/request-failure';

/** The part of Loki's `pkg/push/push.proto` that log records need; field numbers are its. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message PushRequest { repeated Stream streams = 1; }
  message Stream { string labels = 1; repeated Entry entries = 2; }
  message Entry { Timestamp timestamp = 1; string line = 2; repeated Label structuredMetadata = 3; }
  message Timestamp { int64 seconds = 1; int32 nanos = 2; }
  message Label { string name = 1; string value = 2; }
`);
const pushType = root.lookupType('PushRequest');

const pushSchema = z.object({
  streams: z.array(
    z.object({
      labels: z.string(),
      entries: z.array(
        z.object({
          timestamp: z
            .object({ seconds: z.string(), nanos: z.number() })
            .nullable()
            .transform((time) => time ?? { seconds: '0', nanos: 0 }),
          line: z.string(),
          structuredMetadata: z.array(z.object({ name: z.string(), value: z.string() })),
        }),
      ),
    }),
  ),
});

/**
 * The JSON form of a protobuf push, which Loki's clients always pack by Snappy; labels stay text.
 *
 * @param limitBytes bound of the unpacked size
 */
export function decodeLokiProtobuf(body: Uint8Array, limitBytes: number): unknown {
  const unpacked = unpackSnappy(Buffer.from(body.buffer, body.byteOffset, body.length), limitBytes);
  const { streams } = read(unpacked);
  return {
    streams: streams.map(({ labels, entries }) => ({
      stream: labels,
      values: entries.map(({ timestamp, line, structuredMetadata }) => [
        String(BigInt(timestamp.seconds) * 1_000_000_000n + BigInt(timestamp.nanos)),
        line,
        Object.fromEntries(structuredMetadata.map(({ name, value }) => [name, value])),
      ]),
    })),
  };
}

function read(unpacked: Uint8Array): z.infer<typeof pushSchema> {
  try {
    const message = pushType.decode(unpacked);
    return pushSchema.parse(pushType.toObject(message, { longs: String, defaults: true }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidRequestFailure([
      { field: 'body', reason: `is not a push request of Loki: ${reason}` },
    ]);
  }
}
