import { Component, input } from '@angular/core';
import type { Severity } from '@logbert/contracts';

/** The severity as a word on its colour; shape and word, since colour alone says nothing to some. */
@Component({
  selector: 'app-severity-mark',
  template: `{{ severity() }}`,
  styles: `
    :host {
      display: inline-block;
      padding: 0 7px;
      border-radius: 4px;
      font: 600 11.5px/18px var(--sans);
      text-transform: capitalize;
    }
    :host(.low) {
      background: var(--low-soft);
      color: var(--low);
    }
    :host(.medium) {
      background: var(--medium-soft);
      color: var(--medium);
    }
    :host(.high) {
      background: var(--high-soft);
      color: var(--high);
    }
    :host(.critical) {
      background: var(--critical-soft);
      color: var(--critical);
    }
  `,
  host: { '[class]': 'severity()' },
})
export class SeverityMark {
  readonly severity = input.required<Severity>();
}
