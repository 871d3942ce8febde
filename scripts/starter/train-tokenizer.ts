/**
 * Makes the starter model's tokenizer from a corpus: byte-level BPE with ChatML tokens, as tokenizer.json and
 * tokenizer_config.json. The npm package `tokenizers` can train, but neither vocabulary size nor alphabet can be given to it.
 *
 *   node scripts/starter/train-tokenizer.ts <corpus.jsonl> <model folder>
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { learnMerges, type Merge } from './bpe-trainer.ts';
import { BYTE_CHARACTERS, byteLevelWords } from './byte-level.ts';
import { readDocuments } from './read-documents.ts';
import { MAX_POSITIONS, SPECIAL_TOKENS, VOCAB_SIZE } from './starter-config.ts';

const SAMPLE_DOCUMENTS = 60_000;

const CHAT_TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

async function countWords(file: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let documents = 0;
  for await (const text of readDocuments(file)) {
    for (const part of text.split(/<\|\w+\|>/)) {
      for (const word of byteLevelWords(part)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    if (++documents === SAMPLE_DOCUMENTS) break;
  }
  return counts;
}

function tokenizerJson(merges: readonly Merge[]): object {
  const tokens = [...SPECIAL_TOKENS, ...BYTE_CHARACTERS, ...merges.map(([left, right]) => left + right)];
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL_TOKENS.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

function tokenizerConfig(): object {
  const [separator, , end, pad] = SPECIAL_TOKENS;
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: separator,
    eos_token: end,
    pad_token: pad,
    unk_token: null,
    add_bos_token: false,
    add_eos_token: false,
    clean_up_tokenization_spaces: false,
    model_max_length: MAX_POSITIONS,
    chat_template: CHAT_TEMPLATE,
  };
}

const [corpus, folder] = process.argv.slice(2);
if (corpus === undefined || folder === undefined) throw new Error('usage: node scripts/starter/train-tokenizer.ts <corpus.jsonl> <model folder>');
const words = await countWords(corpus);
const wanted = VOCAB_SIZE - SPECIAL_TOKENS.length - BYTE_CHARACTERS.length;
const merges = learnMerges(words, wanted);
if (merges.length < wanted) throw new Error(`${corpus} is too small: ${merges.length} merges of the ${wanted} wanted`);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'tokenizer.json'), `${JSON.stringify(tokenizerJson(merges), null, 1)}\n`);
writeFileSync(join(folder, 'tokenizer_config.json'), `${JSON.stringify(tokenizerConfig(), null, 2)}\n`);
process.stdout.write(`${words.size} words, ${merges.length} merges, last ${merges.at(-1)!.join(' + ')}\n`);
