/**
 * The name of an anomaly: the same window always has the same one, so that a line that is read again after a
 * crash writes the same row again.
 *
 * @returns the first 128 bits of the SHA-256 of stream, partition, window key and first position, in hexadecimal
 */
export async function anomalyId(
  stream: string,
  partition: number,
  windowKey: string,
  firstOffset: number,
): Promise<string> {
  const name = new TextEncoder().encode(
    JSON.stringify([stream, partition, windowKey, firstOffset]),
  );
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', name));
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
