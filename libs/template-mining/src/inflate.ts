import { SnapshotFailure } from './snapshot-failure';

/**
 * Unpacks Base64 of a zlib stream into text.
 *
 * @param maxBytes what it may unpack to; reading stops there, so that a small file cannot fill the memory
 * @throws SnapshotFailure when it is neither, is truncated, no UTF-8, or unpacks to more
 */
export async function inflateText(base64: string, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  try {
    const compressed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('deflate'));
    for await (const chunk of chunksOf(stream)) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new SnapshotFailure(`it unpacks to more than ${maxBytes} bytes`);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof SnapshotFailure) throw error;
    throw new SnapshotFailure('neither JSON nor Base64 of zlib', { cause: error });
  }
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel();
  }
}
