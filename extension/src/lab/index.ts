/** The plugins of the extension: wiring only, one folder a feature. */

import { course } from './course';

export default [course];
