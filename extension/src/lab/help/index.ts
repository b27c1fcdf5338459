/** Help while typing: what a magic does beside the mouse, and the list of all magics. */

import { hoverTooltip, type EditorView, type Tooltip } from '@codemirror/view';
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  WidgetTracker,
  type MainAreaWidget
} from '@jupyterlab/apputils';
import {
  EditorExtensionRegistry,
  IEditorExtensionRegistry
} from '@jupyterlab/codemirror';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { __ } from '../../words';
import { tenfoldIcon } from '../icon';
import { CommandIDs } from './commands';

/** Help beside the mouse, as long as the settings want it. */
export const hoverHelp: JupyterFrontEndPlugin<void> = {
  id: 'tenfold:help',
  description: 'Shows the help of a magic while the mouse rests on it.',
  autoStart: true,
  optional: [IEditorExtensionRegistry, ISettingRegistry],
  activate: (
    _: JupyterFrontEnd,
    editors: IEditorExtensionRegistry | null,
    registry: ISettingRegistry | null
  ) => {
    let wanted = true;
    void registry?.load('tenfold:help').then(settings => {
      const read = (): void => {
        wanted = settings.composite.hover !== false;
      };
      settings.changed.connect(read);
      read();
    });
    editors?.addExtension({
      name: 'tenfold:help',
      factory: ({ model }) =>
        EditorExtensionRegistry.createImmutableExtension(
          hoverTooltip(
            (view, place) =>
              wanted && model.mimeType === 'text/x-ipython' ? helpAt(view, place) : null,
            { hideOnChange: true }
          )
        )
    });
  }
};

/** The list of all magics, in a tab. */
export const listOfMagics: JupyterFrontEndPlugin<void> = {
  id: 'tenfold:magics',
  description: 'Lists the magics with their help.',
  autoStart: true,
  optional: [ILabShell, ICommandPalette, ILayoutRestorer],
  activate: (
    { commands, shell }: JupyterFrontEnd,
    labShell: ILabShell | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null
  ) => {
    const tracker = new WidgetTracker<MainAreaWidget>({ namespace: 'tenfold-magics' });
    const command = CommandIDs.magics;
    commands.addCommand(command, {
      label: () => __('Tenfold magics'),
      caption: () => __('Every magic with its help'),
      icon: tenfoldIcon,
      execute: async () => {
        const { makeMagics } = await import('./magics');
        const widget = tracker.currentWidget ?? makeMagics();
        if (!tracker.has(widget)) await tracker.add(widget);
        // Notebook 7 has room for one thing in the middle, and that is the notebook
        if (!widget.isAttached) shell.add(widget, labShell ? 'main' : 'right');
        shell.activateById(widget.id);
      }
    });
    palette?.addItem({ command, category: 'Tenfold' });
    void restorer?.restore(tracker, { command, name: () => 'magics' });
  }
};

async function helpAt(view: EditorView, place: number): Promise<Tooltip | null> {
  if (!view.state.doc.lineAt(place).text.includes('%')) return null;
  return (await import('./hover')).tooltip(view, place);
}
