/**
 * @file What the content security policy asks of the page; to be imported before everything else. Style elements written at run
 * time carry the nonce of this page, and zod must not compile its checks from text.
 */
import { z } from 'zod';

/** The nonce that the host put into this page's answer. */
export const styleNonce = document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? '';

// Read by `get-nonce`, which the scroll lock of dialogs uses.
Object.assign(globalThis, { __webpack_nonce__: styleNonce });
z.config({ jitless: true });
