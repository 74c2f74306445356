import type { StreamSettings } from '@logbert/contracts';
import { formatDuration, formatShare } from '../figures/figures';

/** A stream's settings as name and value, in the words of a person. */
export function describeSettings(
  settings: StreamSettings,
): readonly { readonly name: string; readonly value: string }[] {
  const { format, sessionKey, templates, window, alertBudget } = settings;
  return [
    { name: 'Line format', value: describeFormat(format) },
    {
      name: 'Session key',
      value:
        [...sessionKey.fields, ...(sessionKey.pattern ? [`/${sessionKey.pattern}/`] : [])].join(
          ', ',
        ) || 'none',
    },
    {
      name: 'Templates',
      value:
        templates.engine === 'drain' ? 'as drain3 groups lines' : 'lists and values of any length',
    },
    {
      name: 'Window',
      value:
        window.kind === 'session'
          ? `one a session, complete after ${silence(window.idleMs)}, at most ${window.maxLength} lines`
          : `${window.size} lines of a service, a new one every ${window.stride}`,
    },
    { name: 'Alert budget', value: `${formatShare(alertBudget)} of normal windows` },
  ];
}

function silence(idleMs: number | 'auto'): string {
  return idleMs === 'auto'
    ? 'a silence learnt in training'
    : `${formatDuration(idleMs)} of silence`;
}

function describeFormat(format: StreamSettings['format']): string {
  switch (format.kind) {
    case 'auto':
      return 'JSON, logfmt or text, line by line';
    case 'json':
      return 'JSON';
    case 'logfmt':
      return 'logfmt';
    case 'text':
      return format.pattern ?? 'text';
  }
}
