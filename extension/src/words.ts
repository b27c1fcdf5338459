/** What is said to a person: English here, and in JupyterLab whatever language it speaks. */

type Value = string | number;

/** The part of a translation bundle of JupyterLab's that is used here. */
export interface Bundle {
  __(words: string, ...values: Value[]): string;
  _n(one: string, many: string, count: number, ...values: Value[]): string;
  _p(context: string, words: string): string;
}

const english: Bundle = {
  __: filled,
  _n: (one, many, count, ...values) => filled(count === 1 ? one : many, count, ...values),
  _p: (_, words) => words
};

let bundle: Bundle = english;

/** Say everything from now on by this bundle; without one in English. */
export function speakBy(other: Bundle = english): void {
  bundle = other;
}

/** Words for a person: `__('epoch %1 of %2', 1, 3)`. The first argument is written out in the
 * source, because the catalogue is held to what is found there. */
export function __(words: string, ...values: Value[]): string {
  return bundle.__(words, ...values);
}

/** Words that depend on a number, which is `%1`: `_n('%1 run', '%1 runs', count)`. */
export function _n(one: string, many: string, count: number, ...values: Value[]): string {
  return bundle._n(one, many, count, ...values);
}

/** What the course itself says, as the title of a lesson: the catalogue is held to exercises.json,
 * and what another edition says differently stays English. */
export function ofCourse(words: string): string {
  return bundle._p('course', words);
}

function filled(words: string, ...values: Value[]): string {
  return words.replace(/%(\d)/g, (whole, place: string) =>
    String(values[Number(place) - 1] ?? whole)
  );
}
