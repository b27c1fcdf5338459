/** The panel of runs: a widget that draws only while it can be seen. */

import { Widget } from '@lumino/widgets';

import { __ } from '../../words';
import type { Commands, Scene } from './commands';
import { Frames } from './frames';
import { runsIcon } from './icon';
import type { RunsSettings } from './settings';
import type { RunsView } from './view';

/** What the panel shows, and what it asks by. */
export interface PanelScene extends Omit<Scene, 'show' | 'note'> {
  readonly settings: RunsSettings;
  readonly commands: Commands;
}

/** Made at the start and empty; what it shows is loaded when it is first seen. */
export class RunsPanel extends Widget {
  private readonly frames: Frames;
  private view: RunsView | null = null;
  private loading = false;
  private noted = '';

  constructor(private readonly scene: PanelScene) {
    super();
    this.id = 'tenfold-runs';
    this.addClass('tenfold-runs');
    this.title.caption = __('Tenfold: the runs of this kernel');
    this.title.icon = runsIcon;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', __('Runs'));
    this.frames = new Frames(
      () => this.view?.draw(),
      () => this.isVisible,
      () => scene.settings.refreshRate
    );
    scene.runs.changed.connect(this.frames.request);
    scene.active.changed.connect(this.frames.request);
    scene.settings.changed.connect(this.frames.request);
    scene.runs.refused.connect(this.onRefused);
  }

  /** One line to the person, in the panel's foot. */
  note(words: string): void {
    this.noted = words;
    this.view?.note(words);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    const { runs, active, settings } = this.scene;
    for (const one of [runs, active, settings])
      one.changed.disconnect(this.frames.request);
    runs.refused.disconnect(this.onRefused);
    this.frames.dispose();
    this.view?.dispose();
    super.dispose();
  }

  protected override onAfterShow(): void {
    this.look();
  }

  protected override onAfterAttach(): void {
    this.look();
  }

  private look(): void {
    if (!this.isVisible) return;
    if (this.view === null) void this.load();
    else this.frames.request();
  }

  private async load(): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    const { RunsView: View } = await import('./view');
    if (this.isDisposed) return;
    this.view = new View(this.scene, this.frames.request);
    this.node.append(this.view.element);
    if (this.noted !== '') this.view.note(this.noted);
    this.view.draw();
  }

  private readonly onRefused = (_: unknown, words: string): void => {
    this.note(words);
  };
}
