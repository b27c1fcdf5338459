/** The plugins of the extension: wiring only, one folder a feature. */

import { runs } from './runs';

export default [runs];
