import { standInApp } from './app.ts';
import { menuRoles } from './definitions.ts';
import { checkOptions, strict } from './strict.ts';

export interface MenuItem {
  readonly role?: string;
  readonly label?: string;
  readonly type?: string;
  readonly submenu?: readonly MenuItem[];
}

function check(items: readonly MenuItem[]): readonly MenuItem[] {
  for (const item of items) {
    checkOptions('MenuItemConstructorOptions', item);
    if (item.role !== undefined && !menuRoles().has(item.role)) throw new Error(`Electron has no menu role "${item.role}".`);
    if (item.role === undefined && item.label === undefined && item.type === undefined)
      throw new TypeError('Invalid template for MenuItem: must have at least one of label, role or type');
    check(item.submenu ?? []);
  }
  return items;
}

/** What the program has set; undefined: Electron's own, with reload and developer tools. */
export const menu: { current: readonly MenuItem[] | null | undefined } = { current: undefined };

export const Menu = strict('Menu', {
  buildFromTemplate: check,
  setApplicationMenu(items: readonly MenuItem[] | null): void {
    standInApp.afterReady('Menu.setApplicationMenu');
    menu.current = items;
  },
});

/** What a person was shown, instead of a dialog. */
export const dialogs: string[] = [];

export const dialog = strict('Dialog', {
  showErrorBox(title: string, content: string): void {
    if (typeof title !== 'string' || typeof content !== 'string') throw new TypeError('title and content must be strings');
    dialogs.push(content);
  },
});
