import { os } from './implementer.ts';

export const starterRouter = {
  open: os.starter.open.handler(({ context }) => context.services.starter.open()),
};
