/** @file How a page in Electron's window gets its MessagePort to the host; the browser host has a WebSocket instead. */

/** What the page posts to its own window, with the host's end of a new channel; the preload passes it on under the same name. */
export const PORT_CHANNEL = 'tunesmith:port';

/** What the preload leaves in the page: that ports are taken. */
export interface PortOffer {
  readonly takesPort: true;
}
export const PORT_OFFER = 'tunesmith';
