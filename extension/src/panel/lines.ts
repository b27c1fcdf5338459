/** Settings as magic lines: what Start would run, and what anybody could type instead. */

import { numberWords } from '../run/rates';
import type { LearnerTrait } from './learner_trait';
import type { Plan } from './schedule';

/** What the Train tab asks for. */
export interface Wanted extends Plan {
  /** One rate for each layer group. */
  readonly rates: readonly number[];
  /** The first layer group that trains. */
  readonly freezeTo: number;
  readonly precompute: boolean;
  readonly precision: string;
}

/** Rates as `--lr` takes them: one for all, or one for each layer group. */
export function rateWords(rates: readonly number[]): string {
  const same = rates.every(rate => rate === rates[0]);
  return (same ? rates.slice(0, 1) : rates).map(numberWords).join(',');
}

/** The first layer group that trains now; all of them are frozen when it is their number. */
export function frozenTo(learner: LearnerTrait): number {
  const first = learner.groups.findIndex(group => !group.frozen);
  return first < 0 ? learner.groups.length : first;
}

/** The line that trains. */
export function fitLine(wanted: Wanted, option: string): string {
  const lr = `--lr ${rateWords(wanted.rates)}`;
  if (wanted.schedule === 'sgdr') {
    const { cycles, cycleLength, cycleMultiplier } = wanted;
    const length = cycleLength === 1 ? '' : ` --cycle-len ${cycleLength}`;
    const multiplier = cycleMultiplier === 1 ? '' : ` --cycle-mult ${cycleMultiplier}`;
    return `%fit_sgdr ${cycles} ${lr}${length}${multiplier}${option}`;
  }
  if (wanted.schedule === 'one_cycle')
    return `%fit_one_cycle ${wanted.epochs} ${lr}${option}`;
  const schedule = wanted.schedule === 'constant' ? '' : ` --schedule ${wanted.schedule}`;
  return `%fit ${wanted.epochs} ${lr}${schedule}${option}`;
}

/** The settings that differ from what the learner has, then the line that trains. */
export function startLines(wanted: Wanted, learner: LearnerTrait): string[] {
  const { option, precompute, precision } = learner;
  const switched = wanted.precompute !== precompute.on;
  const lines: string[] = [];
  // features belong to a frozen body: off before it thaws, on after it froze
  if (switched && !wanted.precompute) lines.push(`%precompute off${option}`);
  if (wanted.freezeTo !== frozenTo(learner))
    lines.push(`%freeze_to ${wanted.freezeTo}${option}`);
  if (switched && wanted.precompute) lines.push(`%precompute on${option}`);
  if (wanted.precision !== precision)
    lines.push(`%plan --precision ${wanted.precision}${option}`);
  return [...lines, fitLine(wanted, option)];
}
