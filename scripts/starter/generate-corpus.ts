/**
 * Writes the corpus that the starter model is pretrained on: our own text, from a grammar over a small world. The same
 * file comes out on every run.
 *
 *   node scripts/starter/generate-corpus.ts <folder> [documents]
 *
 * `corpus.jsonl` and `held-out.jsonl` hold one document a line, as a JSON string; held-out questions are never in the corpus.
 */
import { once } from 'node:events';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/shared/lib/seeded-random.ts';
import { allQuestions, chatText, conversation, questionSource } from './conversation.ts';
import { isHeldOut } from './question.ts';
import { description, type Pick, story } from './stories.ts';
import { ANIMALS } from './world/animals.ts';

const SEED = 20_261_122;
const DEFAULT_DOCUMENTS = 360_000;
const LINES_A_WRITE = 2000;

function documentSource(seed: number): () => string {
  const random = seededRandom(seed);
  const pick: Pick = (items) => items[Math.floor(random() * items.length)]!;
  const draw = questionSource(random);
  return () => {
    const kind = random();
    if (kind < 0.72) return chatText(conversation(pick, random, draw));
    return kind < 0.87 ? story(pick, random() < 0.4 ? pick(ANIMALS) : null) : description(pick);
  };
}

/** Each held-out phrasing once, with one of its answers. */
function heldOutDocuments(): string[] {
  return allQuestions().flatMap(({ asks, answers }) =>
    asks.filter(isHeldOut).map((content) =>
      chatText([
        { role: 'user', content },
        { role: 'assistant', content: answers[0]! },
      ]),
    ),
  );
}

async function writeCorpus(file: string, documents: number): Promise<void> {
  const next = documentSource(SEED);
  const out = createWriteStream(file);
  for (let done = 0; done < documents; done += LINES_A_WRITE) {
    const count = Math.min(LINES_A_WRITE, documents - done);
    const lines = Array.from({ length: count }, () => `${JSON.stringify(next())}\n`).join('');
    if (!out.write(lines)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

const [folder, documents = String(DEFAULT_DOCUMENTS)] = process.argv.slice(2);
if (folder === undefined || !Number.isInteger(Number(documents))) {
  throw new Error('usage: node scripts/starter/generate-corpus.ts <folder> [documents]');
}
mkdirSync(folder, { recursive: true });
await writeCorpus(join(folder, 'corpus.jsonl'), Number(documents));
const heldOut = heldOutDocuments();
writeFileSync(join(folder, 'held-out.jsonl'), heldOut.map((text) => `${JSON.stringify(text)}\n`).join(''));
process.stdout.write(`${documents} documents; ${heldOut.length} held-out questions of ${allQuestions().length} subjects\n`);
