import { Clipboard } from '@angular/cdk/clipboard';
import { LiveAnnouncer } from '@angular/cdk/a11y';
import { Component, DestroyRef, inject, input, signal } from '@angular/core';
import { Icon } from '../icons/icon';

const THANKS_MS = 2_000;

/** A command to take along. */
@Component({
  selector: 'app-copy-block',
  imports: [Icon],
  template: `
    <pre><code>{{ text() }}</code></pre>
    <button type="button" [attr.aria-label]="isCopied() ? 'Copied' : 'Copy'" (click)="copy()">
      <app-icon [name]="isCopied() ? 'check' : 'copy'" />
    </button>
  `,
  styles: `
    :host {
      position: relative;
      display: block;
    }
    pre {
      margin: 0;
      padding: 12px 48px 12px 14px;
      border: 1px solid var(--line);
      border-radius: 6px;
      background: var(--sunken);
      line-height: 19px;
      overflow-wrap: anywhere;
      white-space: pre-wrap;
    }
    button {
      position: absolute;
      top: 6px;
      right: 6px;
      display: grid;
      width: 32px;
      height: 32px;
      border: 1px solid var(--line);
      border-radius: 6px;
      background: var(--raised);
      color: var(--ink-2);
      cursor: pointer;
      place-items: center;
    }
    button:hover {
      color: var(--accent);
    }
  `,
})
export class CopyBlock {
  private readonly clipboard = inject(Clipboard);
  private readonly announcer = inject(LiveAnnouncer);
  private resetting: ReturnType<typeof setTimeout> | undefined;
  readonly text = input.required<string>();
  protected readonly isCopied = signal(false);

  constructor() {
    inject(DestroyRef).onDestroy(() => clearTimeout(this.resetting));
  }

  protected copy(): void {
    if (!this.clipboard.copy(this.text())) return;
    this.isCopied.set(true);
    void this.announcer.announce('Copied', 'polite');
    clearTimeout(this.resetting);
    this.resetting = setTimeout(() => this.isCopied.set(false), THANKS_MS);
  }
}
