/** Words of one's own: a text or a row to predict, or the beginning of a text to write on. */

import { h, setAttribute, setText, uniqueId } from '../dom';
import { isText } from '../guards';
import { runMagic, waits } from './gate';
import { quiet, section } from './part';
import type { Part } from './part';
import { quoted } from './quote';
import type { Quoted } from './quote';
import type { Host } from './tab';

/** What is asked for, and how its line is written. */
export interface Question {
  readonly title: string;
  readonly label: string;
  readonly action: string;
  readonly example: string;
  /** The line without the learner: a magic and what follows it. */
  readonly magic: string;
  readonly words: (typed: string) => Quoted;
}

/** A field and a button under a heading, with the answer below. */
export class AskPart implements Part {
  readonly element: HTMLElement;
  private readonly note = quiet();
  private readonly answer = h('div', { class: 'tenfold-scroll' });
  private readonly title: HTMLElement | null;
  private readonly label = h('label', {});
  private readonly field = h('input', {
    type: 'text',
    id: uniqueId(),
    class: 'tenfold-input tenfold-wide',
    spellcheck: 'false',
    autocomplete: 'off'
  });
  private readonly go = h('button', {
    type: 'submit',
    class: 'tenfold-button',
    ...waits()
  });

  constructor(
    private readonly host: Host,
    private readonly setting: string,
    /** The question of this learner; null where there is none. */
    private readonly question: () => Question | null,
    /** What is shown below: a sentence, and elements. */
    private readonly shown: () => readonly [string, readonly HTMLElement[] | null]
  ) {
    this.label.htmlFor = this.field.id;
    const form = h('form', { class: 'tenfold-form' }, this.label, this.field, this.go);
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.ask();
    });
    this.field.addEventListener('change', () => {
      host.settings.set(setting, this.field.value);
    });
    this.field.value = host.settings.get(setting, isText, '');
    this.element = section('', [], form, this.note, this.answer);
    this.title = this.element.querySelector('h3');
  }

  update(): void {
    const question = this.question();
    this.element.hidden = question === null;
    if (question === null) return;
    if (this.title !== null) setText(this.title, question.title);
    setText(this.label, question.label);
    setText(this.go, question.action);
    setAttribute(this.field, 'placeholder', question.example);
    const [words, elements] = this.shown();
    setText(this.note, words);
    this.note.hidden = words === '';
    if (elements !== null) this.answer.replaceChildren(...elements);
  }

  dispose(): void {
    this.answer.replaceChildren();
  }

  private ask(): void {
    const question = this.question();
    const typed = this.field.value.trim();
    if (question === null) return;
    this.host.settings.set(this.setting, this.field.value);
    if (typed === '') this.host.note(`Type something first, as ${question.example}`);
    else runMagic(this.host, question.magic, question.words(typed));
  }
}

/** The part that predicts what was typed: a text, or a row as COLUMN=VALUE. */
export function predictTyped(
  host: Host,
  shown: () => readonly [string, readonly HTMLElement[] | null]
): AskPart {
  return new AskPart(host, 'results.typed', () => predictQuestion(host), shown);
}

function predictQuestion(host: Host): Question | null {
  const { asks, fields } = host.get('learner');
  if (asks === 'text')
    return {
      title: 'A text of yours',
      label: 'Text',
      action: 'Predict',
      example: 'The film was a joy.',
      magic: '%predict',
      words: quoted
    };
  if (asks !== 'row') return null;
  const example = fields
    .slice(0, 2)
    .map(field => `${field}=…`)
    .join(' ');
  return {
    title: 'A row of yours',
    label: 'Row',
    action: 'Predict',
    example,
    magic: '%predict',
    words: typed => ({ words: typed })
  };
}

/** The part that lets a language model write on. */
export function writeOn(host: Host): AskPart {
  const question: Question = {
    title: 'What it writes',
    label: 'Begin with',
    action: 'Write on',
    example: 'the film was',
    magic: '%generate',
    words: quoted
  };
  return new AskPart(
    host,
    'results.prompt',
    () => (host.get('learner').shows.includes('generate') ? question : null),
    () => [host.get('results').written?.words ?? 'Nothing written yet.', null]
  );
}
