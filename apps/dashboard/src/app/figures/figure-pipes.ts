import { Pipe, type PipeTransform } from '@angular/core';
import {
  formatAge,
  formatClock,
  formatCount,
  formatDuration,
  formatMeasure,
  formatPValue,
  formatShare,
} from './figures';

@Pipe({ name: 'count' })
export class CountPipe implements PipeTransform {
  transform = formatCount;
}

@Pipe({ name: 'measure' })
export class MeasurePipe implements PipeTransform {
  transform = formatMeasure;
}

@Pipe({ name: 'share' })
export class SharePipe implements PipeTransform {
  transform = formatShare;
}

@Pipe({ name: 'pValue' })
export class PValuePipe implements PipeTransform {
  transform = formatPValue;
}

@Pipe({ name: 'duration' })
export class DurationPipe implements PipeTransform {
  transform = formatDuration;
}

@Pipe({ name: 'age' })
export class AgePipe implements PipeTransform {
  transform = formatAge;
}

@Pipe({ name: 'clock' })
export class ClockPipe implements PipeTransform {
  transform = formatClock;
}
