import { expect, test, vi } from 'vitest';

import { course } from '../../src/lab/course';
import { CommandIDs } from '../../src/lab/course/commands';

// the page has these already, and they need a browser
vi.mock('@jupyterlab/application', () => ({ ILayoutRestorer: 'restorer' }));
vi.mock('@jupyterlab/apputils', () => ({ ICommandPalette: 'palette' }));
vi.mock('@jupyterlab/filebrowser', () => ({ IDefaultFileBrowser: 'browser' }));
vi.mock('@jupyterlab/notebook', () => ({ INotebookTracker: 'tracker' }));
vi.mock('@jupyterlab/statedb', () => ({ IStateDB: 'db' }));
vi.mock('@jupyterlab/ui-components', () => ({ LabIcon: vi.fn() }));
vi.mock('@lumino/widgets', () => ({
  Widget: class {
    id = '';
    title = {};
    node = document.createElement('div');
    addClass(): void {
      this.node.classList.add('x');
    }
  }
}));

interface Added {
  commands: Map<string, { label: string }>;
  areas: unknown[];
  app: object;
}

function page(): Added {
  const commands = new Map<string, { label: string }>();
  const areas: unknown[] = [];
  const app = {
    commands: {
      addCommand: (id: string, options: { label: string }): void => {
        commands.set(id, options);
      }
    },
    shell: {
      add: (_: unknown, area: string, options: unknown) => areas.push(area, options)
    },
    serviceManager: { contents: {} }
  };
  return { commands, areas, app };
}

/** As JupyterLab does, which gives null for what it lacks. */
function activate(app: object, ...given: unknown[]): void {
  Reflect.apply(course.activate, course, [app, ...given]);
}

test('it starts without anything that is optional', () => {
  const { commands, areas, app } = page();
  activate(app, null, null, null, null, null);
  expect(areas[0]).toBe('left');
  expect([...commands.keys()].sort()).toEqual(Object.values(CommandIDs).sort());
  expect([...commands.values()].every(one => one.label)).toBe(true);
  expect(course.requires ?? []).toEqual([]);
});

test('with a palette, a restorer and a tracker it joins them', () => {
  const { app } = page();
  const items: string[] = [];
  const palette = { addItem: ({ command }: { command: string }) => items.push(command) };
  const restorer = { add: vi.fn() };
  const tracker = { activeCellChanged: { connect: vi.fn() }, currentWidget: null };
  activate(app, restorer, palette, tracker, null, null);
  expect(items).toContain(CommandIDs.copy);
  expect(items).not.toContain(CommandIDs.open); // which lesson, a palette cannot say
  expect(restorer.add).toHaveBeenCalledOnce();
  expect(tracker.activeCellChanged.connect).toHaveBeenCalledOnce();
});
