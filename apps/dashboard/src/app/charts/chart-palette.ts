import { DOCUMENT, inject, Injectable, InjectionToken, signal } from '@angular/core';

/** The colours that charts are drawn with, as the present colour scheme has them. */
export interface Palette {
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly surface: string;
  readonly accent: string;
  readonly low: string;
  readonly medium: string;
  readonly high: string;
  readonly critical: string;
  readonly sans: string;
}

export const DARK_SCHEME = new InjectionToken<MediaQueryList>('DARK_SCHEME', {
  factory: () => matchMedia('(prefers-color-scheme: dark)'),
});

/** Reads the style sheet's tokens, again each time the colour scheme changes. */
@Injectable({ providedIn: 'root' })
export class ChartPalette {
  private readonly root = inject(DOCUMENT).documentElement;
  private readonly current = signal(this.read());
  readonly colours = this.current.asReadonly();

  constructor() {
    inject(DARK_SCHEME).addEventListener('change', () => this.current.set(this.read()));
  }

  private read(): Palette {
    const style = getComputedStyle(this.root);
    const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
    return {
      ink: token('ink'),
      quiet: token('ink-3'),
      line: token('line'),
      surface: token('raised'),
      accent: token('accent'),
      low: token('low'),
      medium: token('medium'),
      high: token('high'),
      critical: token('critical'),
      sans: token('sans'),
    };
  }
}
