/** The Results tab: where the model is wrong, how sure it is, and taking it away. */

import { h } from '../dom';
import { predictTyped, writeOn } from './ask_part';
import { BeforeAfterPart } from './before_after_part';
import { Changes } from '../run/changes';
import { ConfusionPart } from './confusion_part';
import { ExportPart } from './export_part';
import { showWaiting } from './gate';
import { HeatPart } from './heat_part';
import { LossesPart } from './losses_part';
import { MapPart } from './map_part';
import { answer, PredictPart } from './predict_part';
import { ScoresPart } from './scores_part';
import type { Host, Tab } from './tab';
import { ViewPart } from './view_part';

/** Make the Results tab. */
export function resultsTab(host: Host): Tab {
  const parts = [
    new ViewPart(host, {
      title: 'What it makes',
      words: 'Make pictures',
      magic: 'sheet'
    }),
    new ConfusionPart(host),
    new ViewPart(host, {
      title: 'Each label by itself',
      words: 'Precision and recall',
      magic: 'labels'
    }),
    new ViewPart(host, {
      title: 'From which chance a label counts as there',
      words: 'Tune thresholds',
      magic: 'tune_thresholds'
    }),
    new ViewPart(host, {
      title: 'How well each class of the pixels is found',
      words: 'Intersection over union',
      magic: 'iou'
    }),
    new ViewPart(host, {
      title: 'How far off it is',
      words: 'Predicted against actual',
      magic: 'residuals'
    }),
    new LossesPart(host),
    new HeatPart(host),
    new MapPart(host),
    new ViewPart(host, {
      title: 'Whether it is as sure as it is right',
      words: 'Calibration',
      magic: 'calibration',
      more: ['Apply the temperature', '%calibration --apply']
    }),
    new ViewPart(host, {
      title: 'How its layers behave',
      words: 'Activations by layer',
      magic: 'activations'
    }),
    new ViewPart(host, {
      title: 'What it has learned of the items',
      words: 'Best, worst and map',
      magic: 'factors'
    }),
    new ViewPart(host, {
      title: 'What it is made of',
      words: 'Every layer',
      magic: 'summary'
    }),
    new ViewPart(host, {
      title: 'The loss around its weights',
      words: 'Landscape',
      magic: 'landscape'
    }),
    new ViewPart(host, {
      title: 'How sharp its minimum is',
      words: 'Sharpness',
      magic: 'sharpness'
    }),
    new ViewPart(host, {
      title: 'Which optimizer trains it best',
      words: 'Compare optimizers',
      magic: 'compare_optimizers'
    }),
    writeOn(host),
    new ScoresPart(host),
    new BeforeAfterPart(host),
    new PredictPart(host),
    predictTyped(host, answered(host)),
    new ExportPart(host),
    ...ideas(host)
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

/** What needs no learner, and shows an idea. */
function ideas(host: Host): ViewPart[] {
  return [
    new ViewPart(host, {
      title: 'An idea: how optimizers walk',
      words: 'Down a valley',
      magic: 'optimizers',
      more: ['Past a saddle', '%optimizers saddle'],
      alone: true
    }),
    new ViewPart(host, {
      title: 'An idea: one hidden layer fits any curve',
      words: 'More and more units',
      magic: 'widths',
      more: ['Sigmoid units', '%widths --activation sigmoid'],
      alone: true
    }),
    new ViewPart(host, {
      title: 'An idea: small weights, simple curves',
      words: 'More and more weight decay',
      magic: 'decays',
      alone: true
    })
  ];
}

/** The last prediction, made anew only when it is another one. */
function answered(host: Host): () => readonly [string, readonly HTMLElement[] | null] {
  const changes = new Changes();
  return () => {
    const { prediction } = host.get('results');
    const shown = prediction === null ? [] : answer(prediction);
    return ['', changes.in(prediction) ? shown : null];
  };
}
