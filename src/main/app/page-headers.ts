import { contentSecurityPolicy } from './content-security-policy.ts';

/** What both hosts send with every answer, whatever it is. */
export function pageHeaders(styleNonce: string): Readonly<Record<string, string>> {
  return {
    'content-security-policy': contentSecurityPolicy(styleNonce),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=(), display-capture=()',
    'cache-control': 'no-cache',
  };
}
