import { expect, it } from 'vitest';
import { parityFixture } from '../../../../../test/support/fixture.ts';
import { StreamingDecoder } from './streaming-decoder.ts';
import { tokenTexts } from './token-texts.ts';
import { loadTokenizer } from './tokenizer.ts';

const TEXTS = ['Dear sister,  the tide\n\nturns twice.', '如何重置密码？ 👩‍👧 naïve café', '', ' \t ', 'a'];

it.each(['llama-tied', 'qwen2-tied'])('%s: tokens decoded ahead say what tokens decoded one by one say', async (model) => {
  const tokenizer = await loadTokenizer(parityFixture('models', model));
  for (const text of TEXTS) {
    const ids = [...(await tokenizer.encode(text, { addSpecialTokens: true }))];
    // The last one ends within a character.
    for (const some of [ids, ids.slice(0, -2), ids.slice(1)]) {
      const decoder = new StreamingDecoder(tokenizer, { skipSpecialTokens: false });
      const alone: string[] = [];
      for (const id of some) alone.push(await decoder.push(id));
      if (alone.length > 0) alone[alone.length - 1] += await decoder.finish();
      let calls = 0;
      const counted = {
        decode: (...args: Parameters<typeof tokenizer.decode>) => (calls++, tokenizer.decode(...args)),
        decodeBatch: tokenizer.decodeBatch.bind(tokenizer),
      };
      expect(await tokenTexts(some, counted)).toEqual(alone);
      if (/^[\x20-\x7e\n]*$/.test(text)) expect(calls, 'plain text asks nothing one by one').toBe(0);
    }
  }
});
