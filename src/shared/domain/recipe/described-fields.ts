import { z } from 'zod';
import { type AppliesWhen, FIELD_GROUPS, type FieldGroup, type OtherDefault } from './field.ts';
import { recipeSchema } from './recipe.ts';

/** One field of the recipe as help and forms need it; made from the schema alone. */
export interface RecipeField {
  /** Dotted path, e.g. `lora.r`. */
  readonly path: string;
  readonly label: string;
  readonly help: string;
  readonly group: FieldGroup;
  readonly advanced: boolean;
  readonly unit: string | null;
  readonly type: 'integer' | 'number' | 'boolean' | 'text' | 'choice' | 'list' | 'table';
  readonly choices: readonly (string | number)[] | null;
  readonly minimum: Bound | null;
  readonly maximum: Bound | null;
  readonly nullable: boolean;
  readonly required: boolean;
  /** Undefined for a required field. */
  readonly default: unknown;
  /** It means something only then; null where it always does. */
  readonly appliesWhen: AppliesWhen | null;
  /** Its default is another then; null where it is always the same. */
  readonly otherDefault: OtherDefault | null;
}

export interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
}

type JsonSchema = Readonly<Record<string, unknown>>;

/** JSON Schema (2020-12) of a recipe file as a person writes it; the names that begin with `x-` are ours. */
export function recipeJsonSchema(): JsonSchema {
  return z.toJSONSchema(recipeSchema, { io: 'input' });
}

/** Every field, in the order of the schema. */
export function describeFields(): readonly RecipeField[] {
  return fieldsOf(recipeJsonSchema(), '');
}

/** Range in words for help texts, e.g. `at least 1, at most 1024`; empty when anything goes. */
export function rangeText(field: Pick<RecipeField, 'minimum' | 'maximum'>): string {
  const low = field.minimum && `${field.minimum.exclusive ? 'more than' : 'at least'} ${field.minimum.value}`;
  const high = field.maximum && `${field.maximum.exclusive ? 'less than' : 'at most'} ${field.maximum.value}`;
  return [low, high].filter((part) => part !== null).join(', ');
}

type ValueAt = (path: string) => unknown;

/** Whether a field means something beside the others, and so does the one that decides it. @param valueAt value of another field, by dotted path */
export function applies({ appliesWhen }: Pick<RecipeField, 'appliesWhen'>, valueAt: ValueAt): boolean {
  if (appliesWhen === null) return true;
  const decisive = conditionOf(appliesWhen.field);
  return holds(appliesWhen, valueAt) && (decisive === null || applies({ appliesWhen: decisive }, valueAt));
}

/** What a field is where nothing is said. */
export function defaultOf({ default: usual, otherDefault }: Pick<RecipeField, 'default' | 'otherDefault'>, valueAt: ValueAt): unknown {
  return otherDefault !== null && holds(otherDefault.when, valueAt) ? otherDefault.value : usual;
}

function holds({ field, is }: AppliesWhen, valueAt: ValueAt): boolean {
  return is.some((value) => value === valueAt(field));
}

let conditions: ReadonlyMap<string, AppliesWhen | null> | null = null;

function conditionOf(path: string): AppliesWhen | null {
  conditions ??= new Map(describeFields().map((field) => [field.path, field.appliesWhen]));
  return conditions.get(path) ?? null;
}

/** The same in words, e.g. `packing is true`. */
export function conditionText({ field, is }: AppliesWhen): string {
  return `${field} is ${is.map((value) => (value === null ? 'not set' : JSON.stringify(value))).join(' or ')}`;
}

function fieldsOf(schema: JsonSchema, prefix: string): readonly RecipeField[] {
  const required = new Set(schema['required'] as readonly string[] | undefined);
  return Object.entries(schema['properties'] as Readonly<Record<string, JsonSchema>>).flatMap(([key, property]) => {
    const path = prefix + key;
    return 'properties' in property ? fieldsOf(property, `${path}.`) : [fieldOf(path, property, required.has(key))];
  });
}

function fieldOf(path: string, schema: JsonSchema, required: boolean): RecipeField {
  const variants = (schema['anyOf'] as readonly JsonSchema[] | undefined) ?? [schema];
  const values = variants.filter((variant) => variant['type'] !== 'null');
  // A union such as "all-linear" or a list is described by its widest member, which stands last.
  const main = values.at(-1) ?? schema;
  const group = FIELD_GROUPS.find((name) => name === schema['x-group']);
  if (group === undefined) throw new Error(`internal: recipe field ${path} has no group`);
  return {
    path,
    label: String(schema['title']),
    help: String(schema['description']),
    group,
    advanced: schema['x-level'] === 'advanced',
    unit: typeof schema['x-unit'] === 'string' ? schema['x-unit'] : null,
    type: typeOf(main),
    choices: choicesOf(values),
    minimum: boundOf(main, 'minimum', 'exclusiveMinimum'),
    maximum: boundOf(main, 'maximum', 'exclusiveMaximum'),
    nullable: values.length < variants.length,
    required,
    default: schema['default'],
    appliesWhen: (schema['x-applies-when'] as AppliesWhen | undefined) ?? null,
    otherDefault: (schema['x-other-default'] as OtherDefault | undefined) ?? null,
  };
}

function typeOf(schema: JsonSchema): RecipeField['type'] {
  if ('enum' in schema || 'const' in schema) return 'choice';
  switch (schema['type']) {
    case 'integer':
      return 'integer';
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return 'list';
    case 'object':
      return 'table';
    default:
      return 'text';
  }
}

function choicesOf(variants: readonly JsonSchema[]): readonly (string | number)[] | null {
  const choices = variants.flatMap((variant): readonly (string | number)[] => {
    if (Array.isArray(variant['enum'])) return variant['enum'] as readonly string[];
    return 'const' in variant ? [variant['const'] as string | number] : [];
  });
  return choices.length > 0 ? choices : null;
}

function boundOf(schema: JsonSchema, inclusive: string, exclusive: string): Bound | null {
  const strict = schema[exclusive];
  if (typeof strict === 'number') return { value: strict, exclusive: true };
  const value = schema[inclusive];
  // z.int() bounds itself to the exact integers, which says nothing to a person.
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? { value, exclusive: false } : null;
}
