import { Component, computed, input } from '@angular/core';
import type { AnomalyVerdict } from '@logbert/contracts';
import { Icon } from '../icons/icon';
import { verdictSentence, verdictWord } from './verdict-words';

/** A final verdict as words with a sign; nothing while it is not final. */
@Component({
  selector: 'app-verdict-mark',
  imports: [Icon],
  template: `
    @if (word(); as text) {
      <span [class]="verdict().state" [title]="sentence()">
        <app-icon [name]="verdict().state === 'confirmed' ? 'check' : 'undo'" />{{ text }}
      </span>
    }
  `,
  styles: `
    span {
      display: inline-flex;
      align-items: baseline;
      gap: 4px;
      font-size: 12.5px;
      white-space: nowrap;
    }
    app-icon {
      align-self: center;
      width: 13px;
      height: 13px;
    }
    .confirmed {
      color: var(--ink);
      font-weight: 560;
    }
    .retracted {
      color: var(--ink-3);
    }
  `,
})
export class VerdictMark {
  readonly verdict = input.required<AnomalyVerdict>();
  protected readonly word = computed(() => verdictWord(this.verdict()));
  protected readonly sentence = computed(() => verdictSentence(this.verdict()));
}
