/** Who may ask the browser host at all. Each would catch a check that is left out, or that compares loosely. */
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { adapterDownloadPath, datasetDownloadPath } from '../../src/shared/domain/upload.ts';
import { TestBrowserHost } from '../support/test-browser-host.ts';

/** Every route there is, and paths that are none. */
const ROUTES: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/'], ['GET', '/index.html'], ['GET', '/assets/main.js'], ['GET', '/nothing'], ['GET', '/rpc'],
  ['POST', '/upload?name=rows.csv'], ['GET', adapterDownloadPath('run-1', null)], ['GET', adapterDownloadPath('run-1', 5)], ['GET', datasetDownloadPath('version-1')], ['POST', '/'], ['DELETE', '/index.html'],
];

describe('the token', () => {
  it('opens the page, moves from the address into a cookie that scripts cannot read, and is new with each start', async () => {
    const host = await TestBrowserHost.start();
    expect(host.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
    const entry = await host.request(new URL(host.url).pathname + new URL(host.url).search, { as: 'stranger' });
    expect([entry.status, entry.headers.location, entry.headers['cache-control'], entry.headers['set-cookie']]).toEqual([303, '/', 'no-store', [`${host.cookie}; Path=/; HttpOnly; SameSite=Strict`]]);
    const page = await host.request('/', { as: 'stranger', headers: { cookie: `a=b; ${entry.headers['set-cookie']![0]!.split(';')[0]}; c=d` } });
    expect([page.status, String(page.body).includes('<p>page</p>')]).toEqual([200, true]);
    expect((await TestBrowserHost.start()).token).not.toBe(host.token);
  });

  it('is wanted on every route: missing, wrong, shortened, of another port, only in the address', async () => {
    const host = await TestBrowserHost.start();
    const wrong = host.token.startsWith('A') ? `B${host.token.slice(1)}` : `A${host.token.slice(1)}`;
    const cookies = ['', `tunesmith-${host.port}=`, `tunesmith-${host.port}=${wrong}`, `tunesmith-${host.port}=${host.token.slice(0, -1)}`, `tunesmith-1=${host.token}`, `other=${host.token}`, host.token];
    for (const [method, path] of ROUTES) {
      for (const cookie of cookies) {
        const answer = await host.request(path, { method, headers: { cookie, origin: host.origin }, as: 'stranger' });
        expect([answer.status, String(answer.body)], `${method} ${path} ${cookie}`).toEqual([401, expect.stringContaining('printed in the terminal')]);
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
    }
    for (const path of [`/?token=${wrong}`, '/?token=', `/?token=${host.token}x`, `/index.html?token=${host.token}`, `/assets/main.js?token=${host.token}`, `/upload?token=${host.token}`]) {
      expect((await host.request(path, { as: 'stranger' })).status, path).toBe(401);
    }
    for (const cookie of [undefined, ...cookies]) await expect(host.connect({ cookie }), String(cookie)).rejects.toThrow('refused with 401');
    await expect(host.connect({ cookie: undefined }, `/rpc?token=${host.token}`)).rejects.toThrow('refused with 401');
  });
});

describe('the address', () => {
  it('is ours: a name that somebody pointed at this machine is refused everywhere, token or not', async () => {
    const host = await TestBrowserHost.start();
    const foreign = ['evil.example', `evil.example:${host.port}`, '127.0.0.1', 'localhost', `127.0.0.1:${host.port + 1}`, `127.0.0.1.evil.example:${host.port}`, `localhost.:${host.port}`, `[::1]:${host.port}`, `0.0.0.0:${host.port}`];
    for (const [method, path] of [...ROUTES, ['GET', `/?token=${host.token}`] as const]) {
      for (const name of foreign) expect((await host.request(path, { method, headers: { host: name } })).status, `${name} ${method} ${path}`).toBe(403);
    }
    for (const name of foreign) await expect(host.connect({ host: name, origin: `http://${name}` }), name).rejects.toThrow('refused with 403');
    expect((await host.request('/', { headers: { host: `localhost:${host.port}` } })).status).toBe(200);
  });

  it('is loopback alone', async () => {
    const host = await TestBrowserHost.start();
    const addresses = Object.values(networkInterfaces()).flat().flatMap((each) => (each?.family === 'IPv4' && !each.address.startsWith('127.') ? [each.address] : []));
    for (const address of addresses) await expect(fetch(`http://${address}:${host.port}/`), address).rejects.toThrow('fetch failed');
  });
});

describe('the origin', () => {
  const origins = (host: TestBrowserHost) => ['', 'null', 'http://evil.example', `http://evil.example:${host.port}`, `https://127.0.0.1:${host.port}`, `http://localhost:${host.port}`, `http://127.0.0.1:${host.port}/`, `http://127.0.0.1:${host.port}.evil.example`, 'http://127.0.0.1', `http://127.0.0.1:${host.port + 1}`, 'app://tunesmith'];

  it('of a socket must be ours to the letter', async () => {
    const host = await TestBrowserHost.start();
    for (const origin of [undefined, ...origins(host)]) await expect(host.connect({ origin }), String(origin)).rejects.toThrow('refused with 403');
    await expect(host.connect({}, '/other')).rejects.toThrow('refused with 404');
    await host.connect();
    await host.connect({ host: `localhost:${host.port}`, origin: `http://localhost:${host.port}` });
  });

  it('of a request that changes something must be ours to the letter', async () => {
    const host = await TestBrowserHost.start();
    for (const origin of origins(host)) {
      for (const method of ['POST', 'PUT', 'DELETE']) expect((await host.request('/upload?name=rows.csv', { method, headers: { origin } })).status, `${method} ${origin}`).toBe(403);
    }
    expect((await host.request('/upload?name=rows.csv', { method: 'POST', as: 'stranger', headers: { cookie: host.cookie } })).status).toBe(403);
    // Past the origin: refused by the route itself, as the name is missing.
    expect((await host.request('/upload', { method: 'POST' })).status).toBe(400);
  });

  it('of what another page embeds is refused, even with the cookie; a link that a person follows is not', async () => {
    const host = await TestBrowserHost.start();
    for (const site of ['cross-site', 'same-site']) {
      expect((await host.request('/assets/main.js', { headers: { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' } })).status).toBe(403);
      expect((await host.request('/', { headers: { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' } })).status).toBe(200);
    }
  });
});

it('every answer carries the policies: no eval, nothing inline, no frames, no guessing of types', async () => {
  const host = await TestBrowserHost.start();
  const answers = await Promise.all([
    host.request('/'), host.request('/assets/main.js'), host.request('/nothing.js'), host.request('/', { as: 'stranger' }), host.request('/', { headers: { host: 'evil' } }),
    host.request(`/?token=${host.token}`), host.request('/upload', { method: 'POST' }), host.request('/download/x'), host.request(adapterDownloadPath('run-1', null)),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 401, 403, 303, 400, 404, expect.any(Number)]);
  for (const { headers } of answers) {
    const policy = headers['content-security-policy'] as string;
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(policy).not.toMatch(/unsafe|\*|https?:|blob:/);
    for (const part of ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "object-src 'none'"]) expect(policy).toContain(part);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin' });
    expect(headers['permissions-policy']).toContain('camera=()');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});
