/**
 * The studio beside other servers on this machine: what a browser carries there, and what they may leave behind. Each would catch a
 * secret that has no port (a cookie), or one that goes along in an address.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startStudioHost, type StudioHost } from '../support/studio-host.ts';
import { launchChromium, openPage } from '../support/studio-page.ts';
import { tempFolder } from '../support/temp-folder.ts';

let browser: Browser;
let host: StudioHost;

beforeAll(async () => {
  browser = await launchChromium();
  host = await startStudioHost(await tempFolder());
});

afterAll(async () => {
  await browser.close();
  await host.stop();
});

/** A server of somebody else, which notes what it is sent and sets cookies of every name we ever used. */
async function neighbour(port: number): Promise<{ readonly server: Server; readonly url: string; readonly seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    response.setHeader('set-cookie', [`tunesmith-${port}=x; Path=/`, `tunesmith-${port}=y; Path=/rpc`, 'x-tunesmith-key=z; Path=/']);
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>neighbour</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
}

it('keeps its key to its own port, and foreign cookies do no harm', async () => {
  const { page, context, problems } = await openPage(browser, host.url);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  expect(page.url()).not.toContain('code=');
  const key = await page.evaluate(() => localStorage.getItem('tunesmith-key'));
  expect(key).toMatch(/^[\w-]{43}$/);
  expect(await context.cookies()).toEqual([]);

  const other = await neighbour(Number(new URL(host.url).port));
  const visit = await context.newPage();
  await visit.goto(other.url);
  expect(await visit.evaluate(() => localStorage.length)).toBe(0);
  for (const request of other.seen) expect(JSON.stringify([request.url, request.headers])).not.toContain(key!);
  other.server.close();
  other.server.closeAllConnections();

  // With its cookies in the browser: reloaded, in a second tab, and everything that needs the key.
  await page.reload();
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.getByRole('status').filter({ hasText: 'lost' }).waitFor({ state: 'detached' });
  const second = await context.newPage();
  await second.goto(new URL('/', host.url).href);
  await second.getByRole('heading', { level: 1 }).first().waitFor();
  expect(
    await second.evaluate(
      async (name) => (await fetch('/known', { headers: { 'x-tunesmith-key': localStorage.getItem(name)! } })).status,
      'tunesmith-key',
    ),
  ).toBe(204);
  expect(await second.getByText('has not been let in').count()).toBe(0);
  expect(problems).toEqual([]);
  await context.close();
});

it('lets an address in once; whoever comes with a used one, or none, is told what to do, and the next address works', async () => {
  const used = host.url;
  const first = await openPage(browser, used);
  await first.page.getByRole('heading', { level: 1 }).first().waitFor();
  await first.context.close();
  for (const url of [used, new URL('/', used).href]) {
    const { page, context } = await openPage(browser, url);
    await page.getByRole('heading', { name: 'This browser has not been let in yet' }).waitFor();
    await context.close();
  }
  expect(host.url).not.toBe(used);
  const next = await openPage(browser, host.url);
  await next.page.getByRole('heading', { level: 1 }).first().waitFor();
  expect(await next.page.getByText('has not been let in').count()).toBe(0);
  await next.context.close();
});
