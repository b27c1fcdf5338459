/** What the Train tab asks for, kept in the settings so that a reload brings it back. */

import { isCount, isFlag, isNumber, isText, list, oneOf } from '../guards';
import type { Guard } from '../guards';
import { frozenTo } from './lines';
import type { Wanted } from './lines';
import { changed } from '../run/rates';
import type { ScheduleName } from './schedule';
import type { Host, Setting } from './tab';

const USUAL_RATE = 1e-3;
const MOST_CYCLES = 20;

const isSchedule = oneOf<ScheduleName>(
  'constant',
  'cosine',
  'sgdr',
  'one_cycle',
  'flat_cosine'
);
const isPositive: Guard<number> = (value): value is number => isCount(value) && value > 0;

/** Settings that say how to train. */
export class PlanState {
  constructor(private readonly host: Host) {}

  /** Everything that is asked for now. */
  wanted(): Wanted {
    const { settings } = this.host;
    const { precompute, precision } = this.host.get('learner');
    const cycles = settings.get('train.cycles', isPositive, 3);
    return {
      schedule: settings.get<ScheduleName>('train.schedule', isSchedule, 'one_cycle'),
      epochs: settings.get('train.epochs', isPositive, 3),
      cycles: Math.min(cycles, MOST_CYCLES),
      cycleLength: settings.get('train.cycleLength', isPositive, 1),
      cycleMultiplier: settings.get('train.cycleMultiplier', isPositive, 1),
      rates: this.rates(),
      freezeTo: this.followed(
        'train.freezeTo',
        isCount,
        frozenTo(this.host.get('learner'))
      ),
      precompute: this.followed('train.precompute', isFlag, precompute.on),
      precision: this.followed('train.precision', isText, precision)
    };
  }

  /** Whether one group's rate takes the others with it. */
  get locked(): boolean {
    return this.host.settings.get('train.locked', isFlag, true);
  }

  set(
    name: 'schedule' | 'epochs' | 'cycles' | 'cycleLength' | 'cycleMultiplier' | 'locked',
    value: Setting
  ): void {
    this.host.settings.set(`train.${name}`, value);
  }

  setRate(group: number, rate: number, together = this.locked): void {
    this.host.settings.set('train.rates', changed(this.rates(), group, rate, together));
  }

  setFreezeTo(group: number): void {
    this.follow('train.freezeTo', group, frozenTo(this.host.get('learner')));
  }

  setPrecompute(on: boolean): void {
    this.follow('train.precompute', on, this.host.get('learner').precompute.on);
  }

  setPrecision(precision: string): void {
    this.follow('train.precision', precision, this.host.get('learner').precision);
  }

  private rates(): readonly number[] {
    const groups = Math.max(1, this.host.get('learner').groups.length);
    const kept = this.host.settings.get('train.rates', list(isNumber), []);
    return kept.length === groups
      ? kept
      : Array.from({ length: groups }, () => USUAL_RATE);
  }

  /** A wish holds until the learner changes: what another cell did since then counts more. */
  private followed<T extends Setting>(name: string, guard: Guard<T>, present: T): T {
    const { settings } = this.host;
    const since = settings.get(`${name}.since`, guard, present);
    return since === present ? settings.get(name, guard, present) : present;
  }

  private follow(name: string, value: Setting, present: Setting): void {
    this.host.settings.set(name, value);
    this.host.settings.set(`${name}.since`, present);
  }
}
