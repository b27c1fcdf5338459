/** The line in the status bar: how far the run is, and a click that shows it. */

import type { IStatusBar } from '@jupyterlab/statusbar';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { short } from '../../numbers';
import { button, setText } from '../../dom';
import { duration, stateWord } from '../../run/run_facts';
import { isActive } from '../../wire';
import type { RunState } from '../../wire';
import { __ } from '../../words';
import { Frames } from '../runs/frames';
import type { IRuns } from '../runs/tokens';

/** A run in a few words: `epoch 2/3 · loss 0.41 · 12 s left`. */
export function statusWords(run: RunState): string {
  const parts = [
    run.kind === 'fit'
      ? __('epoch %1/%2', Math.max(1, run.epoch), run.epochs)
      : run.kind.replaceAll('_', ' '),
    run.loss === null ? '' : __('loss %1', short(run.loss)),
    run.seconds_left === null ? '' : __('%1 left', duration(run.seconds_left)),
    run.state === 'paused' ? stateWord(run) : ''
  ];
  return parts.filter(part => part !== '').join(' · ');
}

/** Shown while a run of the kernel goes on. */
export class StatusItem extends Widget {
  private readonly toggled = new Signal<this, void>(this);
  private readonly button: HTMLButtonElement;
  private readonly frames: Frames;
  private run: RunState | null = null;

  constructor(
    private readonly runs: IRuns,
    show: () => void
  ) {
    super();
    this.addClass('tenfold-status-item');
    this.button = button('', show, {
      class: 'tenfold-status-button',
      title: __('Show Runs')
    });
    this.node.append(this.button);
    this.frames = new Frames(
      () => {
        this.draw();
      },
      () => this.isVisible,
      () => 1
    );
    runs.changed.connect(this.look);
    this.look();
  }

  /** As the status bar takes it. */
  get options(): IStatusBar.IItem {
    return {
      item: this,
      align: 'left',
      rank: 90,
      isActive: () => this.run !== null,
      activeStateChanged: this.toggled
    };
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.runs.changed.disconnect(this.look);
    this.frames.dispose();
    super.dispose();
  }

  protected override onAfterShow(): void {
    this.frames.request();
  }

  protected override onAfterAttach(): void {
    this.frames.request();
  }

  private readonly look = (): void => {
    const before = this.run !== null;
    this.run = this.runs.kernel?.runs.findLast(isActive) ?? null;
    if (before !== (this.run !== null)) this.toggled.emit();
    this.frames.request();
  };

  private draw(): void {
    if (this.run !== null) setText(this.button, statusWords(this.run));
  }
}
