import type { MetricValues } from '../../src/shared/domain/metrics.ts';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { recipeSchema } from '../../src/shared/domain/recipe/recipe.ts';
import { seededRandom } from '../../src/shared/lib/seeded-random.ts';
import { openDatabase } from '../../src/main/registry/database.ts';

const WORDS = 'the harbour keeps its lamps lit while boats come home under a grey sky and nobody asks how far the tide has gone'.split(' ');

/** A dataset file of `rows` prompts and completions, of a few words to a few sentences each. */
export async function writeLargeDataset(file: string, rows: number): Promise<void> {
  const random = seededRandom(1);
  const words = (most: number) => Array.from({ length: 1 + Math.floor(random() * most) }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ');
  const stream = createWriteStream(file);
  for (let row = 0; row < rows; row++) {
    if (!stream.write(`${JSON.stringify({ prompt: `${row}: ${words(12)}?`, completion: `${words(30)}.` })}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}

/** A finished run of `steps` steps in the registry of a data folder, as hours of training would leave it. @returns its id */
export async function writeLargeRun(data: string, steps: number): Promise<string> {
  const dir = join(data, 'runs', 'large');
  await mkdir(dir, { recursive: true });
  const database = openDatabase(join(data, 'registry.sqlite'));
  const recipe = recipeSchema.parse({ model: '/models/large', dataset: { file: '/data/large.jsonl' }, max_steps: steps });
  const id = 'bench-large-run';
  const random = seededRandom(2);
  const now = new Date().toISOString();
  database.transaction(() => {
    database.prepare('INSERT INTO recipes VALUES (?, ?, ?)').run('bench', JSON.stringify(recipe), now);
    database
      .prepare(`INSERT INTO runs (id, name, dir, recipe_hash, model_name, model_path, dataset_name, device, host, status_json, step, total_steps, attempt, created_at, started_at, ended_at)
      VALUES (?, 'Large run', ?, 'bench', 'large', '/models/large', 'large', 'cpu', 'cli', ?, ?, ?, 1, ?, ?, ?)`)
      .run(id, dir, JSON.stringify({ kind: 'completed', steps }), steps, steps, now, now, now);
    const insert = database.prepare('INSERT INTO metrics VALUES (?, ?, ?)');
    for (let step = 1; step <= steps; step++) {
      const done = step / steps;
      const values: MetricValues = {
        epoch: done * 3,
        loss: 4 * Math.exp(-4 * done) + 0.8 + 0.3 * (random() - 0.5),
        grad_norm: 0.5 + random(),
        learning_rate: 2e-4 * (1 - done),
        num_tokens: step * 1024,
        target_tokens: 512,
        seconds: 0.25 + 0.05 * random(),
        elapsed_seconds: step * 0.27,
      };
      insert.run(id, step, JSON.stringify(values));
    }
  })();
  database.close();
  return id;
}
