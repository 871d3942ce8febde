/** @file What a field of the recipe is made of: its schema, and what forms, help and checks say about it. */
import { z } from 'zod';

export const RECIPE_VERSION = 1;

export const FIELD_GROUPS = ['model', 'data', 'adapter', 'training', 'optimizer', 'evaluation', 'saving'] as const;
export type FieldGroup = (typeof FIELD_GROUPS)[number];

/** A field means something only while another one has one of these values; `field` is a dotted path. */
export interface AppliesWhen {
  readonly field: string;
  readonly is: readonly (string | number | boolean | null)[];
}

/** What a field is where nothing is said, while another one has one of these values. */
export interface OtherDefault {
  readonly when: AppliesWhen;
  readonly value: unknown;
}

interface FieldNotes {
  readonly label: string;
  /** One sentence for a person who has not trained a model before. */
  readonly help: string;
  readonly group: FieldGroup;
  readonly unit?: string;
  /** Shown only on request. */
  readonly advanced?: true;
  readonly appliesWhen?: AppliesWhen;
  readonly otherDefault?: OtherDefault;
}

export function field<T extends z.ZodType>(schema: T, { label, help, group, unit, advanced, appliesWhen, otherDefault }: FieldNotes): T {
  return schema.meta({
    title: label,
    description: help,
    'x-group': group,
    'x-level': advanced ? 'advanced' : 'basic',
    ...(unit === undefined ? {} : { 'x-unit': unit }),
    ...(appliesWhen === undefined ? {} : { 'x-applies-when': appliesWhen }),
    ...(otherDefault === undefined ? {} : { 'x-other-default': otherDefault }),
  });
}

export const path = z.string().min(1).max(4096);
export const count = z.int().min(1);
export const seed = z.int().min(0).max(0xffff_ffff);
/** Steps as a whole number, or a share of all steps between 0 and 1, as transformers reads `save_steps`. */
export const stepsOrShare = z.number().refine((x) => Number.isInteger(x) || (x > 0 && x < 1), {
  error: 'must be a whole number of steps, or a share of all steps between 0 and 1',
});
