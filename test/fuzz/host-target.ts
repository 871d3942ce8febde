/**
 * @file A running host as a target: the browser host on loopback with a studio behind it, in this process, and an input is what comes over the
 * wire: messages of two sockets, requests, uploads, bytes. Workers do their tasks in this process and no engine can be had, so that an input
 * costs milliseconds. After each the host answers a page of its own, and nothing of ours has thrown.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { startBrowserHost, type BrowserHost } from '../../src/main/app/browser/browser-host.ts';
import { dataFolder } from '../../src/main/app/paths.ts';
import { launchEnginesBy } from '../../src/main/engine-host/engine-host.ts';
import { openDatabase } from '../../src/main/registry/database.ts';
import { openStudio, type Studio } from '../../src/main/studio.ts';
import { launchWorkersBy } from '../../src/main/worker-host/workers.ts';
import { CODE_PARAMETER, ENTER_PATH, KEY_HEADER, socketProtocols } from '../../src/shared/domain/browser-entry.ts';
import { readingSchema } from '../../src/shared/domain/dataset-record.ts';
import { AppError } from '../../src/shared/lib/app-error.ts';
import { noEngine, tasksEnded, workerHere } from './stand-ins.ts';
import { layFolder, objectOf, type Laid } from './lay-folder.ts';

/** Inputs after which studio and data folder are made anew: what inputs leave behind must not slow down those after them. */
const LIFE = 400;
const MOST_STEPS = 20;
const MOST_BODY = 300_000;
/** Milliseconds that a connection without an answer is waited for. */
const SILENCE = 40;
const SOCKETS = 2;

interface Known {
  /** What an input means by `$MODEL` and so on: what it cannot know. */
  readonly names: Readonly<Record<string, string>>;
}

class Wire {
  readonly #studio: Studio;
  readonly #host: BrowserHost;
  readonly #known: Known;
  readonly #key: string;
  readonly #bugs: unknown[];
  readonly #sockets: (WebSocket | null)[] = Array.from({ length: SOCKETS }, () => null);
  #asked = 0;
  /** Answers with status 200 of this input. */
  answered = 0;
  inputs = 0;

  private constructor(studio: Studio, host: BrowserHost, known: Known, key: string, bugs: unknown[]) {
    this.#studio = studio;
    this.#host = host;
    this.#known = known;
    this.#key = key;
    this.#bugs = bugs;
  }

  static async open(root: string): Promise<Wire> {
    await rm(root, { recursive: true, force: true });
    const data = dataFolder(join(root, 'data'));
    const page = join(root, 'page');
    await mkdir(page, { recursive: true });
    await writeFile(join(page, 'index.html'), '<!doctype html><meta property="csp-nonce" nonce="__STYLE_NONCE__"><p>page</p>');
    launchWorkersBy(workerHere);
    launchEnginesBy(noEngine);
    const studio = openStudio(data, 'browser');
    const bugs: unknown[] = [];
    const host = await startBrowserHost({
      services: studio.services,
      dataFolder: data.root,
      page,
      port: 0,
      logInternal: (_id, error) => bugs.push(error),
    });
    const known = await furnish(studio, root, data.root);
    const code = new URL(host.newAddress()).searchParams.get(CODE_PARAMETER)!;
    const origin = `http://127.0.0.1:${host.port}`;
    const entered = await fetch(`${origin}${ENTER_PATH}`, { method: 'POST', headers: { origin }, body: code });
    return new Wire(studio, host, known, await entered.text(), bugs);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket?.terminate();
    await this.#host.close();
    await this.#studio.close();
    await tasksEnded();
  }

