/** Who may ask the browser host at all. Each would catch a check that is left out, or that compares loosely. */
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ENTER_PATH, KEY_HEADER, KNOWN_PATH, socketProtocols, TICKET_PATH } from '../../src/shared/domain/browser-entry.ts';
import { outcomeDownloadPath, datasetDownloadPath } from '../../src/shared/domain/upload.ts';
import { TestBrowserHost } from '../support/test-browser-host.ts';

/** Every route that has data or does something, and some that are none. */
const ROUTES: readonly (readonly [method: string, path: string])[] = [
  ['GET', KNOWN_PATH],
  ['POST', TICKET_PATH],
  ['POST', '/upload?name=rows.csv'],
  ['GET', '/upload'],
  ['GET', outcomeDownloadPath('run-1', null)],
  ['GET', outcomeDownloadPath('run-1', 5)],
  ['GET', datasetDownloadPath('version-1')],
  ['GET', '/download/'],
  ['POST', '/'],
  ['POST', '/rpc'],
  ['PUT', '/index.html'],
  ['DELETE', '/index.html'],
];
/** Files of the built page: there is nothing in them that is the person's. */
const FILES = ['/', '/index.html', '/assets/main.js'];

const wrongOf = (secret: string) => [secret.startsWith('A') ? `B${secret.slice(1)}` : `A${secret.slice(1)}`, secret.slice(0, -1), `${secret}x`, ''];
const enter = (host: TestBrowserHost, code: string) =>
  host.request(ENTER_PATH, { as: 'stranger', method: 'POST', headers: { origin: host.origin }, body: code });

describe('the code in the address', () => {
  it('is exchanged for the key once, and both are new with each start', async () => {
    const host = await TestBrowserHost.start();
    expect(host.newAddress()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?code=[\w-]{43}$/);
    const [code, another] = [host.newCode(), host.newCode()];
    for (const wrong of [...wrongOf(code), 'x'.repeat(2000)]) expect((await enter(host, wrong)).status, wrong).toBe(401);
    const first = await enter(host, code);
    expect([first.status, first.headers['cache-control'], String(first.body)]).toEqual([200, 'no-store', expect.stringMatching(/^[\w-]{43}$/)]);
    expect((await enter(host, code)).status).toBe(401);
    expect(String((await enter(host, another)).body)).toBe(String(first.body));
    expect((await enter(await TestBrowserHost.start(), host.newCode())).status).toBe(401);
    expect(await (await TestBrowserHost.start()).key()).not.toBe(String(first.body));
  });

  it('is no key, and the key is no code', async () => {
    const host = await TestBrowserHost.start();
    const code = host.newCode();
    expect((await host.request(KNOWN_PATH, { as: 'stranger', headers: { [KEY_HEADER]: code } })).status).toBe(401);
    expect((await enter(host, await host.key())).status).toBe(401);
    expect((await host.request(`/?code=${code}`, { as: 'stranger' })).headers['set-cookie']).toBeUndefined();
    // Loading the page used nothing up: its script does.
    expect((await enter(host, code)).status).toBe(200);
  });

  it('is told anew as soon as it was used', async () => {
    const addresses: string[] = [];
    const host = await TestBrowserHost.start((url) => addresses.push(url));
    const codeOf = (url: string) => new URL(url).searchParams.get('code')!;
    expect(addresses).toHaveLength(1);
    await enter(host, codeOf(addresses[0]!));
    await enter(host, codeOf(addresses[0]!));
    await enter(host, 'x');
    expect(addresses).toHaveLength(2);
    expect((await enter(host, codeOf(addresses[1]!))).status).toBe(200);
  });
});

describe('the key', () => {
  it('is wanted on every route but the files of the page: missing, wrong, shortened, in a cookie or in the address', async () => {
    const host = await TestBrowserHost.start();
    const key = await host.key();
    const headers: readonly Readonly<Record<string, string>>[] = [
      {},
      ...wrongOf(key).map((each) => ({ [KEY_HEADER]: each })),
      { cookie: `${KEY_HEADER}=${key}` },
      { cookie: `tunesmith-${host.port}=${key}` },
      { authorization: `Bearer ${key}` },
    ];
    for (const [method, path] of ROUTES) {
      for (const each of headers) {
        const answer = await host.request(path, { method, headers: { origin: host.origin, ...each }, as: 'stranger' });
        expect([answer.status, answer.headers['set-cookie']], `${method} ${path} ${JSON.stringify(each)}`).toEqual([401, undefined]);
      }
      const asked = await host.request(`${path}${path.includes('?') ? '&' : '?'}key=${key}&ticket=${key}&code=${key}`, {
        method,
        headers: { origin: host.origin },
        as: 'stranger',
      });
      expect(asked.status, `${method} ${path}`).toBe(401);
    }
    for (const path of FILES) expect((await host.request(path, { as: 'stranger' })).status, path).toBe(200);
  });

  it('of a socket is wanted beside the name of the protocol, and never sent back', async () => {
    const host = await TestBrowserHost.start();
    const key = await host.key();
    for (const wrong of wrongOf(key).filter((each) => each !== ''))
      await expect(host.connect({}, '/rpc', socketProtocols(wrong)), wrong).rejects.toThrow('refused with 401');
    for (const protocols of [[], ['tunesmith'], [key], ['tunesmith', key]])
      await expect(host.connect({}, '/rpc', protocols), protocols.join()).rejects.toThrow('refused with 401');
    await expect(host.connect({ cookie: `tunesmith-${host.port}=${key}` }, `/rpc?key=${key}`, ['tunesmith'])).rejects.toThrow('refused with 401');
    expect((await host.connect({}, '/rpc', socketProtocols(key))).protocol).toBe('tunesmith');
  });

  it('is not in a cookie, and cookies of other servers on this machine do no harm', async () => {
    const host = await TestBrowserHost.start();
    const cookie = `tunesmith-${host.port}=x; tunesmith=y; ${KEY_HEADER}=z`;
    for (const path of [...FILES, KNOWN_PATH]) {
      const answer = await host.request(path, { headers: { cookie } });
      expect([answer.status, answer.headers['set-cookie']], path).toEqual([path === KNOWN_PATH ? 204 : 200, undefined]);
    }
    await host.connect({ cookie });
  });
});

