/** @file Loaded before all else into a program (`--import`), it turns the wall clock there: TURNED_CLOCK is after how many seconds, and by how many. */
const [after = 0, by = 0] = (process.env['TURNED_CLOCK'] ?? '').split(' ').map(Number);
const real = Date.now.bind(Date);
const OriginalDate = Date;
const begun = performance.now();
const now = (): number => real() + (performance.now() - begun > after * 1000 ? by * 1000 : 0);

globalThis.Date = new Proxy(OriginalDate, {
  construct: (target, parameters) => (parameters.length === 0 ? new target(now()) : (Reflect.construct(target, parameters) as Date)),
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
});
