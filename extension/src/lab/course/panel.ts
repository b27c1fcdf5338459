/** The sidebar itself: empty until it is shown for the first time. */

import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { __ } from '../../words';
import type { Course } from './course';
import { courseIcon } from './icon';

/** Loads the course when it is shown, and tells it to read again each time. */
export class CoursePanel extends Widget {
  constructor(private readonly load: () => Promise<Course>) {
    super();
    this.id = 'tenfold-course';
    this.addClass('tenfold-course-panel');
    this.title.icon = courseIcon;
    this.title.caption = __('Tenfold course');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', __('Tenfold course'));
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.fill();
  }

  /** The keyboard goes to the first thing that can be done. */
  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    void this.fill().then(() => {
      this.node.querySelector<HTMLElement>('[data-key]')?.focus();
    });
  }

  private async fill(): Promise<void> {
    const [course, { CourseView }] = await Promise.all([this.load(), import('./view')]);
    if (this.isDisposed) return;
    if (!this.drawn) {
      this.drawn = new CourseView(course);
      this.node.append(this.drawn.node);
    }
    await course.model.refresh();
  }

  override dispose(): void {
    this.drawn?.dispose();
    super.dispose();
  }

  private drawn: { readonly node: HTMLElement; dispose(): void } | null = null;
}
