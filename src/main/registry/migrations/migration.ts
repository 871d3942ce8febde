/** One step of the schema; append only, never changed once released. Runs in a transaction of its own. */
export interface Migration {
  /** `user_version` of the file afterwards. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}
