import type { MinerSettings } from '@logbert/template-mining';
import { z } from 'zod';

/** One measurement that a process of its own makes. */
export type TemplateJob =
  | {
      /** `learn` every message, or `match` every message against the tree that has learned them. */
      readonly kind: 'learn' | 'match';
      /** Messages, one a line, UTF-8. */
      readonly messages: string;
      readonly settings: Partial<MinerSettings>;
    }
  | {
      /** What a message costs once so many templates are known. */
      readonly kind: 'cost';
      readonly templates: number;
      readonly lines: number;
      /** Whether few templates have most of the messages. */
      readonly isSkewed: boolean;
      readonly settings: Partial<MinerSettings>;
    };

/** What a program took for a file of messages, as ours and its peers print it. */
export const peerUsageSchema = z.object({
  lines: z.int(),
  seconds: z.number().positive(),
  /** Of all threads, so that it may exceed the time that passed. */
  cpuSeconds: z.number().nonnegative(),
  peakMemoryBytes: z.number().nullable(),
  /** Clusters at the end. */
  clusters: z.int(),
  /** Name and version of what ran. */
  program: z.string(),
});

export type PeerUsage = z.infer<typeof peerUsageSchema>;

/** Processor time of one message, of all threads. */
export const templateCostSchema = z.object({
  clusters: z.int(),
  learnSeconds: z.number(),
  matchSeconds: z.number(),
});

export type TemplateCost = z.infer<typeof templateCostSchema>;
