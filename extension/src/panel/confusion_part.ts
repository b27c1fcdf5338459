/** What the model mixes up: the matrix, the pairs confused most, the pictures of a cell. */

import { button, h, setText } from '../dom';
import { Changes } from '../run/changes';
import { mostConfused, rightOf } from './confused';
import { cellOptions, cellWords, isRight, rowsToDraw, several } from './counts';
import type { Counts } from './counts';
import { runMagic, waits } from './gate';
import { Matrix } from './matrix';
import { magicButton, quiet, section } from './part';
import type { Part } from './part';
import { Picture } from './pictures';
import type { Host } from './tab';
import { wordTable } from './word_table';
import { counted, grouped, percent } from '../numbers';

const MOST_CLASSES = 30;
const MOST_PAIRS = 8;

export class ConfusionPart implements Part {
  readonly element: HTMLElement;
  private readonly words = quiet();
  private readonly table = h('div', { class: 'tenfold-scroll' });
  private readonly pairs = h('div', { class: 'tenfold-pairs' });
  private readonly picture = new Picture();
  private readonly cellWords = quiet();
  private readonly rows = h('div', { class: 'tenfold-scroll' });
  private readonly changes = new Changes();
  private readonly listedRows = new Changes();
  private matrix: Matrix | null = null;

  constructor(private readonly host: Host) {
    const draw = magicButton(host, 'Confusion matrix', '%confusion');
    const cell = h(
      'div',
      { class: 'tenfold-cell-shown' },
      this.cellWords,
      this.picture.element,
      this.rows
    );
    const beside = h('div', { class: 'tenfold-beside' }, this.table, this.pairs);
    this.element = section('What it mixes up', [draw], this.words, beside, cell);
  }

  update(): void {
    const { confusion } = this.host.get('results');
    this.element.hidden =
      !this.host.get('learner').shows.includes('confusion') && confusion === null;
    if (this.changes.in(confusion)) this.draw(confusion);
    this.showCell();
  }

  dispose(): void {
    this.picture.dispose();
  }

  private draw(counts: Counts | null): void {
    this.matrix = null;
    this.table.replaceChildren();
    this.pairs.replaceChildren();
    setText(this.words, counts === null ? 'Not looked at yet.' : summary(counts));
    if (counts === null) return;
    const drawn = rowsToDraw(counts, MOST_CLASSES);
    this.matrix = new Matrix(counts, drawn, (actual, predicted) => {
      this.ask(counts, actual, predicted);
    });
    this.table.replaceChildren(this.matrix.element);
    this.pairs.replaceChildren(...this.listed(counts));
  }

  private listed(counts: Counts): HTMLElement[] {
    const right = (row: number, column: number): boolean => isRight(counts, row, column);
    const pairs = mostConfused(counts.matrix, MOST_PAIRS, right);
    if (pairs.length === 0) return [];
    const items = pairs.map(({ actual, predicted }) => {
      const ask = (): void => {
        this.ask(counts, actual, predicted);
      };
      const shown = button(cellWords(counts, actual, predicted), ask, waits());
      shown.className = 'tenfold-link';
      return h('li', {}, shown);
    });
    const title = several(counts) ? 'Wrong most often' : 'Confused most often';
    return [h('h4', {}, title), h('ol', {}, ...items)];
  }

  private ask(counts: Counts, actual: number, predicted: number): void {
    runMagic(this.host, '%confusion', ...cellOptions(counts, actual, predicted));
  }

  private showCell(): void {
    const { cell } = this.host.get('results');
    const png = cell === null ? null : this.host.get('cell_png');
    this.picture.show(png, cell?.words ?? '');
    const hint = this.matrix === null ? '' : 'Press a number to see what it counts.';
    setText(this.cellWords, cell?.words ?? hint);
    if (this.listedRows.in(cell?.table))
      this.rows.replaceChildren(...wordTable(cell?.words ?? '', cell?.table ?? []));
    if (cell !== null) this.matrix?.mark(cell.actual, cell.predicted);
  }
}

function summary(counts: Counts): string {
  const { classes, matrix } = counts;
  if (several(counts)) return counts.words;
  const { right, all } = rightOf(matrix);
  const share = all === 0 ? '' : ` (${percent(right / all)})`;
  const verb = right === 1 ? 'is' : 'are';
  const words = `${grouped(right)} of ${counted(all, 'validation item')} ${verb} right${share}.`;
  if (classes.length <= MOST_CLASSES) return words;
  return `${words} Of ${grouped(classes.length)} classes, the ${MOST_CLASSES} with the most mistakes are drawn.`;
}
