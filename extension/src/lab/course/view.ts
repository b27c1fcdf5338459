/** The sidebar's page: how far the student is, the lessons, and what was just done. */

import { h, setAttribute, setText, uniqueId } from '../../dom';
import { __ } from '../../words';
import type { Course, Note } from './course';
import { join } from './files';
import { countsOf, headParts, noteParts } from './head';
import { Kept } from './kept';
import { lessonRow, type RowActions } from './lesson_row';
import type { LessonStanding, Standing } from './standing';
import { moveFocus } from './move_focus';

/** Draws a course into `node`, and again whenever it changes. */
export class CourseView {
  constructor(private readonly course: Course) {
    this.node = h(
      'div',
      { class: 'tenfold tenfold-course' },
      this.head.node,
      this.list,
      this.note.node,
      this.spoken
    );
    this.list.addEventListener('keydown', this.onKey);
    course.model.changed.connect(this.draw, this);
    course.noted.connect(this.draw, this);
    this.draw();
  }

  readonly node: HTMLElement;

  dispose(): void {
    this.course.model.changed.disconnect(this.draw, this);
    this.course.noted.disconnect(this.draw, this);
    this.list.removeEventListener('keydown', this.onKey);
    this.node.remove();
  }

  private readonly draw = (): void => {
    const { model, busy, note } = this.course;
    const { lessons, ...rest } = model.standing;
    const facts = [rest, countsOf(model.standing), busy];
    this.head.show(facts, () => headParts(this.course));
    this.note.show([note], () => noteParts(this.course));
    this.note.node.hidden = note === null || note.kind === 'told';
    this.speak(note);
    this.list.hidden = lessons.length === 0;
    this.drawLessons(model.standing);
  };

  /** Read out when work begins and when it ends, not at every step of it. */
  private speak(note: Note | null): void {
    if (note?.kind !== 'busy' || this.spokenKind !== 'busy')
      setText(this.spoken, note?.words ?? '');
    this.spokenKind = note?.kind ?? null;
  }

  private drawLessons(standing: Standing): void {
    const { lessons } = standing;
    while (this.rows.length > lessons.length) this.rows.pop()?.node.remove();
    const current = lessons.find(one => one.current)?.lesson.number ?? null;
    if (current !== null && current !== this.current) this.opened.delete(current);
    this.current = current;
    const unfolded = current ?? standing.goOn?.lesson.number ?? null;
    for (const [place, one] of lessons.entries()) {
      const row = this.rowAt(place);
      const open = this.opened.get(one.lesson.number) ?? one.lesson.number === unfolded;
      const isLast = place === lessons.length - 1;
      const id = row.node.id;
      setAttribute(
        row.node,
        'class',
        one.current ? 'tenfold-lesson tenfold-mod-current' : 'tenfold-lesson'
      );
      row.show([one, open, isLast], () =>
        lessonRow(one, { open, id: `${id}-details`, isLast }, this.actions)
      );
    }
  }

  private rowAt(place: number): Kept {
    const there = this.rows[place];
    if (there) return there;
    const row = new Kept(h('li', { id: uniqueId() }));
    this.rows.push(row);
    this.list.append(row.node);
    return row;
  }

  private lesson(number: number): LessonStanding | undefined {
    return this.course.model.standing.lessons.find(one => one.lesson.number === number);
  }

  private toggle(number: number, open?: boolean): void {
    const toggle = this.list.querySelector(`[data-key="toggle ${number}"]`);
    const now = toggle?.getAttribute('aria-expanded') === 'true';
    this.opened.set(number, open ?? !now);
    this.draw();
  }

  private readonly actions: RowActions = {
    toggle: number => {
      this.toggle(number);
    },
    open: (number, cell = '') => {
      const found = this.lesson(number);
      if (found) void this.course.open({ file: found.file, cell });
    },
    openPath: name =>
      void this.course.openPath(join(this.course.model.standing.folder, name)),
    next: () => void this.course.next(),
    reset: number => void this.course.reset(number),
    check: exercise => void this.course.check(exercise),
    hint: exercise => void this.course.hint(exercise)
  };

  /** Arrows move along lessons and exercises; right and left open and close a lesson. */
  private readonly onKey = (event: KeyboardEvent): void => {
    const { target } = event;
    if (!(target instanceof HTMLElement)) return;
    const number = Number(target.dataset['lesson'] ?? NaN);
    if (event.key === 'ArrowRight' && number) this.toggle(number, true);
    else if (event.key === 'ArrowLeft' && number) this.toggle(number, false);
    else if (!moveFocus(this.list, target, event.key)) return;
    event.preventDefault();
  };

  private readonly head = new Kept(h('div', { class: 'tenfold-course-head' }));
  private readonly note = new Kept(h('div', { class: 'tenfold-course-note' }));
  private readonly spoken = h('div', {
    class: 'tenfold-unseen',
    role: 'status',
    'aria-live': 'polite'
  });
  private readonly list = h('ol', {
    class: 'tenfold-lessons',
    'aria-label': __('Lessons')
  });
  private readonly rows: Kept[] = [];
  private readonly opened = new Map<number, boolean>();
  private current: number | null = null;
  private spokenKind: Note['kind'] | null = null;
}
