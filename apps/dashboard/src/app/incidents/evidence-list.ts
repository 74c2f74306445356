import { Component, effect, ElementRef, inject, input, model } from '@angular/core';
import type { Evidence } from '@logbert/contracts';
import { ClockPipe } from '../figures/figure-pipes';
import { EmptyNotice } from '../notices/empty-notice';
import { EVIDENCE_TEXT, figuresOf } from './evidence-figures';

@Component({
  selector: 'app-evidence-list',
  imports: [ClockPipe, EmptyNotice],
  template: `
    <section class="panel" aria-labelledby="evidence-heading">
      <div class="panel-head">
        <h2 id="evidence-heading">
          Evidence <span class="quiet">{{ evidence().length }}</span>
        </h2>
        <span class="label">computed, not generated</span>
      </div>
      @if (evidence().length > 0) {
        <ul>
          @for (item of evidence(); track item.id) {
            <li tabindex="-1" [attr.data-evidence]="item.id" [class.chosen]="open() === item.id">
              <p class="kind">
                <b>{{ item.id }}</b> {{ kinds[item.kind] }}
                @if (item.service) {
                  <span>· {{ item.service }}</span>
                }
                @if (item.at !== null) {
                  <time>{{ item.at | clock }}</time>
                }
              </p>
              <p>{{ item.statement }}</p>
              <div class="weight" aria-hidden="true">
                <div [style.width.%]="item.weight * 100"></div>
              </div>
              @if (figures(item); as all) {
                @if (all.length > 0) {
                  <dl>
                    @for (figure of all; track figure.name) {
                      <div>
                        <dt>{{ figure.name }}</dt>
                        <dd>{{ figure.value }}</dd>
                      </div>
                    }
                  </dl>
                }
              }
              @if (item.lines.length > 0) {
                <details>
                  <summary>
                    {{ item.lines.length }} {{ item.lines.length === 1 ? 'line' : 'lines' }}
                  </summary>
                  @for (line of item.lines; track $index) {
                    <code>{{ line }}</code>
                  }
                </details>
              }
            </li>
          }
        </ul>
      } @else {
        <app-empty-notice icon="missing" heading="No evidence">
          Nothing stood out against the time before.
        </app-empty-notice>
      }
    </section>
  `,
  styles: `
    ul {
      max-height: 620px;
      overflow-y: auto;
    }
    li {
      padding: 9px 16px 11px;
      border-top: 1px solid var(--line);
      scroll-margin: 60px;
    }
    li.chosen {
      background: var(--accent-soft);
      outline: 0;
    }
    .kind {
      display: flex;
      gap: 6px;
      margin-bottom: 2px;
      color: var(--ink-3);
      font-size: 12px;
      line-height: 18px;
    }
    .kind b {
      color: var(--accent);
    }
    time {
      margin-left: auto;
    }
    p {
      overflow-wrap: anywhere;
    }
    .weight {
      height: 3px;
      margin: 6px 0 4px;
      border-radius: 2px;
      background: var(--line);
    }
    .weight div {
      height: 100%;
      border-radius: 2px;
      background: var(--accent);
    }
    dl {
      display: flex;
      flex-wrap: wrap;
      gap: 0 14px;
      font-size: 12.5px;
    }
    dl div {
      display: flex;
      gap: 5px;
    }
    dt {
      color: var(--ink-3);
    }
    dd {
      font-weight: 600;
    }
    summary {
      width: max-content;
      margin-top: 4px;
      color: var(--accent);
      font-size: 12.5px;
      cursor: pointer;
    }
    code {
      display: block;
      margin-top: 6px;
      padding: 6px 8px;
      border-radius: 4px;
      background: var(--sunken);
      line-height: 18px;
      overflow-wrap: anywhere;
      white-space: pre-wrap;
    }
    @media (max-width: 719px) {
      li {
        padding: 9px 12px 11px;
      }
    }
  `,
})
export class EvidenceList {
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  readonly evidence = input.required<readonly Evidence[]>();
  /** The item that a citation led to. */
  readonly open = model<string>();
  protected readonly kinds = EVIDENCE_TEXT;

  constructor() {
    effect(() => {
      const id = this.open();
      if (id === undefined) return;
      const item = [...this.element.querySelectorAll<HTMLElement>('[data-evidence]')].find(
        ({ dataset }) => dataset['evidence'] === id,
      );
      item?.scrollIntoView({ block: 'nearest' });
      item?.focus({ preventScroll: true });
    });
  }

  protected figures(item: Evidence) {
    return figuresOf(item.figures);
  }
}
