import { Component, computed, input, output, signal } from '@angular/core';

const SHOWN = 6;

/** Citations: each leads to its item in the evidence list. */
@Component({
  selector: 'app-evidence-links',
  template: `
    @for (id of shown(); track id) {
      <button type="button" [attr.aria-label]="'Show evidence ' + id" (click)="chosen.emit(id)">
        {{ id }}
      </button>
    }
    @if (shown().length < ids().length) {
      <button type="button" class="more" (click)="isWhole.set(true)">
        + {{ ids().length - shown().length }}<span class="unseen"> more</span>
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
    .more {
      color: var(--ink-2);
    }
    button:hover {
      border-color: var(--accent);
    }
  `,
})
export class EvidenceLinks {
  readonly ids = input.required<readonly string[]>();
  readonly chosen = output<string>();
  protected readonly isWhole = signal(false);
  protected readonly shown = computed(() =>
    this.isWhole() ? this.ids() : this.ids().slice(0, SHOWN),
  );
}
