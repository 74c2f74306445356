import { Component, input } from '@angular/core';
import { Icon, type IconName } from '../icons/icon';

/** Says that there is nothing, why that is so, and what would change it. */
@Component({
  selector: 'app-empty-notice',
  imports: [Icon],
  template: `
    <app-icon [name]="icon()" />
    <h3>{{ heading() }}</h3>
    <p><ng-content /></p>
  `,
  styles: `
    :host {
      display: grid;
      justify-items: center;
      gap: 6px;
      padding: 28px 20px 32px;
      color: var(--ink-3);
      text-align: center;
    }
    h3 {
      color: var(--ink);
    }
    p {
      max-width: 46ch;
    }
  `,
})
export class EmptyNotice {
  readonly icon = input<IconName>('check');
  readonly heading = input.required<string>();
}
