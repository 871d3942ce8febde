/**
 * Whether the process that started this one has gone, asked from a thread beside a loop that may not turn (docs/adr/0015).
 * @param hostPid its number
 */
export function watchHost(hostPid: number): () => boolean {
  const parentIsHost = process.platform !== 'win32' && process.ppid === hostPid;
  return () => {
    // A child of a process that died is given another parent at once; its number may belong to somebody else by now.
    if (parentIsHost) return process.ppid !== hostPid;
    try {
      process.kill(hostPid, 0);
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH';
    }
  };
}
