const decoder = new TextDecoder('utf-8', { fatal: true });
const SHORT = 256;

/**
 * Decodes UTF-8; a leading byte order mark is left out.
 *
 * @returns undefined when the bytes are not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.length <= SHORT && isAscii(bytes)) {
    return String.fromCharCode.apply(null, bytes as Uint8Array & number[]);
  }
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function isAscii(bytes: Uint8Array): boolean {
  let union = 0;
  for (let index = 0; index < bytes.length; index++) union |= bytes[index] as number;
  return union < 0x80;
}
