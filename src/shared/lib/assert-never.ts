/** Ends a switch over a closed union; a new member becomes a compile error at the call. */
export function assertNever(value: never): never {
  throw new Error(`internal: unexpected value ${JSON.stringify(value)}`);
}
