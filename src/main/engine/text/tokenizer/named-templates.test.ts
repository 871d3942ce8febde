import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../../../../test/support/test-folder.ts';
import { loadTokenizer } from './tokenizer.ts';

test('templates beside the default one are read by name, and rows with tools get theirs', async () => {
  const folder = join(await testFolder(), 'model');
  await cp(join(import.meta.dirname, '../../../../../test/parity/fixtures/text/tokenizer-plain'), folder, { recursive: true });
  await writeFile(join(folder, 'chat_template.jinja'), '{{ messages[0].content }}');
  await mkdir(join(folder, 'additional_chat_templates'));
  await writeFile(join(folder, 'additional_chat_templates', 'tool_use.jinja'), 'TOOLS {{ tools | tojson }}');
  const tokenizer = await loadTokenizer(folder);
  const messages = [{ role: 'user', content: 'hi' }];
  expect(tokenizer.chatTemplate({ tools: true }).render({ messages, tools: [{ name: 'f' }] }).text).toBe('TOOLS [{"name": "f"}]');
  expect(tokenizer.chatTemplate({ tools: false }).render({ messages }).text).toBe('hi');
});
