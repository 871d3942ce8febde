import { PORT_CHANNEL, PORT_OFFER } from '../../shared/domain/page-port.ts';
import { connectionIs } from './connection.ts';

/** Whether this page is in Electron's window, whose preload takes a port. */
export function hostTakesPort(): boolean {
  return PORT_OFFER in window;
}

/** Our end of a new channel to the main process. It lives as long as the page: when that process ends, so does the window. */
export function connectPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  window.postMessage(PORT_CHANNEL, location.origin, [port2]);
  port1.start();
  connectionIs('open');
  return port1;
}
