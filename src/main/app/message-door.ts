import { z } from 'zod';
import { hasMoreValues, isNestedDeeper, MOST_DEPTH } from '../../shared/lib/json-depth.ts';

/**
 * What a page's socket may say: a request (no type) or that it breaks one off (4). The rpc library reads messages with few
 * questions; streams towards the host (3) and binary bodies are no part of the contract, and would be kept in memory unasked.
 */
const messageSchema = z.union([
  z.object({
    i: z.string().min(1).max(64),
    t: z.literal(1).optional(),
    p: z.object({
      u: z.string().startsWith('/').max(256),
      b: z.unknown().optional(),
      h: z.record(z.string().max(64), z.string().max(256)).optional(),
      m: z.literal('POST').optional(),
    }),
  }),
  z.object({ i: z.string().min(1).max(64), t: z.literal(4) }),
]);

/** A message of text has few values for its length; millions of small ones would keep the loop busy while they are made. */
const MOST_VALUES = 500_000;

/** Whether a text message has the shape of our protocol; what it asks for is checked by the contract. */
export function isRpcMessage(text: string): boolean {
  // Looked at before it is parsed, which costs more the more it is nested.
  if (isNestedDeeper(text, MOST_DEPTH + 100) || hasMoreValues(text, MOST_VALUES)) return false;
  try {
    return messageSchema.safeParse(JSON.parse(text)).success;
  } catch {
    // Not JSON.
    return false;
  }
}
