import { signal } from '@angular/core';
import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { pageSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pagedList } from './paged-list';

describe('pagedList', () => {
  const start = () => {
    TestBed.configureTestingModule({
      providers: [provideHttpClient(), provideHttpClientTesting()],
    });
    const url = signal<string | undefined>('/list?limit=2');
    const list = TestBed.runInInjectionContext(() =>
      pagedList(() => url(), pageSchema(z.string()).parse),
    );
    TestBed.tick();
    return { url, list, http: TestBed.inject(HttpTestingController) };
  };

  it('adds the next page to the one before', () => {
    const { list, http } = start();
    http.expectOne('/list?limit=2').flush({ items: ['a', 'b'], nextCursor: 'x/y' });
    expect(list.hasMore()).toBe(true);
    list.readMore();
    http.expectOne('/list?limit=2&cursor=x%2Fy').flush({ items: ['c'], nextCursor: null });
    expect([list.items(), list.hasMore()]).toEqual([['a', 'b', 'c'], false]);
  });

  it('begins anew when the address changes, and forgets the answer under way', () => {
    const { url, list, http } = start();
    const first = http.expectOne('/list?limit=2');
    url.set('/list?state=open');
    TestBed.tick();
    expect(first.cancelled).toBe(true);
    http.expectOne('/list?state=open').flush({ items: ['o'], nextCursor: null });
    expect(list.items()).toEqual(['o']);
  });

  it('keeps what it has when the answer is an error or not understood', () => {
    const { list, http } = start();
    http.expectOne('/list?limit=2').flush({ items: ['a'], nextCursor: null });
    list.reload();
    http.expectOne('/list?limit=2').flush({ items: 'none' });
    expect(list.error()).toBeInstanceOf(z.ZodError);
    list.reload();
    http.expectOne('/list?limit=2').flush('', { status: 500, statusText: 'Internal' });
    expect([list.items(), list.isLoading()]).toEqual([['a'], false]);
  });
});
