/** What a scenario says about itself to the reports: where and how it ran. Steps attach it, the recorder reads it. */

/** Media type of `ScenarioFacts`. */
export const factsMediaType = 'application/vnd.boardspec.scenario+json';

export interface ScenarioFacts {
  readonly target: string;
  readonly boards: readonly { readonly name: string; readonly board: string; readonly machine: string; readonly firmware: string }[];
  /** Virtual nanoseconds that passed; absent where time is the host's. */
  readonly virtualTime?: number;
  readonly seed: number;
  readonly skipReason?: string;
  /** Expectations that were checked. */
  readonly checks: number;
}
