/** The mark of Tenfold: a learning rate that falls along a cosine, and starts again. */

import { LabIcon } from '@jupyterlab/ui-components';

// the class takes the colour from the theme; no fill of its own on the path, or it would be filled
const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g fill="none" stroke-width="2.75" stroke-linecap="round" stroke-linejoin="round">
    <path class="jp-icon3 jp-icon-selectable" stroke="#616161"
      d="M3 4C8 4 6.5 20 12 20V4C17 4 15.5 20 21 20"/>
  </g>
</svg>`;

/** For the sidebars, the launcher, the toolbar and the menu. */
export const tenfoldIcon = new LabIcon({ name: 'tenfold:mark', svgstr });
