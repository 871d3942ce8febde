import open from 'open';

/** Opens the person's browser; where there is none, the printed address has to do. */
export async function openInBrowser(url: string): Promise<void> {
  try {
    const child = await open(url);
    child.once('error', tell);
  } catch (error) {
    tell(error);
  }
}

function tell(error: unknown): void {
  console.log(`No browser could be opened (${error instanceof Error ? error.message : String(error)}): open the address yourself.`);
}
