import { inject, Injectable, InjectionToken, signal } from '@angular/core';

const STORAGE_KEY = 'logbert.api-key';

/** Where the key is kept while the tab is open; tests provide their own. */
export const KEY_STORAGE = new InjectionToken<Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>>(
  'KEY_STORAGE',
  { factory: () => sessionStorage },
);

/** The API key of this tab, and whether the server has asked for one. */
@Injectable({ providedIn: 'root' })
export class ApiKey {
  private readonly storage = inject(KEY_STORAGE);
  private readonly current = signal(this.storage.getItem(STORAGE_KEY));
  private readonly refused = signal(false);

  readonly value = this.current.asReadonly();
  /** Whether the last answer was 401: nothing works until a key is given. */
  readonly isNeeded = this.refused.asReadonly();

  accept(key: string): void {
    this.storage.setItem(STORAGE_KEY, key);
    this.current.set(key);
    this.refused.set(false);
  }

  forget(): void {
    this.storage.removeItem(STORAGE_KEY);
    this.current.set(null);
  }

  refuse(): void {
    this.refused.set(true);
  }
}
