import { TemplateMiner } from '@logbert/template-mining';
import { z } from 'zod';
import { readLines } from '../reading/read-lines';
import { UsageError } from '../reporting/options';
import type { Drain3Comparison } from './drain3-comparison';
import { EXAMPLE_MASKS } from './drain3-configurations';

const rowSchema = z.object({
  line: z.int(),
  template: z.string(),
  content: z.string(),
  exact: z.array(z.tuple([z.string(), z.string()])).nullable(),
});

/** Lines for which drain3 finds no parameters, and for how many of them we do. */
export interface UnreadLines {
  lines: number;
  readByUs: number;
}

/**
 * Compares the parameters of lines with those that drain3 reads with the masks of its example.
 *
 * Lines for which drain3 finds none, though they fit their template, are no differences: they are counted apart.
 *
 * @throws UsageError when the file is not of that form
 */
export async function compareDrain3Parameters(
  name: string,
  file: string,
  comparison: Drain3Comparison,
  unread: UnreadLines,
): Promise<void> {
  const miner = new TemplateMiner({ masks: EXAMPLE_MASKS });
  for await (const text of readLines(file)) {
    if (text === '') continue;
    const { line, template, content, exact } = parseRow(file, text);
    comparison.lines++;
    const ours = miner.extractParameters(template, content);
    if (exact) {
      const read = ours?.map(({ value, mask }) => [value, mask]) ?? null;
      const place = `${name} line ${line}`;
      comparison.compare(place, 'parameters', JSON.stringify(read), JSON.stringify(exact));
    } else {
      unread.lines++;
      if (ours) unread.readByUs++;
    }
  }
}

function parseRow(file: string, text: string): z.infer<typeof rowSchema> {
  try {
    return rowSchema.parse(JSON.parse(text));
  } catch {
    throw new UsageError(
      `${file}: "${text.slice(0, 80)}" is no row of line, template, content, exact`,
    );
  }
}
