/** One line with the group and the template that the truth and a parser give it. */
export interface ParsedLine {
  readonly trueGroup: string;
  readonly trueTemplate: string;
  readonly group: string;
  readonly template: string;
}

/** All in [0, 1]; NaN for no line. */
export interface ParsingFigures {
  /** GA: share of lines whose group holds exactly the lines of the true group. */
  readonly groupingAccuracy: number;
  /** FGA: F1 of whole groups. */
  readonly groupingF1: number;
  /** PA: share of lines whose template is the true one, letter by letter. */
  readonly parsingAccuracy: number;
  /** FTA: F1 of templates whose group and text are both right. */
  readonly templateF1: number;
}

/**
 * How well a parser groups lines and words their templates.
 *
 * Source: GA from Zhu et al., "Tools and Benchmarks for Automated Log Parsing", ICSE-SEIP 2019; PA from Dai et al.,
 * "Logram", TSE 2020; FGA and FTA from Jiang et al., "A Large-Scale Evaluation for Log Parsing Techniques", ISSTA 2024.
 */
export function parsingFigures(lines: readonly ParsedLine[]): ParsingFigures {
  const trueGroups = groupBy(lines, ({ trueGroup }) => trueGroup);
  const groups = groupBy(lines, ({ group }) => group);
  let linesInRightGroups = 0;
  let rightGroups = 0;
  let rightTemplates = 0;
  for (const members of groups.values()) {
    const first = members[0];
    if (!first) continue;
    const isPure = members.every(({ trueGroup }) => trueGroup === first.trueGroup);
    if (!isPure || trueGroups.get(first.trueGroup)?.length !== members.length) continue;
    linesInRightGroups += members.length;
    rightGroups++;
    if (members.every(({ template, trueTemplate }) => template === trueTemplate)) rightTemplates++;
  }
  const rightTexts = lines.filter(({ template, trueTemplate }) => template === trueTemplate).length;
  const f1 = (right: number): number => (2 * right) / (groups.size + trueGroups.size);
  return {
    groupingAccuracy: linesInRightGroups / lines.length,
    groupingF1: f1(rightGroups),
    parsingAccuracy: rightTexts / lines.length,
    templateF1: f1(rightTemplates),
  };
}

function groupBy(
  lines: readonly ParsedLine[],
  groupOf: (line: ParsedLine) => string,
): ReadonlyMap<string, readonly ParsedLine[]> {
  const groups = new Map<string, ParsedLine[]>();
  for (const line of lines) {
    const group = groups.get(groupOf(line));
    if (group) group.push(line);
    else groups.set(groupOf(line), [line]);
  }
  return groups;
}
