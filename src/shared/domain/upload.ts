/** Where the page sends a file to (POST, the file as the body, its name as `?name=`), and where it fetches one from. Paths on the page's own origin. */
export const UPLOAD_PATH = '/upload';
export const outcomeDownloadPath = (runId: string, checkpoint: number | null): string =>
  `/download/runs/${encodeURIComponent(runId)}/${checkpoint === null ? 'outcome' : `checkpoint-${checkpoint}`}.zip`;
export const datasetDownloadPath = (versionId: string): string => `/download/datasets/${encodeURIComponent(versionId)}/rows.jsonl`;

/** The answer to an upload. */
export interface Upload {
  readonly uploadId: string;
  readonly fileName: string;
  readonly bytes: number;
}
