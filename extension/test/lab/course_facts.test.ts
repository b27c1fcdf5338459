import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { readBank } from '../../src/lab/course/bank';
import {
  entryOf,
  exerciseState,
  latest,
  lessonState,
  NO_PROGRESS,
  readProgress,
  rightOf
} from '../../src/lab/course/progress';
import { speakBy } from '../../src/words';
import { bankText, progressText } from './fake_course';

const [lesson] = readBank(bankText(['a1']));
const HERE = { there: true, opened: false };

function state(exercises: object, where = HERE): string {
  return lessonState(lesson!, readProgress(progressText(exercises)), where);
}

test('the list of lessons that is shipped is read, without its solutions', () => {
  const lessons = readBank(readFileSync('../notebooks/exercises.json', 'utf8'));
  expect(lessons.map(one => one.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(lessons.every(one => /^[0-9a-f]{12}$/.test(one.edition))).toBe(true);
  expect(lessons[0]?.exercises.map(one => one.number)).toEqual([
    '1.1',
    '1.2',
    '1.3',
    '1.4',
    '1.5'
  ]);
  expect(JSON.stringify(readBank(bankText(['a1'])))).not.toMatch(/solution|the check/);
});

test('lessons and exercises have their names in the language of the page', () => {
  speakBy({
    __: words => words,
    _n: one => one,
    _p: (context, words) => `${context}/${words}`
  });
  const [said] = readBank(bankText(['a1']));
  speakBy();
  expect([said?.title, said?.able, said?.exercises[0]?.title]).toEqual([
    `course/${lesson!.title}`,
    `course/${lesson!.able}`,
    `course/${lesson!.exercises[0]!.title}`
  ]);
});

test.each([
  '',
  '[]',
  '{"lessons": {}}',
  '{"version": 1, "lessons": {"1": {"title": "x"}}}'
])('what is not a list of lessons is refused: %s', text => {
  expect(() => readBank(text)).toThrow('exercises.json is not the list of lessons');
});

test('a list of a newer Tenfold says what to do', () => {
  expect(() => readBank('{"version": 2}')).toThrow('newer Tenfold; upgrade with pip');
});

test('an exercise is not tried, helped, wrong, right, and stays right', () => {
  const progress = readProgress(
    progressText({
      '1': { hints: 1 },
      '2': { verdict: 'wrong', attempts: 1, hints: 2 },
      '3': { verdict: 'raised', attempts: 1 },
      '4': { verdict: 'right', attempts: 2, solved: true },
      '5': { verdict: 'wrong', attempts: 3, solved: true }
    })
  );
  const states = ['0', '1', '2', '3', '4', '5'].map(number =>
    exerciseState(entryOf(progress, number))
  );
  expect(states).toEqual(['untried', 'hinted', 'wrong', 'wrong', 'right', 'right']);
});

test('a lesson is absent, untouched, begun and finished', () => {
  const right = { solved: true, verdict: 'right', attempts: 1 };
  expect(state({}, { there: false, opened: true })).toBe('absent');
  expect(state({})).toBe('untouched');
  expect(state({}, { there: true, opened: true })).toBe('begun');
  expect(state({ '1.2': { verdict: 'wrong', attempts: 1 } })).toBe('begun');
  expect(state({ '2.1': right })).toBe('untouched');
  expect(state({ '1.1': right, '1.2': right })).toBe('finished');
  expect(rightOf(lesson!, readProgress(progressText({ '1.1': right })))).toBe(1);
});

test('the last change is found by its time', () => {
  const at = (when: string): object => ({ when });
  const progress = readProgress(
    progressText({
      '1.1': at('2026-11-21T07:00:00+00:00'),
      '3.2': at('2026-11-22T07:00:00+00:00'),
      '2.1': {}
    })
  );
  expect([latest(progress), latest(NO_PROGRESS)]).toEqual(['3.2', null]);
});

test.each([
  ['{', 'broken'],
  ['{"exercises": {}}', 'broken'],
  ['{"version": 1, "exercises": {"1.1": 3}}', 'broken'],
  ['{"version": 2, "exercises": []}', 'newer']
])('a progress file that cannot be read says why: %s', (text, fault) => {
  expect(readProgress(text)).toEqual({ fault, exercises: new Map() });
});

test('a field of another kind is that of a new exercise', () => {
  const progress = readProgress(
    progressText({ '1.1': { attempts: 'x', solved: 1, hints: -1 } })
  );
  expect(exerciseState(entryOf(progress, '1.1'))).toBe('untried');
});
