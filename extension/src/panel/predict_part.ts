/** A picture of the user's own: dropped, sent to the kernel, predicted. */

import { h, setText } from '../dom';
import { bars } from './bars';
import { Changes } from '../run/changes';
import { DropZone } from './drop';
import { whyWait } from './gate';
import { quiet, section } from './part';
import type { Part } from './part';
import { Picture } from './pictures';
import { quoted } from './quote';
import type { Host } from './tab';
import type { ResultsTrait } from './traits';
import { percent } from '../numbers';

const MOST_CLASSES = 10;

type Prediction = NonNullable<ResultsTrait['prediction']>;

export class PredictPart implements Part {
  readonly element: HTMLElement;
  private readonly drop: DropZone;
  private readonly words = quiet();
  private readonly picture = new Picture();
  private readonly shown = h('div', { class: 'tenfold-scroll' });
  private readonly changes = new Changes();
  private sent: File | null = null;
  private disposed = false;

  constructor(private readonly host: Host) {
    const refuse = (words: string): void => {
      this.say(words);
    };
    const take = (file: File): void => {
      void this.send(file);
    };
    this.drop = new DropZone(take, refuse, () => whyWait(host));
    const beside = h(
      'div',
      { class: 'tenfold-beside' },
      this.picture.element,
      this.shown
    );
    this.element = section(
      'A picture of yours',
      [],
      this.drop.element,
      this.words,
      beside
    );
  }

  update(): void {
    const { prediction } = this.host.get('results');
    this.element.hidden = !this.host.get('learner').pictures;
    if (!this.changes.in(prediction)) return;
    const own = this.sent?.name === prediction?.name ? this.sent : null;
    const drawn = prediction === null ? null : this.host.get('prediction_png');
    this.picture.show(drawn ?? own, prediction?.name ?? '');
    this.shown.replaceChildren(...(prediction === null ? [] : answer(prediction)));
  }

  dispose(): void {
    this.disposed = true;
    this.picture.dispose();
  }

  private say(words: string): void {
    setText(this.words, words);
    this.host.note(words);
  }

  private async send(file: File): Promise<void> {
    const bytes = await file.arrayBuffer().catch(() => null);
    if (this.disposed) return;
    if (bytes === null) {
      this.say(`${file.name} could not be read; was it moved or deleted?`);
      return;
    }
    this.sent = file;
    setText(this.words, '');
    this.host.note(`Looking at ${file.name}…`);
    this.host.send({ kind: 'predict', name: file.name }, [bytes]);
    const name = quoted(file.name);
    if ('words' in name)
      this.host.show([`%predict ${name.words}${this.host.get('learner').option}`]);
  }
}

/** What the model said: the label, and how probable each class is. */
export function answer(prediction: Prediction): HTMLElement[] {
  const words = h('h4', {}, `${prediction.name}: ${prediction.label}`);
  return prediction.probabilities.length === 0 ? [words] : [words, table(prediction)];
}

function table({ probabilities }: Prediction): HTMLTableElement {
  const sorted = [...probabilities].sort((one, other) => (other[1] ?? 0) - (one[1] ?? 0));
  return bars(
    sorted.length > MOST_CLASSES
      ? `The ${MOST_CLASSES} most probable of ${sorted.length} classes`
      : 'How probable each class is',
    ['Class', 'Probability'],
    sorted.slice(0, MOST_CLASSES).map(([name, probability]) => ({
      name,
      length: probability ?? 0,
      numbers: [probability === null ? '–' : percent(probability)]
    }))
  );
}
