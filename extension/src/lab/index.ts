/** The plugins of the extension: wiring only, one folder a feature. */

import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

const probe: JupyterFrontEndPlugin<void> = {
  id: 'tenfold:probe',
  autoStart: true,
  activate: () => undefined
};

export default [probe];
