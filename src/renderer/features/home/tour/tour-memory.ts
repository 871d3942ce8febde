const KEY = 'tunesmith.tour.run';

/** Id of the run that the tour started in this window, so that it can be left and come back to. */
export function rememberedRun(): string | null {
  return sessionStorage.getItem(KEY);
}

export function rememberRun(id: string | null): void {
  if (id === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, id);
}
