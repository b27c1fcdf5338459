/** Small guards that say whether a value from the kernel has the shape we expect. */

export type Guard<T> = (value: unknown) => value is T;

export const isText: Guard<string> = value => typeof value === 'string';
export const isFlag: Guard<boolean> = value => typeof value === 'boolean';

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function isCount(value: unknown): value is number {
  return isNumber(value) && Number.isInteger(value) && value >= 0;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `guard`, or null. */
export function nullable<T>(guard: Guard<T>): Guard<T | null> {
  return (value): value is T | null => value === null || guard(value);
}

/** An array in which every item passes `guard`. */
export function list<T>(guard: Guard<T>): Guard<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(guard);
}

/** An array of exactly two. */
export function pair<A, B>(first: Guard<A>, second: Guard<B>): Guard<readonly [A, B]> {
  return (value): value is readonly [A, B] =>
    Array.isArray(value) && value.length === 2 && first(value[0]) && second(value[1]);
}

/** An object with any keys, in which every value passes `guard`. */
export function record<T>(guard: Guard<T>): Guard<Readonly<Record<string, T>>> {
  return (value): value is Readonly<Record<string, T>> =>
    isObject(value) && Object.values(value).every(guard);
}

/** One of a closed set of words. */
export function oneOf<T extends string>(...words: readonly T[]): Guard<T> {
  return (value): value is T => words.some(word => word === value);
}

/** An object that has at least these fields. */
export function shape<T>(fields: {
  readonly [K in keyof T]-?: Guard<T[K]>;
}): Guard<T> {
  const known: [string, Guard<unknown>][] = Object.entries(fields);
  return (value): value is T =>
    isObject(value) && known.every(([name, guard]) => guard(value[name]));
}
