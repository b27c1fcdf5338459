import { afterEach, expect, test, vi } from 'vitest';

import { CourseView } from '../../src/lab/course/view';
import { PROGRESS } from '../../src/lab/course/progress';
import { FIRST, RIGHT, SECOND, world, type World } from './course_world';
import { progressText } from './fake_course';

interface Shown extends World {
  view: CourseView;
}

afterEach(() => {
  document.body.replaceChildren();
});

async function shown(files?: Record<string, string>): Promise<Shown> {
  const made = world(files);
  const view = new CourseView(made.course);
  document.body.append(view.node);
  await made.course.model.refresh();
  return { ...made, view };
}

function find(key: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-key="${key}"]`);
  if (!found) throw new Error(`nothing has the key ${key}`);
  return found;
}

function press(key: string): void {
  const options = { key, bubbles: true, cancelable: true };
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', options));
}

function held(): string | undefined {
  const { activeElement: one } = document;
  return one instanceof HTMLElement ? one.dataset['key'] : undefined;
}

test('lessons are a list of buttons, with number, title, minutes and state in words', async () => {
  const { view, course, store } = await shown();
  expect(view.node.querySelector('ol')?.getAttribute('aria-label')).toBe('Lessons');
  expect(find('lesson 2').textContent).toBe('2 Lesson 230 min · not started');
  expect(find('lesson 2').title).toBe('After it you can do 2.');
  store.files.set(
    PROGRESS,
    progressText({ '1.1': RIGHT, '1.2': RIGHT, '2.1': { attempts: 1, verdict: 'wrong' } })
  );
  await course.model.refresh();
  expect(find('lesson 1').textContent).toContain('finished');
  expect(find('lesson 2').textContent).toContain('0 of 2 right');
  expect(view.node.querySelector('.tenfold-course-head')?.textContent).toContain(
    '2 of 6 exercises right'
  );
  const bar = view.node.querySelector('progress');
  expect([bar?.value, bar?.max]).toEqual([2, 6]);
});

test('no solution and no check of an exercise is in the page', async () => {
  const { view } = await shown();
  find('toggle 2').click();
  expect(new XMLSerializer().serializeToString(view.node)).not.toMatch(
    /the solution|the check/
  );
});

test('the lesson that the student is in is open, and says so', async () => {
  const { course, desk } = await shown();
  await desk.open(SECOND);
  await course.model.refresh();
  expect(find('lesson 2').getAttribute('aria-current')).toBe('true');
  expect(find('toggle 2').getAttribute('aria-expanded')).toBe('true');
  expect(find('toggle 1').getAttribute('aria-expanded')).toBe('false');
  const details = find('toggle 2').getAttribute('aria-controls') ?? '';
  expect(document.getElementById(details)?.textContent).toContain(
    'After it you can do 2.'
  );
  find('toggle 2').click();
  expect(find('toggle 2').getAttribute('aria-expanded')).toBe('false');
});

test('the exercises tell their states, and the hints that were shown', async () => {
  const { course, store } = await shown();
  store.files.set(
    PROGRESS,
    progressText({
      '1.1': { hints: 2, attempts: 1, verdict: 'wrong' },
      '1.2': { ...RIGHT, verdict: 'wrong' }
    })
  );
  await course.model.refresh();
  expect(find('exercise 1.1').textContent).toBe('1.1 exercise 1wrong');
  expect(find('exercise 1.2').textContent).toContain('was right, last answer wrong');
  const hints = [...document.querySelectorAll('[aria-label="Hints for 1.1"] li')];
  expect(hints.map(one => one.textContent)).toEqual(['look', 'look again']);
});

test('a click opens a lesson, an exercise, and the newer edition', async () => {
  const { desk } = await shown();
  find('lesson 1').click();
  await vi.waitFor(() => {
    expect(desk.active?.path).toBe(FIRST);
  });
  find('exercise 1.2').click();
  await vi.waitFor(() => {
    expect(desk.active?.done).toEqual(['at exercise-1.2']);
  });
});

test('check and hint are there for the open notebook, the hint until the last', async () => {
  const { course, desk, store } = await shown();
  expect(() => find('check 1.1')).toThrow();
  await desk.open(FIRST);
  await course.model.refresh();
  expect(find('hint 1.1').getAttribute('aria-label')).toBe('Hint 1 of 2 for 1.1');
  find('check 1.1').click();
  await vi.waitFor(() => {
    expect(desk.active?.done).toContain('ran exercise-1.1, check-1.1');
  });
  store.files.set(PROGRESS, progressText({ '1.1': { hints: 2 } }));
  await course.model.refresh();
  expect(() => find('hint 1.1')).toThrow();
});

test('arrows move along lessons and exercises, and open and close them', async () => {
  await shown();
  find('lesson 1').focus();
  press('ArrowDown');
  expect(held()).toBe('exercise 1.1');
  press('ArrowUp');
  press('ArrowLeft');
  expect(find('toggle 1').getAttribute('aria-expanded')).toBe('false');
  expect(held()).toBe('lesson 1');
  press('ArrowDown');
  press('ArrowRight');
  expect([held(), find('toggle 2').getAttribute('aria-expanded')]).toEqual([
    'lesson 2',
    'true'
  ]);
  press('End');
  expect(held()).toBe('lesson 3');
  press('Home');
  expect(held()).toBe('lesson 1');
  press('ArrowUp');
  expect(held()).toBe('lesson 1');
});

test('who has the keyboard keeps it when something changes', async () => {
  const { course, store } = await shown();
  find('exercise 1.2').focus();
  store.files.set(PROGRESS, progressText({ '1.2': RIGHT }));
  await course.model.refresh();
  expect(find('exercise 1.2').textContent).toContain('right');
  expect(held()).toBe('exercise 1.2');
});

test('nothing is drawn again when nothing has changed', async () => {
  const { course } = await shown();
  const before = find('lesson 1');
  await course.model.refresh();
  expect(find('lesson 1')).toBe(before);
});

test('an empty folder offers both places, the folder itself first', async () => {
  const { view, store } = await shown({});
  expect(find('copy here').className).toContain('tenfold-primary');
  expect(find('copy beside').textContent).toBe(
    'Copy it into a new folder tenfold-course'
  );
  find('copy here').click();
  await vi.waitFor(() => {
    expect(find('go on').textContent).toBe('Start: 1 Lesson 1');
  });
  expect(store.files.size).toBe(4);
  expect(view.node.querySelector('[role=status]')?.textContent).toBe(
    '3 notebooks copied.'
  );
});

test('among other files a folder of its own comes first', async () => {
  await shown({ 'a.txt': '' });
  expect(find('copy beside').className).toContain('tenfold-primary');
  expect(find('copy here').className).not.toContain('tenfold-primary');
});

test('work is read out when it begins and when it ends, not at every step', async () => {
  const { course, view } = await shown({});
  const spoken = view.node.querySelector('[role=status]');
  const said = new Set<string>();
  course.noted.connect(() => said.add(spoken?.textContent ?? ''));
  await course.copy('');
  expect([...said]).toEqual(['Copying the course…', '3 notebooks copied.']);
  find('close note').click();
  expect(spoken?.textContent).toBe('');
});

test('a fault stands in the page as an alert', async () => {
  const { course, store, view } = await shown();
  store.files.set(PROGRESS, '{');
  await course.model.refresh();
  expect(view.node.querySelector('[role=alert]')?.textContent).toContain(
    'cannot be read'
  );
});

test('a view that is disposed draws no more', async () => {
  const { course, view } = await shown();
  view.dispose();
  const before = view.node.textContent;
  await course.copy('elsewhere');
  expect([view.node.textContent, view.node.isConnected]).toEqual([before, false]);
});
