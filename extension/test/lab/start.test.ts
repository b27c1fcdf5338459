import { CommandRegistry } from '@lumino/commands';
import { expect, test } from 'vitest';

import { addCard, addStart, CommandIDs } from '../../src/lab/start/commands';

function launcher() {
  const cards: string[] = [];
  return {
    cards,
    add: ({ command }: { command: string }) => {
      cards.push(command);
      return { isDisposed: false, dispose: () => undefined };
    }
  };
}

test('the card leads to what the course does next', async () => {
  const [commands, { cards, add }] = [new CommandRegistry(), launcher()];
  const asked: unknown[] = [];
  addStart(commands);
  commands.addCommand('tenfold:course-continue', { execute: args => asked.push(args) });
  addCard({ add }, commands);
  expect(cards).toEqual([CommandIDs.start]);
  await commands.execute(CommandIDs.start, { cwd: 'lessons' });
  expect(asked).toEqual([{ cwd: 'lessons' }]);
});

test('without the course there is neither a card nor an entry', () => {
  const [commands, { cards, add }] = [new CommandRegistry(), launcher()];
  addStart(commands);
  addCard({ add }, commands);
  expect(cards).toEqual([]);
  expect(commands.isEnabled(CommandIDs.start)).toBe(false);
});
