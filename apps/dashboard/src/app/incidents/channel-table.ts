import { Component, computed, input } from '@angular/core';
import { MatTooltipModule } from '@angular/material/tooltip';
import type { ChannelName, ChannelVerdict } from '@logbert/contracts';
import { PValuePipe } from '../figures/figure-pipes';
import { evidenceOf } from '../live/traffic-window';

/** What each channel looks at. */
const MEANING: Readonly<Record<ChannelName, string>> = {
  'surprise-mean': 'Mean surprise of the model over the window',
  'surprise-max': 'Surprise of the most surprising line',
  'surprise-top3': 'Surprise of the three most surprising lines',
  entropy:
    'How unsure the model was on average; it adds to what others found and never decides alone',
  rarity: 'A template that recent windows agree on is there, or is not',
  'count-vector': 'Distance of the template counts to the nearest known ones',
  ngram: 'Sequences of templates not seen before',
  'key-set': 'Distance of the templates, however often each came, to the nearest known set',
  novelty: 'Lines like none known before',
  hypersphere: 'Distance of the window to the centre of normal',
  presence: 'A line or an end that the model expects nowhere in the window',
  rate: 'A template’s count against its own baseline',
};

@Component({
  selector: 'app-channel-table',
  imports: [MatTooltipModule, PValuePipe],
  template: `
    <h3>How each channel judged</h3>
    @if (rows().length > 1) {
      <p class="quiet">
        <b>{{ deciding() }}</b> decided: its evidence weighs most. Channels weigh differently, so
        another may have a smaller p; entropy never decides alone.
      </p>
    }
    <ul>
      @for (row of rows(); track row.channel) {
        <li
          tabindex="0"
          [class.deciding]="row.channel === deciding()"
          [matTooltip]="meaning[row.channel]"
        >
          <span class="name">{{ row.channel }}</span>
          <span class="bar" aria-hidden="true"><span [style.width.%]="row.width"></span></span>
          <span class="p">p {{ row.pValue | pValue }}</span>
          @if (row.channel === deciding()) {
            <span class="unseen">decided</span>
          }
        </li>
      }
    </ul>
  `,
  styles: `
    p {
      margin-top: 2px;
      font-size: 12.5px;
      line-height: 18px;
    }
    ul {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(270px, 1fr));
      gap: 1px 24px;
      margin-top: 6px;
    }
    li {
      display: grid;
      grid-template-columns: 104px 1fr 76px;
      align-items: center;
      gap: 8px;
      padding: 1px 4px;
      border-radius: 4px;
      font-size: 12.5px;
      line-height: 18px;
    }
    .name,
    .p {
      color: var(--ink-2);
    }
    .p {
      text-align: right;
    }
    .bar {
      height: 4px;
      border-radius: 2px;
      background: var(--sunken);
    }
    .bar span {
      display: block;
      height: 100%;
      border-radius: 2px;
      background: var(--ink-3);
    }
    .deciding .name,
    .deciding .p {
      color: var(--ink);
      font-weight: 600;
    }
    .deciding .bar span {
      background: var(--accent);
    }
  `,
})
export class ChannelTable {
  readonly channels = input.required<readonly ChannelVerdict[]>();
  readonly deciding = input.required<ChannelName>();
  protected readonly meaning = MEANING;
  protected readonly rows = computed(() => {
    const most = Math.max(3, ...this.channels().map(({ pValue }) => evidenceOf(pValue)));
    return [...this.channels()]
      .sort((a, b) => a.pValue - b.pValue)
      .map(({ channel, pValue }) => ({
        channel,
        pValue,
        width: (100 * evidenceOf(pValue)) / most,
      }));
  });
}
