import { Component, effect, inject, input, untracked } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import { Clock } from '../figures/clock';
import { AgePipe, CountPipe, SharePipe } from '../figures/figure-pipes';
import { Icon } from '../icons/icon';
import { CauseText } from '../incidents/cause-text';
import { SeverityMark } from '../incidents/severity-mark';
import { isTakenBack } from '../incidents/verdict-words';
import { Popups } from './popups';

@Component({
  selector: 'app-popup-stack',
  imports: [
    AgePipe,
    CauseText,
    CountPipe,
    Icon,
    MatButtonModule,
    RouterLink,
    SeverityMark,
    SharePipe,
  ],
  templateUrl: './popup-stack.html',
  styleUrl: './popup-stack.scss',
  host: {
    role: 'region',
    'aria-label': 'New incidents',
    '[class.brief]': 'viewedId() !== undefined',
  },
})
export class PopupStack {
  protected readonly clock = inject(Clock);
  protected readonly isTakenBack = isTakenBack;
  protected readonly popups = inject(Popups);
  /** The incident whose page is open: it needs no popup, and those of others say less beside it. */
  readonly viewedId = input<string>();

  constructor() {
    effect(() => {
      const id = this.viewedId();
      if (id !== undefined) untracked(() => this.popups.dismiss(id));
    });
  }
}
