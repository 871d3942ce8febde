import type { StudioApi } from '../../shared/domain/studio-api.ts';

declare global {
  interface Window {
    /** Put there by the preload. */
    readonly tunesmith: StudioApi;
  }
}

/** The only way out of the page, and the only user of what the preload put into it. */
export const client: StudioApi = window.tunesmith;
