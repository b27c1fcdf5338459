/** The Results tab: where the model is wrong, how sure it is, and taking it away. */

import { h } from '../dom';
import { ConfusionPart } from './confusion_part';
import { ExportPart } from './export_part';
import { showWaiting } from './gate';
import { LossesPart } from './losses_part';
import { PredictPart } from './predict_part';
import { ScoresPart } from './scores_part';
import type { Host, Tab } from './tab';

/** Make the Results tab. */
export function resultsTab(host: Host): Tab {
  const parts = [
    new ConfusionPart(host),
    new LossesPart(host),
    new ScoresPart(host),
    new PredictPart(host),
    new ExportPart(host)
  ];
  const element = h(
    'div',
    { class: 'tenfold-parts' },
    ...parts.map(part => part.element)
  );
  return {
    name: 'results',
    title: 'Results',
    element,
    update() {
      for (const part of parts) part.update();
      showWaiting(host, element);
    },
    dispose() {
      for (const part of parts) part.dispose();
    }
  };
}