describe('a ticket', () => {
  const ticketFor = (host: TestBrowserHost, path: string) => host.request(TICKET_PATH, { method: 'POST', body: path });

  it('opens the one download it was asked for, once', async () => {
    const host = await TestBrowserHost.start();
    const path = datasetDownloadPath('version-1');
    const withTicket = String((await ticketFor(host, path)).body);
    expect(withTicket).toMatch(new RegExp(`^${path}\\?ticket=[\\w-]{43}$`));
    const open = (asked: string) => host.request(asked, { as: 'stranger' });
    // There is no such version: past the door, it is the route that says so.
    expect((await open(withTicket)).status).toBe(404);
    expect((await open(withTicket)).status).toBe(401);
    const other = String((await ticketFor(host, path)).body).replace('version-1', 'version-2');
    expect((await open(other)).status).toBe(401);
    const uploadTicket = String((await ticketFor(host, '/upload')).body);
    expect(
      (await host.request(`${uploadTicket}&name=x.csv`, { as: 'stranger', method: 'POST', headers: { origin: host.origin }, body: 'x' })).status,
    ).toBe(401);
  });

  it('is for paths, and short ones', async () => {
    const host = await TestBrowserHost.start();
    for (const path of ['', 'http://evil.example/', 'x'.repeat(5000)]) expect((await ticketFor(host, path)).status).toBe(400);
  });
});

describe('the address', () => {
  it('is ours: a name that somebody pointed at this machine is refused everywhere, token or not', async () => {
    const host = await TestBrowserHost.start();
    const foreign = [
      'evil.example',
      `evil.example:${host.port}`,
      '127.0.0.1',
      'localhost',
      `127.0.0.1:${host.port + 1}`,
      `127.0.0.1.evil.example:${host.port}`,
      `localhost.:${host.port}`,
      `[::1]:${host.port}`,
      `0.0.0.0:${host.port}`,
    ];
    for (const [method, path] of [...ROUTES, ...FILES.map((file) => ['GET', file] as const), ['POST', ENTER_PATH] as const]) {
      for (const name of foreign)
        expect((await host.request(path, { method, headers: { host: name } })).status, `${name} ${method} ${path}`).toBe(403);
    }
    for (const name of foreign) await expect(host.connect({ host: name, origin: `http://${name}` }), name).rejects.toThrow('refused with 403');
    expect((await host.request('/', { headers: { host: `localhost:${host.port}` } })).status).toBe(200);
  });

  it('is loopback alone', async () => {
    const host = await TestBrowserHost.start();
    const addresses = Object.values(networkInterfaces())
      .flat()
      .flatMap((each) => (each?.family === 'IPv4' && !each.address.startsWith('127.') ? [each.address] : []));
    for (const address of addresses) await expect(fetch(`http://${address}:${host.port}/`), address).rejects.toThrow('fetch failed');
  });
});

describe('the origin', () => {
  const origins = (host: TestBrowserHost) => [
    '',
    'null',
    'http://evil.example',
    `http://evil.example:${host.port}`,
    `https://127.0.0.1:${host.port}`,
    `http://localhost:${host.port}`,
    `http://127.0.0.1:${host.port}/`,
    `http://127.0.0.1:${host.port}.evil.example`,
    'http://127.0.0.1',
    `http://127.0.0.1:${host.port + 1}`,
    'app://tunesmith',
  ];

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
      for (const method of ['POST', 'PUT', 'DELETE'])
        expect((await host.request('/upload?name=rows.csv', { method, headers: { origin } })).status, `${method} ${origin}`).toBe(403);
    }
    expect(
      (await host.request('/upload?name=rows.csv', { method: 'POST', as: 'stranger', headers: { [KEY_HEADER]: await host.key() } })).status,
    ).toBe(403);
    // Past the origin: refused by the route itself, as the name is missing.
    expect((await host.request('/upload', { method: 'POST' })).status).toBe(400);
  });

  it('of what another page embeds is refused, even with the key; a link that a person follows is not', async () => {
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
    host.request('/'),
    host.request('/assets/main.js'),
    host.request('/nothing.js'),
    host.request('/', { as: 'stranger' }),
    host.request('/', { headers: { host: 'evil' } }),
    host.request(`/?code=${host.newCode()}`),
    host.request(ENTER_PATH, { method: 'POST', body: host.newCode() }),
    host.request(KNOWN_PATH, { as: 'stranger' }),
    host.request('/upload', { method: 'POST' }),
    host.request('/download/x'),
    host.request(outcomeDownloadPath('run-1', null)),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 200, 403, 200, 200, 401, 400, 404, expect.any(Number)]);
  for (const { headers } of answers) {
    const policy = headers['content-security-policy'] as string;
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(policy).not.toMatch(/unsafe|\*|https?:|blob:/);
    for (const part of ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "object-src 'none'"]) expect(policy).toContain(part);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['permissions-policy']).toContain('camera=()');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});
