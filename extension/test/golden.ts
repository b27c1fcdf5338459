/** The files that the Python tests write from the real thing. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../tests/golden');

/** The parsed content of a file of tests/golden. */
export function golden(name: string): unknown {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
}
