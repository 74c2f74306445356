import type { Configuration, StreamSettings } from '@logbert/contracts';

/** Settings that the configuration has for a stream. */
export function configuredSettings(
  { streams, defaultStream }: Pick<Configuration, 'streams' | 'defaultStream'>,
  name: string,
): StreamSettings {
  return Object.hasOwn(streams, name) ? (streams[name] ?? defaultStream) : defaultStream;
}
