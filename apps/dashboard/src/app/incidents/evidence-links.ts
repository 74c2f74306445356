import { Component, input, output } from '@angular/core';

/** Citations: each leads to its item in the evidence list. */
@Component({
  selector: 'app-evidence-links',
  template: `
    @for (id of ids(); track id) {
      <button type="button" [attr.aria-label]="'Show evidence ' + id" (click)="chosen.emit(id)">
        {{ id }}
      </button>
    }
  `,
  styles: `
    :host {
      display: inline-flex;
      flex-wrap: wrap;
      gap: 4px;
    }
    button {
      padding: 0 6px;
      border: 1px solid var(--line);
      border-radius: 4px;
      background: var(--sunken);
      color: var(--accent);
      font: 600 11.5px/18px var(--sans);
      cursor: pointer;
    }
    button:hover {
      border-color: var(--accent);
    }
  `,
})
export class EvidenceLinks {
  readonly ids = input.required<readonly string[]>();
  readonly chosen = output<string>();
}
