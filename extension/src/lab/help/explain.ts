/** What there is to say about a place in a line: the same as the kernel says on Shift-Tab.
 *
 * The help comes from the magics' own parsers; `tests/test_magics_explain.py` writes magics.json.
 */

import magics from './magics.json';

/** One magic: its first sentence, its whole help, and that of each option. */
export interface Page {
  readonly summary: string;
  readonly help: string;
  readonly options: Readonly<Record<string, string>>;
}

/** A text about the part of a line between two places. */
export interface Explanation {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Every magic by its name, in the order of `%tenfold`. */
export const PAGES: ReadonlyMap<string, Page> = new Map<string, Page>(
  Object.entries(magics)
);

// %fit 3, and preds, targets = %tta
const LINE = /^\s*(?:[\w\s,.[\]()*'"]+=\s*)?%(\w+)(?=\s|$)/d;

/** The help at a place of a line: on the name that of the magic, on an option that of the option. */
export function explain(line: string, place: number): Explanation | null {
  const found = LINE.exec(line);
  const [from, to] = found?.indices?.[1] ?? [0, 0];
  const page = PAGES.get(line.slice(from, to));
  if (!page) return null;
  if (place >= from - 1 && place <= to) return { from: from - 1, to, text: page.help };
  for (const { 0: option, index } of line.matchAll(/--[\w-]+/g)) {
    const end = index + option.length;
    const text = Object.hasOwn(page.options, option) ? page.options[option] : undefined;
    if (text && place >= index && place <= end) return { from: index, to: end, text };
  }
  return null;
}
