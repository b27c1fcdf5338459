/** What the panel shows: the list of runs, and below it one of them or a comparison. */

import { button, h, setAttribute, setText } from '../../dom';
import { Announcer } from '../../run/announcer';
import { titleOf } from '../../run/run_facts';
import { RunView } from '../../run/run_view';
import type { RunHost } from '../../run/run_view';
import type { Steering } from '../../wire';
import { __ } from '../../words';
import { CommandIDs } from './commands';
import { CompareView } from './compare_view';
import { lineOf } from './lines';
import { NothingView } from './nothing';
import type { PanelScene } from './panel';
import { pictureOf, savePicture } from './picture';
import { RunList } from './run_list';

/** Draws what it is asked to draw, when it is asked. */
export class RunsView implements RunHost {
  readonly element: HTMLElement;
  private readonly announcer = new Announcer();
  private readonly nothing: NothingView;
  private readonly list: RunList;
  private readonly run: RunView;
  private readonly compare: CompareView;
  private readonly one: HTMLButtonElement;
  private readonly several: HTMLButtonElement;
  private readonly switches: HTMLElement;
  private readonly line = h('code', {
    tabindex: 0,
    'aria-label': __('Magic of this run')
  });
  private readonly insert: HTMLButtonElement;
  private readonly copy: HTMLButtonElement;
  private readonly actions: HTMLElement;
  private readonly body: HTMLElement;
  private readonly detail: HTMLElement;

  constructor(
    private readonly scene: PanelScene,
    changed: () => void
  ) {
    const { commands, choice } = scene;
    const does = (id: string) => () => void commands.execute(id);
    this.nothing = new NothingView(does(CommandIDs.insertLoadLine));
    this.list = new RunList({
      choose: run => {
        choice.choose(run);
        this.draw();
      },
      compare: (run, on) => {
        choice.compare(run, on);
        this.draw();
      }
    });
    this.run = new RunView(this);
    this.compare = new CompareView(changed);
    this.one = button(__('Run'), this.turn(false));
    this.several = button(__('Compare'), this.turn(true));
    const label = { role: 'group', 'aria-label': __('What is shown') };
    this.switches = h(
      'div',
      { class: 'tenfold-runs-switches', ...label },
      this.one,
      this.several
    );
    this.copy = button(__('Copy'), does(CommandIDs.copyLine));
    this.insert = button(__('Insert as cell'), does(CommandIDs.insertLine));
    const save = button(__('Save picture'), () => {
      this.save();
    });
    this.actions = h(
      'div',
      { class: 'tenfold-runs-actions' },
      this.copy,
      this.insert,
      save
    );
    this.detail = h(
      'div',
      { class: 'tenfold-runs-detail' },
      this.run.element,
      this.compare.element
    );
    this.body = h(
      'div',
      { class: 'tenfold-runs-body' },
      this.list.element,
      this.switches,
      this.detail,
      h('footer', {}, this.line, this.actions)
    );
    this.element = h('div', { class: 'tenfold tenfold-runs-view' });
    this.element.append(this.nothing.element, this.body);
    this.element.append(this.announcer.element, this.announcer.spoken);
  }

  /** Bring everything up to date. */
  draw(): void {
    const { runs, choice, settings, active } = this.scene;
    const { nothing } = runs;
    this.nothing.element.hidden = nothing === null;
    this.body.hidden = nothing !== null;
    if (nothing !== null) {
      this.nothing.show(nothing, active.notebook !== null);
      return;
    }
    const { run, compared, comparing } = choice;
    const shown = run !== null && !comparing ? run.run : null;
    this.list.show(runs.kernel, runs.kernel?.runs ?? [], shown, compared);
    this.switches.hidden = compared.length < 2;
    setText(this.several, __('Compare %1', compared.length));
    setAttribute(this.one, 'aria-pressed', String(!comparing));
    setAttribute(this.several, 'aria-pressed', String(comparing));
    this.run.element.hidden = comparing;
    this.compare.element.hidden = !comparing;
    if (comparing) this.compare.show(compared, settings.shown.smoothing);
    else if (run !== null) this.run.show(run, settings.shown);
    this.drawLine();
  }

  send(command: Steering): void {
    this.scene.runs.kernel?.send(command);
  }

  speak(words: string): void {
    this.announcer.speak(words);
  }

  note(words: string): void {
    this.announcer.say(words);
  }

  dispose(): void {
    this.announcer.dispose();
    this.run.dispose();
    this.compare.dispose();
  }

  private drawLine(): void {
    const { choice, active } = this.scene;
    const line = choice.comparing ? '' : lineOf(choice.run);
    setText(this.line, line);
    this.line.hidden = this.copy.hidden = line === '';
    this.insert.hidden = line === '' || active.notebook === null;
  }

  private turn(comparing: boolean): () => void {
    return () => {
      this.scene.choice.show(comparing);
      this.draw();
    };
  }

  private save(): void {
    const { run, compared, comparing } = this.scene.choice;
    const numbers = comparing ? compared.map(one => one.run) : [run?.run ?? 0];
    const named = comparing || run === null ? __('Runs') : `#${run.run} ${titleOf(run)}`;
    const title = comparing ? numbers.map(one => `#${one}`).join(', ') : named;
    savePicture(pictureOf(this.detail, title), `tenfold-run-${numbers.join('-')}`);
    this.note(__('The picture is saved with your downloads.'));
  }
}
