/** The panel as a widget: anywidget calls `render` for each view of it. */

import './panel.css';
import { dataTab } from './data_tab';
import type { Model } from './model';
import { Panel } from './panel';
import { RateTab } from './rate_tab';
import { resultsTab } from './results_tab';
import type { Host } from './tab';
import { TrainTab } from './train_tab';

const TABS = [
  dataTab,
  (host: Host) => new RateTab(host),
  (host: Host) => new TrainTab(host),
  resultsTab
];

/** Show the panel in `el`; what is returned lets go of everything. */
function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const panel = new Panel(model, TABS);
  el.append(panel.element);
  return panel.dispose;
}

export default { render };
