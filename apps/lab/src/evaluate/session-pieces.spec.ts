import { seededRandom } from '@logbert/logbert';
import { Vocabulary } from '@logbert/sequences';
import { describe, expect, it } from 'vitest';
import { contaminate, keepForCalibration, piecesOf } from './session-pieces';

const sessions = (count: number, prefix = 's') =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index}`, keys: ['a'] }));

describe('piecesOf', () => {
  const vocabulary = Vocabulary.build(['a', 'b']);
  const kindsAndLengths = (lines: number, maxLength: number) =>
    piecesOf([{ id: 's', keys: Array<string>(lines).fill('b') }], vocabulary, maxLength).map(
      ({ kind, tokens }) => [kind, tokens.length],
    );

  it('leaves a session that is not too long whole', () => {
    expect(kindsAndLengths(3, 3)).toEqual([['session', 3]]);
  });

  it('cuts a longer one without overlap, and only its first piece begins as sessions do', () => {
    expect(kindsAndLengths(7, 3)).toEqual([
      ['session', 3],
      ['continuation', 3],
      ['continuation', 1],
    ]);
  });

  it('gives no piece of an empty session', () => {
    expect(kindsAndLengths(0, 3)).toEqual([]);
  });
});

describe('keepForCalibration', () => {
  it('keeps the last ones', () => {
    const { training, calibration } = keepForCalibration(sessions(10), 0.3);
    expect(training.map(({ id }) => id)).toEqual(['s0', 's1', 's2', 's3', 's4', 's5', 's6']);
    expect(calibration.map(({ id }) => id)).toEqual(['s7', 's8', 's9']);
  });
});

describe('contaminate', () => {
  const parts = {
    training: sessions(90),
    calibration: sessions(18, 'c'),
    anomalous: sessions(30, 'x'),
  };
  const anomalies = (some: readonly { readonly id: string }[]) =>
    some.filter(({ id }) => id.startsWith('x')).map(({ id }) => id);

  it('mixes the share into both parts, and judges none of those', () => {
    const { training, calibration, testedAnomalies } = contaminate(parts, 0.1, seededRandom(1));
    expect(anomalies(training)).toHaveLength(10);
    expect(anomalies(calibration)).toHaveLength(2);
    expect(testedAnomalies).toHaveLength(18);
    const everywhere = [training, calibration, testedAnomalies].flatMap(anomalies);
    expect(new Set(everywhere).size).toBe(30);
  });

  it('leaves everything clean for a share of 0', () => {
    const { training, testedAnomalies } = contaminate(parts, 0, seededRandom(1));
    expect(anomalies(training)).toEqual([]);
    expect(testedAnomalies).toHaveLength(30);
  });
});
