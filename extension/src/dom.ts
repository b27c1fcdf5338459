/** Elements made in one expression. Text only ever goes in as text. */

type Child = Node | string | null;
type Attributes = Readonly<Record<string, string | number | boolean | null>>;

const SVG = 'http://www.w3.org/2000/svg';

/** An element: `h('p', { class: 'words' }, 'Hello')`. false and null leave an attribute out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled<E extends Element>(
  element: E,
  attributes: Attributes,
  children: readonly Child[]
): E {
  for (const [name, value] of Object.entries(attributes))
    setAttribute(element, name, value);
  element.append(...children.filter(child => child !== null));
  return element;
}

/** Set an attribute only when it changes; null and false remove it. */
export function setAttribute(
  element: Element,
  name: string,
  value: string | number | boolean | null
): void {
  if (value === null || value === false) element.removeAttribute(name);
  else {
    const text = value === true ? '' : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/** Set the text only when it changes, so that nothing is laid out or read out for nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A push button. */
export function button(
  words: string,
  click: () => void,
  attributes: Attributes = {}
): HTMLButtonElement {
  const made = h(
    'button',
    { type: 'button', class: 'tenfold-button', ...attributes },
    words
  );
  made.addEventListener('click', click);
  return made;
}

// each panel of a page counts for itself
const own = Math.random().toString(36).slice(2, 10);
let made = 0;

/** An id that no other element of the page has. */
export function uniqueId(): string {
  made += 1;
  return `tenfold-${own}-${made}`;
}
