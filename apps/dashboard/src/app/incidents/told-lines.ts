import type { Anomaly, AnomalyLine, ContextLine } from '@logbert/contracts';

/** A line as it is told: one of the window, or one of its surroundings. */
export type ToldLine =
  | { readonly kind: 'window'; readonly line: AnomalyLine; readonly position: number }
  | { readonly kind: 'context'; readonly line: ContextLine }
  | { readonly kind: 'gap'; readonly hidden: number };

/** Context lines kept on each side of a line of the window. */
const NEAR = 3;

/**
 * Lines of the window and of its surroundings by time, the window's own first at a tie.
 *
 * Unless everything is asked for, surroundings further than three lines from an abnormal line give way to a gap that
 * says how many there are.
 */
export function tell(anomaly: Anomaly, isWhole: boolean): readonly ToldLine[] {
  const window = anomaly.lines.map((line, position) => ({
    kind: 'window' as const,
    line,
    position,
  }));
  const context = anomaly.context.map((line) => ({ kind: 'context' as const, line }));
  const all = merge(window, context);
  return isWhole ? all : fold(all);
}

/**
 * The window's own lines, the oddest first: those that made it odd, then the others, each by surprise. A line without a template is as
 * odd as can be.
 */
export function tellOddestFirst({ lines }: Anomaly): readonly ToldLine[] {
  const oddity = ({ isNovel, surprise }: AnomalyLine): number =>
    isNovel ? Infinity : (surprise ?? -1);
  const compare = (a: number, b: number): number => (a === b ? 0 : b - a);
  return lines
    .map((line, position) => ({ kind: 'window' as const, line, position }))
    .sort(
      (a, b) =>
        Number(b.line.isAbnormal) - Number(a.line.isAbnormal) ||
        compare(oddity(a.line), oddity(b.line)),
    );
}

/** The window keeps its own order even where clocks of services disagree. */
function merge(window: readonly ToldLine[], context: readonly ToldLine[]): readonly ToldLine[] {
  const told: ToldLine[] = [];
  let next = 0;
  for (const entry of window) {
    while (next < context.length && timeOf(context[next]) < timeOf(entry)) {
      const surrounding = context[next++];
      if (surrounding !== undefined) told.push(surrounding);
    }
    told.push(entry);
  }
  return [...told, ...context.slice(next)];
}

function fold(all: readonly ToldLine[]): readonly ToldLine[] {
  const near = new Set<number>();
  all.forEach((entry, index) => {
    if (entry.kind !== 'window') return;
    near.add(index);
    if (!entry.line.isAbnormal) return;
    for (let around = index - NEAR; around <= index + NEAR; around++) near.add(around);
  });
  const told: ToldLine[] = [];
  let hidden = 0;
  // A gap takes as much room as a line, so that one line alone is rather shown.
  const close = (end: number) => {
    if (hidden > 1) told.push({ kind: 'gap', hidden });
    else told.push(...all.slice(end - hidden, end));
    hidden = 0;
  };
  for (const [index, entry] of all.entries()) {
    if (near.has(index)) {
      close(index);
      told.push(entry);
    } else hidden++;
  }
  close(all.length);
  return told;
}

function timeOf(entry: ToldLine | undefined): number {
  return entry === undefined || entry.kind === 'gap' ? Infinity : entry.line.at;
}
