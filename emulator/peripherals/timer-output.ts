/**
 * What a timer channel puts out: the reference signal OCxREF as a function of the counter (RM0090 sections 17.3.9 to
 * 17.3.11), and the outputs made of it, with polarity and dead time (section 17.3.12).
 */
import type { Bit, Level } from '../trace/level.ts';
import { EdgeList, type Waveform } from '../trace/waveform.ts';
import { PulseTrain } from './pulse-train.ts';
import type { TimerCounter } from './timer-counter.ts';

/** CCMR's OCxM. */
export const OutputMode = {
  FROZEN: 0,
  ACTIVE_ON_MATCH: 1,
  INACTIVE_ON_MATCH: 2,
  TOGGLE: 3,
  FORCED_INACTIVE: 4,
  FORCED_ACTIVE: 5,
  PWM1: 6,
  PWM2: 7,
} as const;

/** OCxREF in a PWM mode at a position of the counter. */
export function pwmReference(counter: TimerCounter, x: number, compare: number, mode: number): Bit {
  const value = counter.valueAt(x);
  const active = counter.isDownAt(x) ? value <= compare : value < compare;
  return active === (mode === OutputMode.PWM1) ? 1 : 0;
}

/** Where in a cycle the counter meets the compare value; beyond ARR it does so at the overflow. */
export function matchPositions(counter: TimerCounter, compare: number): number[] {
  const { arr, mode, cycle } = counter;
  if (compare > arr) return mode === 'centre' ? [arr % cycle] : [0];
  if (mode === 'up') return [compare];
  if (mode === 'down') return [arr - compare];
  const rising = compare % cycle;
  const falling = (2 * arr - compare) % cycle;
  return rising === falling ? [rising] : rising < falling ? [rising, falling] : [falling, rising];
}

/** How many matches lie in `from` < x <= `to`. */
export function countMatches(counter: TimerCounter, positions: readonly number[], from: number, to: number): number {
  let count = 0;
  for (const position of positions) {
    count += Math.floor((to - position) / counter.cycle) - Math.floor((Math.max(from, -1) - position) / counter.cycle);
  }
  return count;
}

/** The first match after `x`. */
export function nextMatch(counter: TimerCounter, positions: readonly number[], x: number): number {
  const from = Math.max(x, -1);
  let next = Infinity;
  for (const position of positions) {
    next = Math.min(next, position + (Math.floor((from - position) / counter.cycle) + 1) * counter.cycle);
  }
  return next;
}

/** A level for ever, or a waveform. */
export type Output = Bit | Waveform;

/** OCxREF from now on: positions in a cycle and the level from there, or one level for ever. */
export interface Reference {
  /** the level now */
  now: Bit;
  /** counts in a cycle; 0 if the level stays */
  cycle: number;
  edges: { position: number; bit: Bit }[];
  /** true if only the first edge after now happens */
  once: boolean;
}

/**
 * The reference signal of a channel.
 * @param x the counter's position now
 * @param last OCxREF now, for the modes that remember it
 */
export function referenceOf(counter: TimerCounter, x: number, compare: number, mode: number, last: Bit): Reference {
  const steady = (now: Bit): Reference => ({ now, cycle: 0, edges: [], once: false });
  if (mode === OutputMode.FORCED_INACTIVE) return steady(0);
  if (mode === OutputMode.FORCED_ACTIVE) return steady(1);
  const pwm = mode === OutputMode.PWM1 || mode === OutputMode.PWM2;
  const now = pwm ? pwmReference(counter, x, compare, mode) : last;
  if (mode === OutputMode.FROZEN || !counter.counting || x < 0) return steady(now);
  const { cycle } = counter;
  if (pwm) {
    const positions = [...new Set([0, ...matchPositions(counter, compare)])].sort((a, b) => a - b);
    const edges = positions.map(position => ({ position, bit: pwmReference(counter, position, compare, mode) }));
    return edges.every(edge => edge.bit === edges[0].bit) ? steady(now) : { now, cycle, edges, once: false };
  }
  const matches = matchPositions(counter, compare);
  if (mode !== OutputMode.TOGGLE) {
    const bit = mode === OutputMode.ACTIVE_ON_MATCH ? 1 : 0;
    if (bit === last) return steady(last);
    return { now, cycle, edges: matches.map(position => ({ position, bit })), once: true };
  }
  // One match a cycle makes a period of two cycles.
  const positions = matches.length === 1 ? [matches[0], matches[0] + cycle] : matches;
  const period = matches.length === 1 ? 2 * cycle : cycle;
  const phase = ((x % period) + period) % period;
  const passed = positions.filter(position => position <= phase).length;
  const edges = positions.map((position, index) => ({ position, bit: ((last + passed + index + 1) & 1) as Bit }));
  return { now, cycle: period, edges, once: false };
}

/**
 * The waveform of an output that follows the reference, or its opposite.
 * @param x the counter's position now
 * @param flip true if the output is the reference's opposite
 * @param delay kernel ticks by which edges to `delayed` come later: the dead time
 */
export function outputOf(counter: TimerCounter, reference: Reference, x: number, flip: boolean, delay = 0, delayed: Bit = 1): Output {
  const turned = (bit: Bit): Bit => (flip ? ((bit ^ 1) as Bit) : bit);
  if (reference.cycle === 0) return turned(reference.now);
  const { cycle, edges } = reference;
  if (reference.once) {
    const first = Math.min(...edges.map(({ position }) => position + (Math.floor((x - position) / cycle) + 1) * cycle));
    return new EdgeList([counter.timeOf(first)], [turned(edges[0].bit)], turned(reference.now) as Level);
  }
  const scale = counter.psc + 1;
  const period = cycle * scale;
  let steps = edges.map(({ position, bit }) => ({ tick: position * scale, bit: turned(bit) }));
  if (delay > 0) {
    steps = withDeadTime(steps, period, delay, delayed);
    if (steps.length === 0) return (delayed ^ 1) as Bit;
  }
  const ticks = steps.map(step => step.tick);
  const bits = steps.map(step => step.bit);
  return new PulseTrain(counter.kernel.snapshot(), counter.tickOf(x) - (x % cycle) * scale, period, ticks, bits);
}

/** Edges to `delayed` come `delay` ticks later; a pulse that is not longer than that vanishes. */
function withDeadTime(steps: { tick: number; bit: Bit }[], period: number, delay: number, delayed: Bit): { tick: number; bit: Bit }[] {
  const changes = steps.filter((step, index) => step.bit !== steps[(index || steps.length) - 1].bit);
  const result: { tick: number; bit: Bit }[] = [];
  changes.forEach((step, index) => {
    const next = changes[(index + 1) % changes.length];
    const width = (next.tick - step.tick + period) % period || period;
    if (step.bit === delayed) {
      if (width > delay) result.push({ tick: (step.tick + delay) % period, bit: step.bit });
      return;
    }
    const before = changes[(index || changes.length) - 1];
    const widthBefore = (step.tick - before.tick + period) % period || period;
    if (widthBefore > delay) result.push(step);
  });
  return result.sort((a, b) => a.tick - b.tick);
}

/** Ticks of t_DTS that BDTR's DTG stands for (RM0090 section 17.4.18). */
export function deadTimeTicks(dtg: number): number {
  if (dtg < 0x80) return dtg;
  if (dtg < 0xc0) return (64 + (dtg & 0x3f)) * 2;
  return (32 + (dtg & 0x1f)) * (dtg < 0xe0 ? 8 : 16);
}
