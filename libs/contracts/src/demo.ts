import * as z from 'zod';

export const DEMO_STREAM = 'shop';

export const DEMO_FAULTS = [
  'dependency-timeout',
  'disk-full',
  'bad-deploy',
  'credential-failures',
  'silent-drop',
] as const;

export const demoFaultNameSchema = z.enum(DEMO_FAULTS);

export const demoFaultSchema = z
  .object({
    name: demoFaultNameSchema,
    title: z.string(),
    /** The service the fault is planted in. */
    service: z.string(),
    isActive: z.boolean(),
    activeUntil: z.int().nullable(),
  })
  .readonly();

export const demoStateSchema = z
  .object({
    phase: z.enum(['off', 'backfilling', 'training', 'live', 'stopped']),
    /** Whether faults also come by themselves. */
    isAutomatic: z.boolean(),
    faults: z.array(demoFaultSchema).readonly(),
  })
  .readonly();

export const demoCommandSchema = z.strictObject({ isAutomatic: z.boolean() });

export type DemoFaultName = z.infer<typeof demoFaultNameSchema>;
export type DemoFault = z.infer<typeof demoFaultSchema>;
export type DemoState = z.infer<typeof demoStateSchema>;
