/** @file What PEFT's `modules_to_save` saves beside LoRA pairs: embedding and head as a whole. */
import { AppError } from '../../../shared/lib/app-error.ts';
import type { TableSpec } from '../nn/parameters.ts';
import type { SafetensorsHeader } from '../weights/safetensors.ts';
import { type LoraConfigParsed, unsupported } from './peft-config.ts';
import { checkShape, PREFIX, readNumbers } from './tensor-checks.ts';

export interface SavedModule {
  readonly table: TableSpec;
  readonly values: Float32Array;
}

/** The tables that the config says are saved whole. @throws AppError ADAPTER-UNSUPPORTED for other modules, ADAPTER-TENSORS */
export async function readModules(
  header: SafetensorsHeader,
  configFile: string,
  { modulesToSave = [] }: LoraConfigParsed,
  tables: readonly TableSpec[],
): Promise<ReadonlyMap<string, SavedModule>> {
  const saved = new Map<string, SavedModule>();
  for (const name of modulesToSave) {
    const table = tableNamed(tables, name);
    if (table === undefined)
      throw unsupported(configFile, `modules_to_save ${JSON.stringify(name.slice(0, 100))} (only the embedding and the head can be saved whole)`);
    const info = header.tensors.get(moduleKey(table.path));
    if (info === undefined)
      throw new AppError({
        code: 'ADAPTER-TENSORS',
        message: `${header.file}: there is no ${moduleKey(table.path)}, which modules_to_save names.`,
        data: { file: header.file },
      });
    checkShape(info, [table.vocab, table.width]);
    saved.set(table.path, { table, values: await readNumbers(info) });
  }
  return saved;
}

/** As PEFT finds it: by its path or the end of it. */
export function tableNamed(tables: readonly TableSpec[], name: string): TableSpec | undefined {
  return tables.find(({ path }) => path === name || path.endsWith(`.${name}`));
}

/** Name of the tensor in an adapter's file. */
export function moduleKey(path: string): string {
  return `${PREFIX}${path}.weight`;
}
