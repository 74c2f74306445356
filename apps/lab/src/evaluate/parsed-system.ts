import type { MinerSettings } from '@logbert/template-mining';
import { type ParsedLines, parsingFigures, type ParsingFigures } from '../measures/parsing';
import type { TrueLine } from './template-systems';

/** Counts, line by line, which cluster of a parser had which lines of the truth. */
export class ParsedSystem {
  private readonly counts = new Map<number, Map<string, number>>();
  private readonly templates = new Map<number, string>();
  private readonly words = new Map<string, string | undefined>();

  /** @param template the cluster's text as far as it is known; the last one counts for all of its lines */
  add({ trueGroup, trueTemplate }: TrueLine, clusterId: number, template: string): void {
    this.templates.set(clusterId, template);
    // The evaluator of Loghub-2.0 leaves such lines out, too.
    if (trueGroup === '') return;
    this.words.set(trueGroup, trueTemplate);
    let counts = this.counts.get(clusterId);
    if (!counts) this.counts.set(clusterId, (counts = new Map()));
    counts.set(trueGroup, (counts.get(trueGroup) ?? 0) + 1);
  }

  /** @param settings with which the templates came about */
  figures(settings: Pick<MinerSettings, 'masks' | 'maskPrefix' | 'maskSuffix'>): ParsingFigures {
    const starred = starring(settings);
    return parsingFigures(this.lines(starred));
  }

  private *lines(starred: (template: string) => string): Iterable<ParsedLines> {
    for (const [clusterId, counts] of this.counts) {
      const template = starred(this.templates.get(clusterId) ?? '');
      for (const [trueGroup, count] of counts) {
        yield { trueGroup, trueTemplate: this.words.get(trueGroup), template, count };
      }
    }
  }
}

/** The truth writes every parameter as `<*>`, whatever its mask is called. */
function starring({
  masks,
  maskPrefix,
  maskSuffix,
}: Pick<MinerSettings, 'masks' | 'maskPrefix' | 'maskSuffix'>): (template: string) => string {
  const names = masks.flatMap(({ name, pattern }) =>
    name === undefined
      ? Array.from(pattern.matchAll(/\(\?<([A-Za-z_$][\w$]*)>/g), ([, group = '']) => group)
      : [name],
  );
  const any = [...new Set([...names, '*'])].map(escape).join('|');
  const mask = new RegExp(`${escape(maskPrefix)}(?:${any})${escape(maskSuffix)}`, 'g');
  return (template) => template.replace(mask, '<*>');
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
