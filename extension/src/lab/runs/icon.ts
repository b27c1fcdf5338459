/** The mark of the runs: a loss that falls. */

import { LabIcon } from '@jupyterlab/ui-components';

// shapes and no strokes, because JupyterLab's themes only fill
const CURVE = `
<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M3 3h2v16h16v2H3z"/>
    <path d="M7.2 4h2.4c.9 6.700 3.600 9 11.400 9.900v2.300C11.600 15.400 8.100 12 7.200 4z"/>
  </g>
</svg>`;

export const runsIcon = new LabIcon({ name: 'tenfold:runs', svgstr: CURVE });
