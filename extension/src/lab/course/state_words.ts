/** States in words. */

import { __, _n } from '../../words';
import type { ExerciseStanding, LessonStanding } from './standing';

/** How far a lesson is, in words. */
export function lessonWords({ state, right, exercises }: LessonStanding): string {
  switch (state) {
    case 'absent':
      return __('not here');
    case 'untouched':
      return __('not started');
    case 'begun':
      return __('%1 of %2 right', right, exercises.length);
    case 'finished':
      return __('finished');
  }
}

/** How far an exercise is, in words. */
export function exerciseWords({ state, slipped, hints }: ExerciseStanding): string {
  switch (state) {
    case 'untried':
      return __('not tried');
    case 'hinted':
      return _n('%1 hint seen, not tried', '%1 hints seen, not tried', hints.length);
    case 'wrong':
      return __('wrong');
    case 'right':
      return slipped ? __('was right, last answer wrong') : __('right');
  }
}
