import { os } from './implementer.ts';
import { streamOf } from './stream.ts';

export const systemRouter = {
  info: os.system.info.handler(({ context }) => context.services.machine.info()),
  devices: os.system.devices.handler(({ context, input }) => context.services.machine.devices(input.refresh)),
  watchNotices: os.system.watchNotices.handler(({ context, signal }) => streamOf(signal, (stop) => context.services.notices.watch(stop))),
  listFolder: os.system.listFolder.handler(({ context, input }) => context.services.machine.listFolder(input.path)),
};

export const settingsRouter = {
  get: os.settings.get.handler(({ context }) => context.services.settings.get()),
  update: os.settings.update.handler(({ context, input }) => context.services.settings.update(input)),
};
