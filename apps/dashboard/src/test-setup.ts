// The framework's own packages come half compiled; outside a browser build the compiler finishes them.
import '@angular/compiler';
import { DOCUMENT } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';
import { afterEach } from 'vitest';

// Services and signals are tested where nothing renders: a document with nothing in it will do.
const document = { querySelectorAll: () => [] };
TestBed.initTestEnvironment(
  BrowserTestingModule,
  platformBrowserTesting([{ provide: DOCUMENT, useValue: document }]),
);
afterEach(() => void TestBed.resetTestingModule());
