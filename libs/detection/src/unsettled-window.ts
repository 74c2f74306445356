import { z } from 'zod';
import type { ScoredWindow } from './scored-window';
import { profileOf, type WindowProfile } from './window-profile';

/** A window whose verdict is not final. */
export interface UnsettledWindow {
  readonly window: ScoredWindow;
  readonly profile: WindowProfile;
  readonly wasFlagged: boolean;
  /** As which it is among the recent p-values; undefined when it is not, and in what older versions kept. */
  readonly entered: number | undefined;
}

const numbers = z.array(z.number()).readonly();

export const unsettledSchema = z
  .array(
    z
      .object({
        tokens: z.array(z.int().nonnegative()).min(1).readonly(),
        novelLines: z.int().nonnegative(),
        group: z.string().optional(),
        score: z
          .object({
            surprise: numbers,
            entropy: numbers,
            distance: z.number(),
            presence: numbers.optional(),
            endSurprise: z.number().optional(),
          })
          .optional(),
        wasFlagged: z.boolean(),
        entered: z.number().optional(),
      })
      .readonly(),
  )
  .readonly();

type UnsettledSnapshot = z.infer<typeof unsettledSchema>;

export function snapshotOfUnsettled(unsettled: readonly UnsettledWindow[]): UnsettledSnapshot {
  return unsettled.map(({ window: { tokens, novelLines, group, score }, wasFlagged, entered }) => ({
    tokens: [...tokens],
    novelLines,
    group,
    score: score && {
      surprise: [...score.surprise],
      entropy: [...score.entropy],
      distance: score.distance,
      presence: score.presence && [...score.presence],
      endSurprise: score.endSurprise,
    },
    wasFlagged,
    entered,
  }));
}

export function restoreUnsettled(snapshot: UnsettledSnapshot): UnsettledWindow[] {
  return snapshot.map((kept) => {
    const { novelLines, group, score, wasFlagged, entered } = kept;
    const tokens = Int32Array.from(kept.tokens);
    const window = {
      tokens,
      novelLines,
      ...(group === undefined ? {} : { group }),
      score: score && {
        surprise: Float32Array.from(score.surprise),
        entropy: Float32Array.from(score.entropy),
        distance: score.distance,
        presence: score.presence && Float32Array.from(score.presence),
        endSurprise: score.endSurprise,
      },
    };
    return { window, profile: profileOf(tokens), wasFlagged, entered };
  });
}
