/** No spelling of a path leaves the folder that a route is about. Each would catch decoding after the check, or a check of the text alone. */
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { describe, expect, it, vi } from 'vitest';
import { KEY_HEADER } from '../../src/shared/domain/browser-entry.ts';
import type { RunDetail } from '../../src/shared/domain/run-record.ts';
import { TestBrowserHost } from '../support/test-browser-host.ts';

const SPELLINGS = [
  '../secret.js',
  '..%2fsecret.js',
  '%2e%2e/secret.js',
  '%2e%2e%2fsecret.js',
  '..%5csecret.js',
  '..\\secret.js',
  '%252e%252e%252fsecret.js',
  '....//secret.js',
  '%c0%ae%c0%ae/secret.js',
  '/etc/passwd',
  '%2fetc%2fpasswd',
  '//etc/passwd',
  'C:%5csecret.js',
  'secret.js%00.js',
  'index.html%00',
  '%',
  '%ff',
  'link.js',
  'assets/../../secret.js',
  '.',
  '..',
  `${'a'.repeat(4000)}.js`,
];

async function expectRefused(host: TestBrowserHost, path: string, method = 'GET'): Promise<void> {
  const answer = await host.request(path, { method, ...(method === 'POST' ? { body: 'x' } : {}) });
  expect(answer.status, path).toBeGreaterThanOrEqual(400);
  expect(answer.status, path).toBeLessThan(500);
  expect(String(answer.body)).not.toMatch(/^secret|root:/);
}

describe('files of the page', () => {
  it('are all that is served', async () => {
    const host = await TestBrowserHost.start();
    for (const spelling of SPELLINGS.filter((each) => each !== '.' && each !== '..')) await expectRefused(host, `/${spelling}`);
    for (const target of [`http://evil.example/index.html`, '//evil.example/index.html', '*', 'index.html']) await expectRefused(host, target);
    expect(host.logged).toEqual([]);
  });
});

/** The run that a download asks for: its name is text of a person, its folder what the test made. */
function runWith(host: TestBrowserHost, name: string, folder: string) {
  vi.spyOn(host.studio.services.runs, 'get').mockReturnValue({ name } as RunDetail);
  return vi.spyOn(host.studio.services.runs, 'outcome').mockResolvedValue({ kind: 'adapter', folder });
}

describe('downloads', () => {
  it('take ids, never paths', async () => {
    const host = await TestBrowserHost.start();
    const asked = vi.spyOn(host.studio.services.runs, 'outcome');
    for (const spelling of SPELLINGS.filter((each) => each !== '.' && each !== '..')) {
      for (const path of [
        `/download/${spelling}`,
        `/download/runs/${spelling}`,
        `/download/runs/${spelling}/outcome.zip`,
        `/download/runs/run-1/${spelling}`,
        `/download/runs/run-1/checkpoint-${spelling}.zip`,
      ])
        await expectRefused(host, path);
    }
    for (const step of ['', '-1', '1e3', '01', '0x1', '1.5', '9999999999999', '%31', 'NaN'])
      await expectRefused(host, `/download/runs/run-1/checkpoint-${step}.zip`);
    await expectRefused(host, '/download/runs/run-1/outcome.zip', 'POST');
    expect(asked).not.toHaveBeenCalled();
  });

  it('hold the files of PEFT alone, whole, and follow no link out of the folder', async () => {
    const host = await TestBrowserHost.start();
    const folder = join(host.root, 'adapter');
    await mkdir(folder);
    const weights = Buffer.alloc(3 * 1024 * 1024 + 7, 'w');
    await writeFile(join(folder, 'adapter_config.json'), '{}');
    await writeFile(join(folder, 'adapter_model.safetensors'), weights);
    await writeFile(join(folder, 'optimizer.bin'), 'secret');
    await symlink(join(host.root, 'secret.js'), join(folder, 'README.md'));
    const asked = runWith(host, '../my run\r\nx: y', folder);
    const answer = await host.request('/download/runs/run-1/checkpoint-12.zip');
    expect([answer.status, answer.headers['content-disposition'], asked.mock.calls]).toEqual([
      200,
      'attachment; filename="my run-x- y-checkpoint-12.zip"',
      [['run-1', 12]],
    ]);
    const files = unzipSync(answer.body);
    expect(Object.keys(files)).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
    expect(Buffer.compare(Buffer.from(files['adapter_model.safetensors']!), weights)).toBe(0);
    expect([(await host.request('/download/runs/run-1/outcome.zip')).status, asked.mock.calls.at(-1)]).toEqual([200, ['run-1', null]]);
  });

  it('of a folder whose weights are a link, or missing, are an error in words', async () => {
    const host = await TestBrowserHost.start();
    const folder = join(host.root, 'adapter');
    await mkdir(folder);
    await writeFile(join(folder, 'adapter_config.json'), '{}');
    runWith(host, 'run', folder);
    for (const link of [false, true]) {
      if (link) await symlink(join(host.root, 'secret.js'), join(folder, 'adapter_model.safetensors'));
      const answer = await host.request('/download/runs/run-1/outcome.zip');
      expect([answer.status, JSON.parse(String(answer.body))]).toEqual([404, expect.objectContaining({ code: 'ADAPTER-NONE' })]);
    }
  });
});

