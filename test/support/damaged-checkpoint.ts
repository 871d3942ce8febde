export const CHECKPOINT_DAMAGES: readonly { readonly name: string; readonly make: (folder: string) => Promise<void> }[] = [{ name: 'x', make: () => Promise.resolve() }];
