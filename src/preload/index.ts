/** @file All that the sandboxed page gets from outside: its host takes one end of a channel. No calls, no channel names, no Electron. */
import { contextBridge, ipcRenderer } from 'electron';
import { PORT_CHANNEL, PORT_OFFER, type PortOffer } from '../shared/domain/page-port.ts';

window.addEventListener('message', ({ source, data, ports }) => {
  if (source === window && data === PORT_CHANNEL && ports.length === 1) ipcRenderer.postMessage(PORT_CHANNEL, null, [...ports]);
});
const offer: PortOffer = { takesPort: true };
contextBridge.exposeInMainWorld(PORT_OFFER, offer);
