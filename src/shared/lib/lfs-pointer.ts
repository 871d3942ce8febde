/** What git leaves in place of a large file that was not fetched. */

const BEGINNING = 'version https://git-lfs.github.com/spec/';

/** Pointers are at most 1024 bytes by their specification. */
export const MAX_POINTER_BYTES = 1024;

export function isLfsPointer(beginning: string): boolean {
  return beginning.startsWith(BEGINNING);
}

export const LFS_WORDS = 'this is a Git LFS pointer, a few lines that stand for the real file, which was not downloaded';
export const LFS_REMEDY = 'Run "git lfs install" and "git lfs pull" in the folder, or download the file itself.';
