import { describe, expect, it } from 'vitest';
import { PieceDetectors, splitPieces } from './piece-detectors';
import type { Piece, PieceKind } from './session-pieces';

/** Sessions begin with key 4, go on with 5, and come in two lengths. */
const pieces = (kind: PieceKind, count: number): Piece[] =>
  Array.from({ length: count }, (_, index) => ({
    session: `${kind}${index}`,
    kind,
    tokens: Int32Array.of(kind === 'session' ? 4 : 5, 5, ...(index % 2 === 0 ? [5] : [])),
  }));

describe('splitPieces', () => {
  it('keeps kinds apart where both are common', () => {
    const { kinds, judgedAs } = splitPieces(
      [...pieces('session', 200), ...pieces('continuation', 300)],
      [...pieces('session', 60), ...pieces('continuation', 90)],
      0.05,
    );
    expect(
      kinds.map(({ kind, training, calibration }) => [kind, training.length, calibration.length]),
    ).toEqual([
      ['session', 200, 60],
      ['continuation', 300, 90],
    ]);
    expect(judgedAs.continuation).toBe('continuation');
  });

  it('judges a rare kind with the commoner one', () => {
    const { kinds, judgedAs } = splitPieces(
      [...pieces('session', 200), ...pieces('continuation', 20)],
      [...pieces('session', 60), ...pieces('continuation', 5)],
      0,
    );
    expect(kinds.map(({ kind, training }) => [kind, training.length])).toEqual([['session', 220]]);
    expect(judgedAs).toEqual({ session: 'session', continuation: 'session' });
  });

  it('trims what is too rare to be normal', () => {
    const odd: Piece = { session: 'odd', kind: 'session', tokens: Int32Array.of(4, 5, 6) };
    const { kinds } = splitPieces(
      [...pieces('session', 98), odd, odd],
      pieces('session', 50),
      0.05,
    );
    expect(kinds[0]?.training).not.toContain(odd);
    expect(kinds[0]?.trimmed).toBe(2);
  });
});

describe('PieceDetectors', () => {
  const split = splitPieces(
    [...pieces('session', 300), ...pieces('continuation', 300)],
    [...pieces('session', 100), ...pieces('continuation', 100)],
    0,
  );
  const detectors = PieceDetectors.calibrate(
    split,
    ({ tokens }) => ({ tokens, novelLines: 0, score: undefined }),
    { vocabularySize: 8, alertBudget: 0.01, sessionsCutAt: 3 },
  );
  const judge = (kind: PieceKind, ...tokens: number[]) =>
    detectors
      .of(kind)
      .detector.inspect({ tokens: Int32Array.from(tokens), novelLines: 0, score: undefined });

  it('judge a piece among its own kind', () => {
    expect(judge('continuation', 5, 5, 5).isAnomaly).toBe(false);
    expect(judge('session', 5, 5, 5).isAnomaly).toBe(true);
    expect(judge('session', 4, 5, 5).isAnomaly).toBe(false);
  });

  it('have no opinion of a model where there is none', () => {
    expect(detectors.of('session').modelAlone).toBeUndefined();
  });
});
