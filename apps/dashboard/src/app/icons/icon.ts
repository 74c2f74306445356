import { Component, computed, input } from '@angular/core';

/** Paths on a 20 × 20 grid, drawn with a 1.6 stroke. */
const PATHS = {
  live: 'M2 10h3l2.5-6 4 12 2.5-6h4',
  incidents: 'M10 3 18 17H2L10 3Zm0 5v4m0 2.4v.2',
  training: 'M3 17V3m0 14h14M6 6c1 6 4 8 11 8',
  models: 'M10 2.5 17 6v8l-7 3.5L3 14V6l7-3.5ZM3 6l7 3.5L17 6m-7 3.5v8',
  streams: 'M2.5 5.5h10m-10 4.5h15m-15 4.5h7',
  close: 'm5 5 10 10M15 5 5 15',
  check: 'm4 10.5 4 4 8-9',
  arrow: 'M4 10h12m-5-5 5 5-5 5',
  back: 'M16 10H4m5-5-5 5 5 5',
  copy: 'M7 7V3.5h9.5V13H13M3.5 7H13v9.5H3.5V7Z',
  chevron: 'm5 8 5 5 5-5',
  missing: 'M4 4h3m3 0h2m3 0h1v3m0 3v2m0 3v1h-3m-3 0H8m-3 0H4v-3m0-3V8',
  up: 'M10 16V4m-5 5 5-5 5 5',
  undo: 'M7 4 3 8l4 4M3 8h8.5a4.5 4.5 0 0 1 0 9H8',
  retry: 'M16.5 10a6.5 6.5 0 1 1-2-4.7M16.5 3v3.5H13',
  plus: 'M10 4v12M4 10h12',
  key: 'M12.5 12a4.5 4.5 0 1 0-4-2.4L3 15v2h3v-2h2v-2l1.6-1.5c.8.3 1.9.5 2.9.5Zm1-5.5v.1',
} as const;

export type IconName = keyof typeof PATHS;

@Component({
  selector: 'app-icon',
  template: `
    <svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path [attr.d]="path()" />
    </svg>
  `,
  styles: `
    :host {
      display: inline-flex;
      flex: none;
      width: 18px;
      height: 18px;
    }
    svg {
      width: 100%;
      height: 100%;
      fill: none;
      stroke: currentcolor;
      stroke-linecap: round;
      stroke-linejoin: round;
      stroke-width: 1.6;
    }
  `,
})
export class Icon {
  readonly name = input.required<IconName>();
  protected readonly path = computed(() => PATHS[this.name()]);
}
