import { conditionText, describeFields, rangeText, recipeJsonSchema, type RecipeField } from '../../../shared/domain/recipe/described-fields.ts';
import { FIELD_GROUPS } from '../../../shared/domain/recipe/field.ts';
import type { Command } from '../command.ts';
import { wrap } from '../terminal/display-width.ts';
import type { Terminal } from '../terminal/terminal.ts';

export const recipeCommand: Command = {
  name: 'recipe',
  summary: 'Every field of a recipe, or its JSON Schema',
  usage: ['recipe [--all]', 'recipe --schema', 'recipe --json'],
  options: [
    { name: 'all', help: 'Show the advanced fields too.' },
    { name: 'schema', help: 'Print the JSON Schema (2020-12), for editors and other programs.' },
    { name: 'json', help: 'One JSON line a field, the advanced ones too.' },
  ],
  async run(args, terminal) {
    if (args.flag('schema')) {
      terminal.line(JSON.stringify(recipeJsonSchema(), null, 2));
      return 0;
    }
    if (terminal.json) for (const field of describeFields()) terminal.event({ kind: 'field', ...field });
    else showFields(terminal, args.flag('all'));
    return 0;
  },
};

function showFields(terminal: Terminal, all: boolean): void {
  const fields = describeFields();
  for (const group of FIELD_GROUPS) {
    const shown = fields.filter((field) => field.group === group && (all || !field.advanced));
    if (shown.length === 0) continue;
    terminal.line(terminal.paint('bold', group.toUpperCase()));
    for (const field of shown) showField(terminal, field);
    terminal.line();
  }
  const hidden = all ? 0 : fields.filter(({ advanced }) => advanced).length;
  if (hidden > 0) terminal.line(`${hidden} advanced fields more: tunesmith recipe --all`);
}

function showField(terminal: Terminal, field: RecipeField): void {
  terminal.line(`  ${terminal.paint('cyan', field.path)}  ${facts(field)}`);
  const { appliesWhen } = field;
  const help = appliesWhen === null ? field.help : `${field.help} Used where ${conditionText(appliesWhen)}.`;
  for (const line of wrap(help, Math.min(terminal.columns, 100) - 6)) terminal.line(`      ${line}`);
}

function facts(field: RecipeField): string {
  const kind = field.choices === null ? field.type : field.choices.map(String).join(' | ') + (field.type === 'list' ? ' | list' : '');
  const range = rangeText(field);
  const given = field.required ? 'required' : `default ${JSON.stringify(field.default)}`;
  return [kind, field.unit, range === '' ? null : range, given].filter((part) => part !== null).join(', ');
}
