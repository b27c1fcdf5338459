/** A pair of classes that the model takes for each other, in one direction. */
export interface Pair {
  actual: number;
  predicted: number;
  count: number;
}

/** The pairs confused most often, the most frequent first; at least once each. */
export function mostConfused(
  matrix: readonly (readonly number[])[],
  most: number,
  right: (actual: number, predicted: number) => boolean = (a, b) => a === b
): Pair[] {
  const pairs = matrix.flatMap((row, actual) =>
    row.map((count, predicted) => ({ actual, predicted, count }))
  );
  return pairs
    .filter(pair => !right(pair.actual, pair.predicted) && pair.count > 0)
    .sort((one, other) => other.count - one.count)
    .slice(0, most);
}

/** The classes to draw: all of them while they fit, else those with the most mistakes. */
export function classesToDraw(
  matrix: readonly (readonly number[])[],
  most: number
): number[] {
  const mistakes = matrix.map(() => 0);
  matrix.forEach((row, actual) => {
    row.forEach((count, predicted) => {
      if (actual !== predicted) {
        mistakes[actual] = (mistakes[actual] ?? 0) + count;
        mistakes[predicted] = (mistakes[predicted] ?? 0) + count;
      }
    });
  });
  return matrix
    .map((_, index) => index)
    .sort((one, other) => (mistakes[other] ?? 0) - (mistakes[one] ?? 0))
    .slice(0, most)
    .sort((one, other) => one - other);
}

/** How many of the matrix lie on its diagonal, and how many there are. */
export function rightOf(matrix: readonly (readonly number[])[]): {
  right: number;
  all: number;
} {
  const right = matrix.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
  const all = matrix.flat().reduce((sum, count) => sum + count, 0);
  return { right, all };
}
