import type { TrainingSource } from '@logbert/contracts';
import { formatDuration } from '../figures/figures';

/** Where a job's lines come from, as a person would say it. */
export function textOf(source: TrainingSource): string {
  switch (source.kind) {
    case 'file':
      return `file ${source.path}`;
    case 'upload':
      return 'an upload';
    case 'stream':
      return source.fromMs === 0
        ? 'all lines that are kept'
        : `lines received within ${formatDuration(source.toMs - source.fromMs)}`;
  }
}
