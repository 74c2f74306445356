import { bigint, customType } from 'drizzle-orm/pg-core';
import { packDocument, unpackDocument } from './packed-document';
import { storableJson, storableText } from './storable-text';

/** A whole document as `jsonb`. */
export const document = <Document>(name: string) =>
  customType<{ data: Document; driverData: string }>({
    dataType: () => 'jsonb',
    toDriver: storableJson,
    // Both drivers hand `jsonb` over parsed, and a document may itself be a string.
    fromDriver: (value) => value as Document,
  })(name);

/** A whole document as compressed bytes, for large ones that no query looks into. */
export const packedDocument = <Document>(name: string) =>
  customType<{ data: Document; driverData: Uint8Array }>({
    dataType: () => 'bytea',
    toDriver: packDocument,
    fromDriver: (bytes) => unpackDocument(bytes) as Document,
  })(name);

/** Text that came from log lines. */
export const lineText = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  toDriver: storableText,
});

/** Epoch milliseconds. */
export const epochMs = (name: string) => bigint(name, { mode: 'number' });

/** Bytes as they are. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
});
