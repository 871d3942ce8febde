/** @file Entry of the browser host: the studio as a page on loopback. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import { dataFolder } from './app/paths.ts';
import { answerPageRequest } from './app/page-files.ts';
import { router } from './rpc/router.ts';
import { openStudio } from './studio.ts';

// Skeleton: token, Host and Origin checks, uploads and downloads are being written.
const args = process.argv.slice(2);
const option = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1]! : null);
const studio = openStudio(dataFolder(option('--data')), 'browser', '0.1.0');
const handler = new RPCHandler(router);
const page = join(import.meta.dirname, '..', '..', 'out', 'renderer');
const server = createServer((request, response) => {
  void answerPageRequest(page, { method: request.method ?? 'GET', url: `app://tunesmith${request.url ?? '/'}` }).then(async (answer) => {
    response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), 'content-security-policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
});
const sockets = new WebSocketServer({ server, path: '/rpc' });
sockets.on('connection', (socket) => {
  handler.upgrade(socket, { context: { services: studio.services, logInternal: (id, error) => console.error(id, error) } });
});
server.listen(Number(option('--port') ?? 4173), '127.0.0.1', () => console.log(`http://127.0.0.1:${option('--port') ?? 4173}/`));
