/** What a chart draws. */

/** Which look a line has; `plain` lines are told apart by their number too. */
export type Look = 'main' | 'faint' | 'plain';

export interface Line {
  readonly label: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly look: Look;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  /** The one that matters most: filled. */
  readonly strong?: boolean;
}

export interface Mark {
  readonly x: number;
  readonly label: string;
}

export interface Band {
  readonly x: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
}

export interface ChartData {
  readonly lines: readonly Line[];
  readonly band?: Band;
  readonly points?: readonly Point[];
  /** What the points are, for the legend. */
  readonly pointsLabel?: string;
  readonly marks?: readonly Mark[];
  /** The ends of the axes; from the lines and points where left out. */
  readonly x?: readonly [number, number];
  readonly y?: readonly [number, number];
  /** Whether the y axis is logarithmic. */
  readonly logY?: boolean;
  /** The chart in words. */
  readonly summary: string;
}

/** What a chart is, whatever it draws. */
export interface ChartSettings {
  readonly title: string;
  readonly x: {
    readonly label: string;
    readonly log?: boolean;
    readonly whole?: boolean;
  };
  readonly height: number;
  /** A value chosen on the x axis by click, drag or keys. */
  readonly pick?: {
    readonly label: string;
    readonly choose: (x: number) => void;
  };
}
