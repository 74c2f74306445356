/** Lines to which the truth and a parser give the same answers. */
export interface ParsedLines {
  /** What the truth groups by: its template, or an id of it. */
  readonly trueGroup: string;
  /** Undefined where the truth words no templates. */
  readonly trueTemplate: string | undefined;
  /** The parser's template, every parameter written as the truth writes it; its lines are one group. */
  readonly template: string;
  readonly count: number;
}

/** All in [0, 1]; NaN for no line, and PA and FTA also where the truth words no templates. */
export interface ParsingFigures {
  /** GA: share of lines whose group holds exactly the lines of the true group. */
  readonly groupingAccuracy: number;
  /** FGA: F1 of whole groups. */
  readonly groupingF1: number;
  /** PA: share of lines whose template is the true one, letter by letter. */
  readonly parsingAccuracy: number;
  /** FTA: F1 of templates that word all of their lines as the truth does; they need not have all lines of theirs. */
  readonly templateF1: number;
}

/**
 * How well a parser groups lines and words their templates.
 *
 * Source: GA from Zhu et al., "Tools and Benchmarks for Automated Log Parsing", ICSE-SEIP 2019; PA from Dai et al.,
 * "Logram", TSE 2020; FGA from Jiang et al., "A Large-Scale Evaluation for Log Parsing Techniques", ISSTA 2024; FTA from
 * Khan et al., "Guidelines for Assessing the Accuracy of Log Message Template Identification Techniques", ICSE 2022. As in
 * the evaluator of Loghub-2.0, groups are told apart by the text of their template.
 */
export function parsingFigures(parsed: Iterable<ParsedLines>): ParsingFigures {
  const trueLines = new Map<string, number>();
  const trueTemplates = new Set<string>();
  const groups = new Map<string, Group>();
  let lines = 0;
  let rightTexts = 0;
  let isWorded = true;
  for (const { trueGroup, trueTemplate, template, count } of parsed) {
    lines += count;
    trueLines.set(trueGroup, (trueLines.get(trueGroup) ?? 0) + count);
    if (trueTemplate === undefined) isWorded = false;
    else trueTemplates.add(trueTemplate);
    if (trueTemplate === template) rightTexts += count;
    let group = groups.get(template);
    if (!group)
      groups.set(template, (group = { lines: 0, trueGroups: new Set(), texts: new Set() }));
    group.lines += count;
    group.trueGroups.add(trueGroup);
    group.texts.add(trueTemplate);
  }

  let linesInRightGroups = 0;
  let rightGroups = 0;
  let rightTemplates = 0;
  for (const [template, group] of groups) {
    if (group.texts.size === 1 && group.texts.has(template)) rightTemplates++;
    const [only = '', another] = group.trueGroups;
    if (another !== undefined || trueLines.get(only) !== group.lines) continue;
    rightGroups++;
    linesInRightGroups += group.lines;
  }
  const f1 = (right: number, trueCount: number): number => (2 * right) / (groups.size + trueCount);
  return {
    groupingAccuracy: linesInRightGroups / lines,
    groupingF1: f1(rightGroups, trueLines.size),
    parsingAccuracy: isWorded ? rightTexts / lines : NaN,
    templateF1: isWorded ? f1(rightTemplates, trueTemplates.size) : NaN,
  };
}

/** Lines of one template and what the truth says of them. */
interface Group {
  lines: number;
  readonly trueGroups: Set<string>;
  readonly texts: Set<string | undefined>;
}

/** The mean over systems, each counting once; systems without a figure do not count in it. NaN for none. */
export function meanFigures(figures: readonly ParsingFigures[]): ParsingFigures {
  const mean = (of: (one: ParsingFigures) => number): number => {
    const values = figures.map(of).filter((value) => !Number.isNaN(value));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    groupingAccuracy: mean((one) => one.groupingAccuracy),
    groupingF1: mean((one) => one.groupingF1),
    parsingAccuracy: mean((one) => one.parsingAccuracy),
    templateF1: mean((one) => one.templateF1),
  };
}