describe('uploads', () => {
  it('are named, never placed: a name that could be a path is refused, and nothing is written', async () => {
    const host = await TestBrowserHost.start();
    const asked = vi.spyOn(host.studio.services.datasets, 'receive');
    const before = await readdir(host.root, { recursive: true });
    const names = [
      '../secret.js',
      '..\\secret.js',
      '/etc/passwd',
      'C:\\secret.js',
      'C:secret.js',
      'a/b',
      'a\\b',
      'a\0b',
      'a\nb',
      '.',
      '..',
      '',
      'a'.repeat(256),
    ];
    for (const name of names) {
      const answer = await host.request(`/upload?name=${encodeURIComponent(name)}`, { method: 'POST', body: 'x' });
      expect([answer.status, JSON.parse(String(answer.body)).code], name).toEqual([400, 'UPLOAD-NAME']);
    }
    expect((await host.request('/upload', { method: 'POST', body: 'x' })).status).toBe(400);
    expect(asked).not.toHaveBeenCalled();
    expect(await readdir(host.root, { recursive: true })).toEqual(before);
  });

  it('that say they are larger than the limit, or than the disk, are refused before a byte is read', async () => {
    const host = await TestBrowserHost.start();
    const asked = vi.spyOn(host.studio.services.datasets, 'receive');
    for (const [bytes, code] of [
      [65 * 1024 ** 3, 'UPLOAD-TOO-LARGE'],
      [Number.MAX_SAFE_INTEGER, 'UPLOAD-TOO-LARGE'],
    ] as const) {
      const answer = await host.request('/upload?name=rows.csv', { method: 'POST', headers: { 'content-length': String(bytes) } });
      expect([answer.status, JSON.parse(String(answer.body)).code]).toEqual([413, code]);
    }
    expect(asked).not.toHaveBeenCalled();
  });

  it('that break off are aborted', async () => {
    const host = await TestBrowserHost.start();
    const aborted = new Promise<boolean>((resolve) => {
      vi.spyOn(host.studio.services.datasets, 'receive').mockImplementation(async (_name, body, signal) => {
        try {
          for await (const chunk of body) void chunk;
        } finally {
          resolve(signal.aborted);
        }
        return { uploadId: 'u', fileName: 'rows.csv', bytes: 0 };
      });
    });
    const { request } = await import('node:http');
    const sent = request({
      host: '127.0.0.1',
      port: host.port,
      path: '/upload?name=rows.csv',
      method: 'POST',
      headers: { [KEY_HEADER]: await host.key(), origin: host.origin, 'content-length': '1000000' },
    });
    sent.on('error', () => undefined);
    sent.write('x'.repeat(1000));
    setTimeout(() => sent.destroy(), 200);
    expect(await aborted).toBe(true);
  });
});
