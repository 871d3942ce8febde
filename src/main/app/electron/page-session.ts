/** @file What the window's page is served, over app://, and what it is kept from. */
import { join } from 'node:path';
import { protocol, session } from 'electron';
import { answerPageRequest, refusal } from '../page-files.ts';
import { isOwnPage, PAGE_SCHEME } from '../page-origin.ts';
import { answerTransfer, type TransferContext } from '../transfer/answer-transfer.ts';

/** Must be called before Electron is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } }]);
}

/** Serves page, uploads and downloads, and refuses every permission a page can ask for. @param built folder of the built program, `out` */
export function preparePageSession(built: string, transfer: TransferContext): void {
  protocol.handle(PAGE_SCHEME, (request) => answer(join(built, 'renderer'), transfer, request));
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.setDevicePermissionHandler(() => false);
}

async function answer(page: string, transfer: TransferContext, request: Request): Promise<Response> {
  if (!isOwnPage(request.url)) return refusal(403, 'This is no file of the page.');
  return (await answerTransfer(transfer, request)) ?? answerPageRequest(page, { method: request.method, pathname: new URL(request.url).pathname });
}
