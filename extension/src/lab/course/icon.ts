/** The course's mark in the side bar: a mortarboard, for Tenfold's own mark is not the course's
 * alone. */

import { LabIcon } from '@jupyterlab/ui-components';

const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" fill="#616161">
    <path d="M12 4 1 9.5 12 15l9-4.5V17h2V9.5z"/>
    <path d="M5 13.2V17c0 1.7 3.1 3.2 7 3.2s7-1.5 7-3.2v-3.8l-7 3.5z"/>
  </g>
</svg>`;

export const courseIcon = new LabIcon({ name: 'tenfold:course', svgstr });
