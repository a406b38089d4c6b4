/** Measurements on the levels of a pin over a span of time: what an oscilloscope's measure menu has. Times in ns. */
import { formatDuration, formatTime } from '../../views/units.ts';

export interface Edge {
  readonly t: number;
  readonly rising: boolean;
}

export interface Pulse {
  readonly t: number;
  readonly width: number;
  readonly level: 'high' | 'low';
}

/** The levels of one pin from `from` to `to`. */
export interface Wave {
  readonly from: number;
  readonly to: number;
  readonly initial: 0 | 1 | undefined;
  /** Changes between low and high, alternating. */
  readonly edges: readonly Edge[];
}

/** Makes a wave of changes; floating and undefined levels count as no level, and are passed over. */
export function wave(
  from: number,
  to: number,
  initial: 0 | 1 | 'z' | 'x' | undefined,
  changes: readonly { readonly t: number; readonly level: 0 | 1 | 'z' | 'x' }[],
): Wave {
  let level = initial === 0 || initial === 1 ? initial : undefined;
  const first = level;
  const edges: Edge[] = [];
  for (const change of changes) {
    if (change.t < from || change.t > to || (change.level !== 0 && change.level !== 1) || change.level === level) continue;
    // From no level to one is the beginning of a signal, not an edge of it.
    if (level !== undefined) edges.push({ t: change.t, rising: change.level === 1 });
    level = change.level;
  }
  return { from, to, initial: first ?? (edges.length > 0 ? (edges[0].rising ? 0 : 1) : level), edges };
}

/** Whole pulses: those that begin and end within the span. */
export function pulses({ edges }: Wave): Pulse[] {
  const found: Pulse[] = [];
  for (let i = 1; i < edges.length; i++)
    found.push({ t: edges[i - 1].t, width: edges[i].t - edges[i - 1].t, level: edges[i - 1].rising ? 'high' : 'low' });
  return found;
}

/** Hz, from the first rising edge to the last; undefined with less than two. */
export function frequency({ edges }: Wave): number | undefined {
  const rising = edges.filter(edge => edge.rising);
  return rising.length < 2 ? undefined : ((rising.length - 1) * 1e9) / (rising[rising.length - 1].t - rising[0].t);
}

/** Share of time high, 0 to 1, over whole periods; without a period, 0 or 1 when the level never changed. */
export function duty(wave: Wave): number | undefined {
  const rising = wave.edges.filter(edge => edge.rising);
  if (rising.length < 2) return wave.edges.length === 0 ? wave.initial : undefined;
  const begin = rising[0].t;
  const end = rising[rising.length - 1].t;
  const high = pulses(wave).filter(pulse => pulse.level === 'high' && pulse.t >= begin && pulse.t < end);
  return high.reduce((sum, { width }) => sum + width, 0) / (end - begin);
}

/** Time from one edge of a kind to the next. */
export function periods({ edges }: Wave, rising: boolean): number[] {
  const times = edges.filter(edge => edge.rising === rising).map(({ t }) => t);
  return times.slice(1).map((t, index) => t - times[index]);
}

/** The edges as a list for a failure's evidence. */
export function describeWave(wave: Wave): string {
  const span = `from ${formatTime(wave.from)} to ${formatTime(wave.to)}`;
  if (wave.edges.length === 0)
    return `no edge ${span}: ${wave.initial === 1 ? 'high' : wave.initial === 0 ? 'low' : 'floating'} all the time`;
  const shown = wave.edges
    .slice(0, 16)
    .map(
      (edge, index, all) =>
        `${formatTime(edge.t)}  ${edge.rising ? 'rises' : 'falls'}${index > 0 ? `  after ${formatDuration(edge.t - all[index - 1].t)}` : ''}`,
    );
  return [`${wave.edges.length} edges ${span}`, ...shown, ...(wave.edges.length > 16 ? [`… ${wave.edges.length - 16} more`] : [])].join(
    '\n',
  );
}
