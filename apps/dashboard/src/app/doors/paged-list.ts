import { HttpClient } from '@angular/common/http';
import { DestroyRef, effect, inject, type Signal, signal, untracked } from '@angular/core';
import type { Page } from '@logbert/contracts';
import type { Subscription } from 'rxjs';

export interface PagedList<Item> {
  readonly items: Signal<readonly Item[]>;
  readonly isLoading: Signal<boolean>;
  readonly hasMore: Signal<boolean>;
  readonly error: Signal<unknown>;
  readMore(): void;
  reload(): void;
}

/**
 * A list of the server, read page by page; anew from the first when its address changes.
 *
 * @param url address without a cursor; undefined while it is not known
 */
export function pagedList<Item>(
  url: () => string | undefined,
  parse: (answer: unknown) => Page<Item>,
): PagedList<Item> {
  const http = inject(HttpClient);
  const items = signal<readonly Item[]>([]);
  const isLoading = signal(true);
  const error = signal<unknown>(undefined);
  const cursor = signal<string | null>(null);
  const hasMore = signal(false);
  let reading: Subscription | undefined;

  function read(address: string, after: string | null): void {
    reading?.unsubscribe();
    isLoading.set(true);
    error.set(undefined);
    const separator = address.includes('?') ? '&' : '?';
    const cursorPart = after === null ? '' : `${separator}cursor=${encodeURIComponent(after)}`;
    reading = http.get(address + cursorPart).subscribe({
      next: (answer) => {
        try {
          const page = parse(answer);
          items.update((known) => (after === null ? page.items : [...known, ...page.items]));
          cursor.set(page.nextCursor);
          hasMore.set(page.nextCursor !== null);
        } catch (misunderstood) {
          error.set(misunderstood);
        }
        isLoading.set(false);
      },
      error: (failure: unknown) => {
        error.set(failure);
        isLoading.set(false);
      },
    });
  }

  const reload = () => {
    const address = untracked(url);
    if (address !== undefined) read(address, null);
  };
  effect(() => {
    const address = url();
    if (address !== undefined) untracked(() => read(address, null));
  });
  inject(DestroyRef).onDestroy(() => reading?.unsubscribe());

  return {
    items,
    isLoading,
    hasMore,
    error,
    reload,
    readMore: () => {
      const address = untracked(url);
      if (address !== undefined && !isLoading()) read(address, cursor());
    },
  };
}
