import { Component, computed, input } from '@angular/core';

/** Grey lines in the place of what is being read. */
@Component({
  selector: 'app-loading-lines',
  template: `
    <span class="unseen" role="status">Loading</span>
    @for (width of widths(); track $index) {
      <div [style.width.%]="width"></div>
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: 12px;
      padding: 16px;
    }
    div {
      height: 12px;
      border-radius: 4px;
      background: var(--line);
      animation: breathe 1.6s ease-in-out infinite alternate;
    }
    @keyframes breathe {
      to {
        opacity: 0.45;
      }
    }
  `,
})
export class LoadingLines {
  readonly count = input(4);
  protected readonly widths = computed(() =>
    Array.from({ length: this.count() }, (_, line) => [92, 78, 86, 64][line % 4] ?? 80),
  );
}
