import { z } from 'zod';

export const deviceChoiceSchema = z.enum(['cpu', 'cuda', 'reference']);
export type DeviceChoice = z.infer<typeof deviceChoiceSchema>;

export const deviceReportSchema = z.object({
  device: deviceChoiceSchema,
  available: z.boolean(),
  /** What it is, or in a plain sentence why it cannot be used. */
  description: z.string(),
  computeDTypes: z.array(z.enum(['f32', 'bf16'])),
});
export type DeviceReport = z.infer<typeof deviceReportSchema>;
