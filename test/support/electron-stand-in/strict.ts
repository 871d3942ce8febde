import { EventEmitter } from 'node:events';
import { definitionOf } from './definitions.ts';

/** What runtimes look for in any object. */
const ASKED_OF_ALL = new Set(['then', 'toJSON', 'constructor', 'inspect', 'nodeType', 'asymmetricMatch', '$$typeof']);

/** An emitter of the events of one of Electron's classes; another event is an error rather than silence. */
export class StrictEmitter {
  readonly #name: string;
  readonly #emitter = new EventEmitter();

  constructor(name: string) {
    this.#name = name;
  }

  // oxlint-disable-next-line typescript/no-explicit-any
  on(event: string, listener: (...args: any[]) => void): this {
    if (!definitionOf(this.#name).events.has(event)) throw new Error(`Electron's ${this.#name} has no event "${event}".`);
    this.#emitter.on(event, listener);
    return this;
  }

  // oxlint-disable-next-line typescript/no-explicit-any
  once(event: string, listener: (...args: any[]) => void): this {
    const once = (...args: unknown[]): void => {
      this.#emitter.off(event, once);
      listener(...args);
    };
    return this.on(event, once);
  }

  listens(event: string): boolean {
    return this.#emitter.listenerCount(event) > 0;
  }

  /** For the stand-in alone. */
  tell(event: string, ...args: readonly unknown[]): void {
    if (!definitionOf(this.#name).events.has(event)) throw new Error(`Electron's ${this.#name} has no event "${event}".`);
    this.#emitter.emit(event, ...args);
  }
}

/** As the program sees it: what Electron lacks, and what the stand-in lacks, throws instead of being undefined. */
export function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, property, receiver) {
      if (typeof property === 'symbol' || property in object || ASKED_OF_ALL.has(property)) {
        const value: unknown = Reflect.get(object, property, object);
        return typeof value === 'function' && value.constructor.name !== 'Proxy' ? bound(object, value as () => unknown, receiver) : value;
      }
      throw new Error(
        definitionOf(name).members.has(property) ? `The stand-in has no ${name}.${property} yet.` : `Electron's ${name} has no "${property}".`,
      );
    },
    set(_object, property) {
      throw new Error(`Electron's ${name}.${String(property)} is not ours to set.`);
    },
  });
}

/** Chained calls stay with the strict one. */
function bound<T extends object>(object: T, method: (...args: unknown[]) => unknown, receiver: unknown): unknown {
  return (...args: unknown[]): unknown => {
    const result = method.apply(object, args);
    return result === object ? receiver : result;
  };
}

/** Options with a key that Electron does not know, which it would leave out without a word. */
export function checkOptions(name: string, options: object): void {
  const { members } = definitionOf(name);
  for (const key of Object.keys(options)) if (!members.has(key)) throw new Error(`Electron's ${name} has no "${key}".`);
}

export interface Preventable {
  readonly defaultPrevented: boolean;
  preventDefault(): void;
}

export function preventable<T extends object>(details: T): T & Preventable {
  let prevented = false;
  return {
    ...details,
    get defaultPrevented() {
      return prevented;
    },
    preventDefault() {
      prevented = true;
    },
  };
}
