import type { LearnedChange, SearchStrategy } from './drain-tree';
import type { DrainTreeState } from './drain-tree-state';
import type { FamilyTreeChanges } from './family-changes';
import type { FamilyTreeState } from './family-tree-state';
import type { TemplateParameter } from './parameters';
import type { TemplateId } from './template-id';
import type { DrainTreeChanges } from './tree-changes';

/** Lines of one template. */
export interface TemplateGroup {
  readonly clusterId: number;
  readonly id: TemplateId;
  readonly template: string;
  /** Lines that were learned. */
  readonly size: number;
}

/** Reads a line's parameters for the template that it was found to fit. */
export type ReadParameters = () => readonly TemplateParameter[];

/** What an engine has learned, as plain data. */
export type EngineState = DrainTreeState | FamilyTreeState;

/** What happened in an engine, as plain data. */
export type TreeChanges = DrainTreeChanges | FamilyTreeChanges;

/** A way to find which lines are of one template. */
export interface GroupingEngine {
  /** What the last line that was learned did to its template. */
  readonly lastChange: LearnedChange;
  readonly clusterCount: number;
  /** Templates founded since the beginning, forgotten ones included. */
  readonly createdCount: number;
  /** Different texts in memory. */
  readonly tokenCount: number;
  /** Bytes that it takes, by the formula of `memory-formula`. */
  readonly heldBytes: number;

  /**
   * @param mayFound whether a line that is like no other founds a template
   * @returns the line's template, undefined for one that may not found its own
   */
  learn(message: string, mayFound: boolean): TemplateGroup | undefined;

  match(
    message: string,
    strategy: SearchStrategy,
  ): { readonly group: TemplateGroup; readonly readParameters: ReadParameters } | undefined;

  /** @returns undefined when the line does not fit the template */
  extractParameters(template: string, message: string): readonly TemplateParameter[] | undefined;

  /** The line with its masks in place. */
  mask(message: string): string;

  groups(): Iterable<TemplateGroup>;

  state(): EngineState;

  /** What happened since this was last asked; undefined when it never was, or a state says it shorter. */
  takeChanges(): TreeChanges | undefined;

  /** Does again what happened to an engine of the same state. */
  apply(changes: TreeChanges): void;
}