  /** @throws what the host has thrown inside itself */
  async take(steps: readonly unknown[]): Promise<void> {
    this.inputs += 1;
    this.answered = 0;
    for (const step of steps.slice(0, MOST_STEPS)) await this.#do((typeof step === 'object' && step !== null ? step : { send: step }) as Laid);
    // Whatever is still at work has had its turn when this is answered.
    for (let number = 0; number < SOCKETS; number++) if (this.#sockets[number]?.readyState === WebSocket.OPEN) await this.#isAlive(number);
    await this.#isAlive(0);
    const [bug] = this.#bugs.splice(0);
    if (bug !== undefined) throw bug;
    if (this.answered === 0) throw new AppError({ code: 'REFUSED', message: 'nothing was answered' });
  }

  async #do({ send, socket, http, raw, close }: Laid): Promise<void> {
    const number = Math.abs(Math.floor(Number(socket ?? 0) || 0)) % SOCKETS;
    if (send !== undefined) (await this.#socket(number)).send(this.#named(send));
    else if (typeof http === 'object' && http !== null) await this.#request(http as Laid);
    else if (raw !== undefined) await this.#raw(this.#named(raw));
    else if (close !== undefined) this.#sockets[number]?.close();
  }

  #named(value: unknown): string {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    return text.replace(/\$(?:MODEL|DATASET|VERSION|RUN|FOLDER|FILE|KEY)\b/g, (name) =>
      name === '$KEY' ? this.#key : JSON.stringify(this.#known.names[name] ?? name).slice(1, -1),
    );
  }

  async #socket(number: number): Promise<WebSocket> {
    const known = this.#sockets[number];
    if (known?.readyState === WebSocket.OPEN) return known;
    const socket = new WebSocket(`ws://127.0.0.1:${this.#host.port}/rpc`, socketProtocols(this.#key), { headers: { origin: this.#origin } });
    this.#sockets[number] = socket;
    socket.on('message', (data: Buffer) => {
      const { p } = JSON.parse(data.toString('utf8')) as { readonly p?: { readonly s?: number } };
      if ((p?.s ?? 200) === 200) this.answered += 1;
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.on('error', () => undefined);
    return socket;
  }

  get #origin(): string {
    return `http://127.0.0.1:${this.#host.port}`;
  }

  async #isAlive(number: number): Promise<void> {
    const socket = await this.#socket(number);
    const id = `alive-${(this.#asked += 1)}`;
    await new Promise<void>((resolve) => {
      const listen = (data: Buffer): void => {
        if (!data.includes(`"${id}"`)) return;
        this.answered -= 1;
        end();
      };
      const end = (): void => {
        socket.off('message', listen);
        socket.off('close', end);
        resolve();
      };
      socket.on('message', listen);
      socket.on('close', end);
      socket.send(JSON.stringify({ i: id, p: { u: '/settings/get', b: {} } }));
    });
    // One that an input has had closed says nothing of the host; a new one must.
    if (socket.readyState !== WebSocket.OPEN && number === 0) await this.#isAlive(0);
  }

  async #request({ method, path, headers, body, as }: Laid): Promise<void> {
    const bytes = Buffer.from(
      typeof body === 'string' ? body.slice(0, MOST_BODY) : body === undefined ? '' : JSON.stringify(body).slice(0, MOST_BODY),
    );
    const own = as === 'stranger' ? {} : { [KEY_HEADER]: this.#key, origin: this.#origin };
    await new Promise<void>((resolve) => {
      try {
        const sent = request(
          {
            host: '127.0.0.1',
            port: this.#host.port,
            agent: false,
            method: String(method ?? 'GET'),
            path: this.#named(path ?? '/'),
            headers: { ...own, ...(headers as Record<string, string>) },
          },
          (response) => {
            if (response.statusCode === 200) this.answered += 1;
            response.on('close', resolve).on('error', resolve).resume();
          },
        );
        sent.setTimeout(SILENCE * 10, () => sent.destroy());
        sent.on('error', () => resolve());
        sent.end(bytes);
      } catch {
        // What Node's own client does not send is for `raw`.
        resolve();
      }
    });
  }

  async #raw(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const socket = connect(this.#host.port, '127.0.0.1');
      socket.setTimeout(SILENCE, () => socket.destroy());
      socket
        .on('data', () => undefined)
        .on('error', () => undefined)
        .on('close', () => resolve());
      socket.on('connect', () => socket.write(text));
    });
  }
}

/** A model, an imported dataset and a finished run with its adapter. */
async function furnish(studio: Studio, root: string, data: string): Promise<Known> {
  const file = join(root, 'rows.jsonl');
  await writeFile(
    file,
    Array.from({ length: 30 }, (_, i) => `${JSON.stringify({ prompt: `Question ${i}?`, completion: `Answer ${i}.` })}\n`).join(''),
  );
  let [dataset, version] = ['', ''];
  for await (const update of studio.services.datasets.import(
    { kind: 'path', path: file },
    'rows',
    readingSchema.parse({}),
    new AbortController().signal,
  )) {
    if (update.kind === 'done') [dataset, version] = [update.dataset.id, update.dataset.version.id];
  }
  const run = join(data, 'runs', 'finished');
  const recipe = { model: '/m', dataset: { file } };
  const status = { kind: 'completed', steps: 3 };
  await layFolder(run, {
    'recipe.json': recipe,
    'status.json': { version: 1, status, device: 'cpu', threads: 1, rows: null, hostPid: 1, enginePid: null, updated: '2026-01-01T00:00:00.000Z' },
    'adapter/adapter_config.json': {},
    'adapter/adapter_model.safetensors': { safetensors: {}, bytes: 0 },
  });
  const database = openDatabase(join(data, 'registry.sqlite'));
  const now = '2026-01-01T00:00:00.000Z';
  database.transaction(() => {
    database
      .prepare(`INSERT INTO models (id, path, name, source, state_json, added_at) VALUES ('model', '/m', 'm', 'folder', ?, ?)`)
      .run(JSON.stringify({ kind: 'unusable', error: { code: 'NONE', message: 'none' } }), now);
    database.prepare('INSERT INTO recipes VALUES (?, ?, ?)').run('r', JSON.stringify(recipe), now);
    database
      .prepare(`INSERT INTO runs (id, name, dir, recipe_hash, model_id, model_name, model_path, dataset_version_id, dataset_name, device, host, status_json, step, total_steps, attempt, created_at)
      VALUES ('run', 'run', ?, 'r', 'model', 'm', '/m', ?, 'rows', 'cpu', 'cli', ?, 3, 3, 1, ?)`)
      .run(run, version, JSON.stringify(status), now);
  })();
  database.close();
  return { names: { $MODEL: 'model', $DATASET: dataset, $VERSION: version, $RUN: 'run', $FOLDER: root, $FILE: file } };
}

let wire: Wire | null = null;

export async function takeInput(input: Buffer, folder: string): Promise<void> {
  if (wire !== null && wire.inputs >= LIFE) await closeHost();
  wire ??= await Wire.open(join(folder, 'studio'));
  const steps = objectOf(input)?.['steps'];
  const text = input.toString('utf8');
  await wire.take(Array.isArray(steps) ? steps : [{ send: text }, { raw: text }]);
}

export async function closeHost(): Promise<void> {
  await wire?.close();
  wire = null;
}
