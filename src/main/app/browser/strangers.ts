import type { Socket } from 'node:net';

/** Connections that have shown no secret: any program of this machine can open them, and need not ask anything. */
const MOST = 96;

/**
 * Keeps room for whoever comes next: beyond a number of strangers the one that came first goes. A browser asks as soon as it is
 * connected; only what sits there in silence is still here when so many others have come.
 */
export class Strangers {
  /** In the order they came. */
  readonly #sockets = new Set<Socket>();

  come(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const [first] = this.#sockets;
    if (this.#sockets.size > MOST) first!.destroy();
  }

  /** It has shown that it is the page's. */
  know(socket: Socket): void {
    this.#sockets.delete(socket);
  }
}
