/** The plugins of the extension: wiring only, one folder a feature. */

import { course } from './course';
import { hoverHelp, listOfMagics } from './help';
import { runs } from './runs';
import { start } from './start';
import { speaking, words } from './words';

export default [words, ...[start, course, runs, hoverHelp, listOfMagics].map(speaking)];
