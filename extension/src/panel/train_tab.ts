/** The Train tab: the plan of the next run beside the run that goes or went last. */

import { h } from '../dom';
import { isText, list } from '../guards';
import { isActive } from '../wire';
import type { RunState } from '../wire';
import { Changes } from '../run/changes';
import { PlanForm } from './plan_form';
import { PlanState } from './plan_state';
import { RunView } from '../run/run_view';
import type { Host, Tab } from './tab';

/** Plan, start and watch. */
export class TrainTab implements Tab {
  readonly name = 'train';
  readonly title = 'Train';
  readonly element: HTMLElement;
  private readonly plan: PlanState;
  private readonly form: PlanForm;
  private readonly view: RunView;
  private readonly nothing = h(
    'p',
    { class: 'tenfold-nothing' },
    'Nothing has been trained yet. The curves appear here while it runs.'
  );
  private readonly planned = new Changes();
  private readonly ended = new Changes();
  private repeating = false;

  constructor(private readonly host: Host) {
    this.plan = new PlanState(host);
    this.form = new PlanForm(host, this.plan);
    this.view = new RunView(host);
    this.element = h(
      'div',
      { class: 'tenfold-train' },
      this.form.element,
      h('div', { class: 'tenfold-run-side' }, this.nothing, this.view.element)
    );
  }

  update(): void {
    const run = lastRun(this.host, 'fit');
    this.form.show();
    this.nothing.hidden = run !== null;
    this.view.element.hidden = run === null;
    if (run !== null) this.view.show(run);
    this.showLines(run);
  }

  dispose(): void {
    this.form.dispose();
    this.view.dispose();
  }

  /** While it runs, what runs; after its end what repeats it, until the plan is changed. */
  private showLines(run: RunState | null): void {
    const lines = this.form.lines();
    const planned = this.planned.in(this.plan.wanted());
    const ended = this.ended.in([run?.run, run?.repeat, run !== null && isActive(run)]);
    if (ended && run !== null && !isActive(run)) this.repeating = run.repeat !== '';
    else if (planned || (run !== null && isActive(run))) this.repeating = false;
    if (run !== null && isActive(run))
      this.host.show(this.withSettings(run, run.line), 'Running');
    else if (this.repeating && run !== null)
      this.host.show(this.withSettings(run, run.repeat), 'Repeats the run');
    else this.host.show(lines, 'Start runs');
  }

  /** A run that Start began needs the settings lines that went before it. */
  private withSettings(run: RunState, line: string): string[] {
    const started = this.host.settings.get('train.started', list(isText), []);
    const began = started.at(-1) === run.line.replace(' --background', '');
    return began ? [...started.slice(0, -1), line] : [line];
  }
}

/** The latest run of this kind, of the panel's learner. */
export function lastRun(host: Host, kind: string): RunState | null {
  const { owner } = host.get('learner');
  return host.runs().findLast(run => run.kind === kind && run.owner === owner) ?? null;
}
