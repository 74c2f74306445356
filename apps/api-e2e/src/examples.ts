import { readFileSync } from 'node:fs';

const ROOT = new URL('../../../', import.meta.url);

/** A fenced block of a page that is marked to be tried out: `<!-- test: curl -->`. */
export interface Example {
  readonly page: string;
  readonly name: string;
  readonly text: string;
}

const MARKED = /<!-- test: ([\w-]+) -->\s*```\w*\n([\s\S]*?)```/g;

/** The marked examples of a page, in order. */
export function readExamples(page: string): readonly Example[] {
  const markdown = readFileSync(new URL(page, ROOT), 'utf8');
  return [...markdown.matchAll(MARKED)].map(([, name = '', text = '']) => ({ page, name, text }));
}
