import { openDatabase, type Database } from './database.ts';
import { Changes } from './changes.ts';

/** The registry as services hold it: repositories over one database. Each repository is a file beside this one. */
export class Registry {
  readonly database: Database;
  readonly changes: Changes;

  private constructor(database: Database) {
    this.database = database;
    this.changes = new Changes(database);
  }

  /** @throws AppError REGISTRY-NEWER, REGISTRY-BROKEN */
  static open(file: string): Registry {
    return new Registry(openDatabase(file));
  }

  /** False once it is closed: what comes late has nowhere to go. */
  get isOpen(): boolean {
    return this.database.open;
  }

  close(): void {
    this.changes.close();
    this.database.close();
  }
}
