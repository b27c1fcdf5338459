/** The panel as a widget: anywidget calls `render` for each view of it. */

import './panel.css';
import { dataTab } from './data_tab';
import type { Model } from './model';
import { Panel } from './panel';
import { RateTab } from './rate_tab';
import { resultsTab } from './results_tab';
import type { Host } from './tab';
import { TrainTab } from './train_tab';
import { isProgress, SearchBar } from '../search';

const TABS = [
  dataTab,
  (host: Host) => new RateTab(host),
  (host: Host) => new TrainTab(host),
  resultsTab
];

/** Show the panel in `el`, or the bar of a search; what is returned lets go of everything. */
function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  if (isProgress(model.get('search'))) {
    const bar = new SearchBar(model);
    el.append(bar.element);
    return bar.dispose;
  }
  const panel = new Panel(model, TABS);
  el.append(panel.element);
  return panel.dispose;
}

export default { render };
