import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerPageRequest, pageFile } from './page-files.ts';

let root = '';
let folder = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tunesmith-'));
  folder = join(root, 'page');
  await mkdir(join(folder, 'assets'), { recursive: true });
  await mkdir(join(root, 'page-of-another'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'assets', 'main.js'), 'export {};');
  await writeFile(join(folder, 'notes.txt'), 'secret');
  await writeFile(join(root, 'secret.js'), 'secret');
  await writeFile(join(root, 'page-of-another', 'x.js'), 'secret');
  await symlink(join(root, 'secret.js'), join(folder, 'link.js'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const get = (url: string, method = 'GET') => answerPageRequest(folder, { method, url });

describe('the files of the page', () => {
  it('are served with their type and the content security policy', async () => {
    const page = await get('app://tunesmith/');
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([200, 'text/html; charset=utf-8', '<!doctype html>']);
    const script = await get('app://tunesmith/assets/main.js?x=1#y');
    expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    for (const { headers } of [page, script, await get('app://tunesmith/none.js')]) {
      const policy = headers.get('content-security-policy')!;
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('are all there is: nothing outside the folder, by whatever spelling', async () => {
    const paths = [
      '../secret.js', '%2e%2e/secret.js', '..%2fsecret.js', '%2e%2e%2fsecret.js', 'assets/..%2f..%2fsecret.js', '..%5csecret.js', '..\\secret.js',
      '%252e%252e%252fsecret.js', '..%2fpage-of-another/x.js', '%2fetc%2fpasswd', '/etc/passwd', 'C:%5csecret.js', 'C:/secret.js', 'index.html%00.js', '%', '%ff',
      'link.js', 'notes.txt', 'assets', 'assets/', `${'a'.repeat(5000)}.js`,
    ];
    for (const path of paths) {
      const answer = await get(`app://tunesmith/${path}`);
      expect([403, 404], path).toContain(answer.status);
      expect(await answer.text()).not.toContain('secret');
    }
  });

  it('are asked for by the page alone, and only read', async () => {
    for (const url of ['app://other/index.html', 'app://tunesmith.evil/index.html', 'app://tunesmith:80/index.html', 'app://user@tunesmith/index.html', 'file:///index.html', 'https://tunesmith/index.html', 'nonsense']) {
      expect(pageFile(folder, url), url).toBeNull();
      expect((await get(url)).status).toBe(403);
    }
    expect((await get('app://tunesmith/index.html', 'POST')).status).toBe(405);
  });
});
