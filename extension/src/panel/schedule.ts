/** Schedules before they run: the factor of the rate at each step, as the trainer computes it. */

/** A schedule the panel offers. */
export type ScheduleName = 'constant' | 'cosine' | 'sgdr' | 'one_cycle' | 'flat_cosine';

/** What says how long a run is and how its rate moves. */
export interface Plan {
  readonly schedule: ScheduleName;
  readonly epochs: number;
  readonly cycles: number;
  readonly cycleLength: number;
  readonly cycleMultiplier: number;
}

/** Half a cosine from `start` to `end` that takes `length` parts of the run. */
interface Piece {
  readonly length: number;
  readonly start: number;
  readonly end: number;
}

// whole numbers, so that steps divide exactly: a quarter up; 72 of 100 flat
const ONE_CYCLE: readonly Piece[] = [
  { length: 1, start: 1 / 25, end: 1 },
  { length: 3, start: 1, end: 1 / 1e5 }
];
const FLAT_COSINE: readonly Piece[] = [
  { length: 18, start: 1, end: 1 },
  { length: 7, start: 1, end: 0 }
];

/** The epochs of each cycle. */
export function cycleLengths({ cycles, cycleLength, cycleMultiplier }: Plan): number[] {
  return Array.from(
    { length: cycles },
    (_, cycle) => cycleLength * Math.pow(cycleMultiplier, cycle)
  );
}

/** How many epochs a plan trains. */
export function epochsOf(plan: Plan): number {
  if (plan.schedule !== 'sgdr') return plan.epochs;
  return cycleLengths(plan).reduce((sum, length) => sum + length, 0);
}

function pieces(plan: Plan): readonly Piece[] {
  if (plan.schedule === 'one_cycle') return ONE_CYCLE;
  if (plan.schedule === 'flat_cosine') return FLAT_COSINE;
  if (plan.schedule === 'sgdr')
    return cycleLengths(plan).map(length => ({ length, start: 1, end: 0 }));
  return [{ length: 1, start: 1, end: plan.schedule === 'cosine' ? 0 : 1 }];
}

/** The factor of the rate at each of `steps` steps. */
export function factors(plan: Plan, steps: number): Float64Array {
  const chain = pieces(plan);
  const ends = places(chain, steps);
  const values = new Float64Array(steps);
  let begin = 0;
  let [last, reached] = [NaN, NaN];
  chain.forEach((piece, index) => {
    const end = ends[index] ?? steps;
    // where a piece starts on the value the one before it ended on, that value is used once
    const shared = last === piece.start && reached === piece.start ? 1 : 0;
    const span = Math.max(end - begin + shared - 1, 1);
    for (let step = begin; step < end; step += 1) {
      values[step] = cosine(piece, (step - begin + shared) / span);
    }
    if (end > begin) last = values[end - 1] ?? NaN;
    reached = piece.end;
    begin = end;
  });
  return values;
}

function cosine({ start, end }: Piece, progress: number): number {
  const share = (1 + Math.cos(Math.PI * progress)) / 2;
  return start * share + end * (1 - share);
}

/** The step at which each piece ends; with enough steps no piece is rounded away. */
function places(chain: readonly Piece[], steps: number): number[] {
  const total = chain.reduce((sum, piece) => sum + piece.length, 0);
  const ends: number[] = [];
  let reached = 0;
  chain.forEach((piece, index) => {
    reached += piece.length;
    const end = Math.floor((2 * reached * steps + total) / (2 * total));
    const least = (ends[index - 1] ?? 0) + 1;
    const most = steps - chain.length + index + 1;
    ends.push(steps >= chain.length ? Math.min(Math.max(end, least), most) : end);
  });
  return ends;
}
