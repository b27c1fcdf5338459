/** One lesson in the list, and its exercises as the outline of its notebook. */

import { button, h } from '../../dom';
import { __ } from '../../words';
import { chevron, mark } from './marks';
import type { ExerciseStanding, LessonStanding } from './standing';
import { exerciseWords, lessonWords } from './state_words';

/** What can be done from a row. */
export interface RowActions {
  toggle(lesson: number): void;
  open(lesson: number, cell?: string): void;
  openPath(name: string): void;
  next(): void;
  reset(lesson: number): void;
  check(exercise: string): void;
  hint(exercise: string): void;
}

/** The parts of a row: what is always seen, and what is seen when it is open. */
export function lessonRow(
  one: LessonStanding,
  { open, id, isLast }: { open: boolean; id: string; isLast: boolean },
  actions: RowActions
): readonly (Node | null)[] {
  const { lesson } = one;
  const toggle = h('button', {
    type: 'button',
    class: 'tenfold-lesson-toggle',
    'aria-expanded': String(open),
    'aria-controls': open ? id : null,
    'aria-label': __('Details of lesson %1', lesson.number),
    'data-key': `toggle ${lesson.number}`
  });
  toggle.append(chevron());
  toggle.addEventListener('click', () => {
    actions.toggle(lesson.number);
  });
  const main = h(
    'button',
    {
      type: 'button',
      class: 'tenfold-lesson-open',
      title: __('After it you can %1.', lesson.able),
      'aria-current': one.current ? 'true' : null,
      'aria-disabled': one.state === 'absent' ? 'true' : null,
      'data-key': `lesson ${lesson.number}`,
      'data-lesson': lesson.number
    },
    mark(one.state),
    h(
      'span',
      { class: 'tenfold-lesson-title' },
      h('span', { class: 'tenfold-lesson-number' }, String(lesson.number)),
      ` ${lesson.title}`
    ),
    h(
      'span',
      { class: 'tenfold-lesson-facts' },
      `${__('%1 min', lesson.minutes)} · ${lessonWords(one)}`
    )
  );
  main.addEventListener('click', () => {
    if (one.state !== 'absent') actions.open(lesson.number);
  });
  return [
    h('div', { class: 'tenfold-lesson-row' }, toggle, main),
    open ? details(one, { id, isLast }, actions) : null
  ];
}

function details(
  one: LessonStanding,
  { id, isLast }: { id: string; isLast: boolean },
  actions: RowActions
): HTMLElement {
  const { lesson, newer } = one;
  const act = (words: string, name: string, click: () => void): HTMLElement =>
    button(words, click, { 'data-key': `${name} ${lesson.number}` });
  return h(
    'div',
    { class: 'tenfold-lesson-details', id },
    h('p', { class: 'tenfold-course-quiet' }, __('After it you can %1.', lesson.able)),
    newer
      ? act(__('Open the newer edition'), 'newer', () => {
          actions.openPath(newer);
        })
      : null,
    h(
      'ol',
      {
        class: 'tenfold-exercises',
        'aria-label': __('Exercises of lesson %1', lesson.number)
      },
      ...one.exercises.map(each => exerciseItem(each, one, actions))
    ),
    one.state === 'absent'
      ? null
      : h(
          'div',
          { class: 'tenfold-lesson-actions' },
          one.current && !isLast
            ? act(__('Next lesson'), 'next', () => {
                actions.next();
              })
            : null,
          act(__('Reset…'), 'reset', () => {
            actions.reset(lesson.number);
          })
        )
  );
}

function exerciseItem(
  one: ExerciseStanding,
  { lesson, current }: LessonStanding,
  actions: RowActions
): HTMLElement {
  const { number, title } = one.exercise;
  const main = h(
    'button',
    {
      type: 'button',
      class: 'tenfold-exercise-open',
      'data-key': `exercise ${number}`
    },
    mark(one.state),
    h(
      'span',
      { class: 'tenfold-exercise-title' },
      h('span', { class: 'tenfold-lesson-number' }, number),
      ` ${title}`
    ),
    h('span', { class: 'tenfold-lesson-facts' }, exerciseWords(one))
  );
  main.addEventListener('click', () => {
    actions.open(lesson.number, `exercise-${number}`);
  });
  return h(
    'li',
    {},
    main,
    current ? exerciseActions(one, actions) : null,
    one.hints.length
      ? h(
          'ul',
          { class: 'tenfold-hints', 'aria-label': __('Hints for %1', number) },
          ...one.hints.map(words => h('li', {}, ...withCode(words)))
        )
      : null
  );
}

function exerciseActions(one: ExerciseStanding, actions: RowActions): HTMLElement {
  const { number, hints } = one.exercise;
  const [seen, all] = [one.hints.length, hints.length];
  return h(
    'div',
    { class: 'tenfold-exercise-actions' },
    button(
      __('Check'),
      () => {
        actions.check(number);
      },
      {
        'data-key': `check ${number}`,
        'aria-label': __('Check %1', number),
        title: __('Run your answer, and the cell under it that checks it')
      }
    ),
    seen < all
      ? button(
          __('Hint %1 of %2', seen + 1, all),
          () => {
            actions.hint(number);
          },
          {
            'data-key': `hint ${number}`,
            'aria-label': __('Hint %1 of %2 for %3', seen + 1, all, number)
          }
        )
      : null
  );
}

/** What stands between backticks is code. */
function withCode(words: string): readonly (Node | string)[] {
  return words.split('`').map((part, place) => (place % 2 ? h('code', {}, part) : part));
}
