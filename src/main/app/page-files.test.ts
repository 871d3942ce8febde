import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerPageRequest, NONCE_PLACEHOLDER, pageFile } from './page-files.ts';

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

const get = (pathname: string, method = 'GET') => answerPageRequest(folder, { method, pathname });

describe('the files of the page', () => {
  it('are served with their type and the content security policy', async () => {
    const page = await get('/');
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([200, 'text/html; charset=utf-8', '<!doctype html>']);
    const script = await get('/assets/main.js');
    expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    for (const { headers } of [page, script, await get('/none.js')]) {
      const policy = headers.get('content-security-policy')!;
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('are all there is: nothing outside the folder, by whatever spelling', async () => {
    const paths = [
      '../secret.js',
      '%2e%2e/secret.js',
      '..%2fsecret.js',
      '%2e%2e%2fsecret.js',
      'assets/..%2f..%2fsecret.js',
      '..%5csecret.js',
      '..\\secret.js',
      '%252e%252e%252fsecret.js',
      '..%2fpage-of-another/x.js',
      '%2fetc%2fpasswd',
      '/etc/passwd',
      'C:%5csecret.js',
      'C:/secret.js',
      'index.html%00.js',
      '%',
      '%ff',
      'link.js',
      'notes.txt',
      'assets',
      'assets/',
      `${'a'.repeat(5000)}.js`,
    ];
    for (const path of paths) {
      const answer = await get(`/${path}`);
      expect([403, 404], path).toContain(answer.status);
      expect(await answer.text()).not.toContain('secret');
    }
  });

  it('are only read', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD']) expect((await get('/index.html', method)).status, method).toBe(405);
    expect(pageFile(folder, '/index.html')).toBe(join(folder, 'index.html'));
  });

  it('give each page a nonce of its own for its style elements', async () => {
    await writeFile(join(folder, 'nonce.html'), `<style nonce="${NONCE_PLACEHOLDER}"></style><meta nonce="${NONCE_PLACEHOLDER}">`);
    const nonces = new Set<string>();
    for (let time = 0; time < 2; time += 1) {
      const answer = await get('/nonce.html');
      const [, nonce] = /style-src 'self' 'nonce-([\w-]{22})'/.exec(answer.headers.get('content-security-policy')!)!;
      expect(await answer.text()).toBe(`<style nonce="${nonce}"></style><meta nonce="${nonce}">`);
      nonces.add(nonce!);
    }
    expect(nonces.size).toBe(2);
  });
});
