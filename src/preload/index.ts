/** @file All that the sandboxed page gets from outside: one object with the calls of `StudioApi`. No channel names, no Electron. */
import { contextBridge, ipcRenderer } from 'electron';
import { DEVICES_CHANNEL, type DevicesAnswer, type StudioApi } from '../shared/domain/studio-api.ts';

const api: StudioApi = {
  devices: () => ipcRenderer.invoke(DEVICES_CHANNEL) as Promise<DevicesAnswer>,
};
contextBridge.exposeInMainWorld('tunesmith', api);
