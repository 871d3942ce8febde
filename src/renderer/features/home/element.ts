/** An element with text or children. Text stays text: nothing here reads markup. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, content: string | readonly Node[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...(typeof content === 'string' ? [content] : content));
  return made;
}
