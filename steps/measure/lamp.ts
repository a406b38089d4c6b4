/** What a person sees of an LED over a span of time. Times in ns. */
import { formatDuration, formatTime } from '../../views/units.ts';

export interface Glow {
  readonly from: number;
  readonly to: number;
  /** It was lit before the span began, or still is at its end. */
  readonly open: boolean;
}

export interface LampChange {
  readonly t: number;
  readonly intensity: number;
}

/** When a lamp was lit, whatever its intensity. */
export function glows(from: number, to: number, litBefore: boolean, changes: readonly LampChange[]): Glow[] {
  const found: Glow[] = [];
  let since = litBefore ? from : undefined;
  let open = litBefore;
  for (const { t, intensity } of changes) {
    if (t > to) break;
    // What happens in the first instant only says how it begins.
    if (t <= from) {
      since = intensity > 0 ? from : undefined;
      open = intensity > 0 && (t < from || litBefore);
      continue;
    }
    if (intensity > 0 && since === undefined) {
      since = t;
      open = false;
    } else if (intensity === 0 && since !== undefined) {
      found.push({ from: since, to: t, open });
      since = undefined;
    }
  }
  if (since !== undefined) found.push({ from: since, to, open: true });
  return found;
}

export function describeGlows(name: string, list: readonly Glow[]): string {
  if (list.length === 0) return `${name}: never lit`;
  const shown = list
    .slice(0, 12)
    .map(glow => `${name}: lit from ${formatTime(glow.from)} for ${formatDuration(glow.to - glow.from)}${glow.open ? ' or more' : ''}`);
  return [...shown, ...(list.length > 12 ? [`${name}: … ${list.length - 12} times more`] : [])].join('\n');
}
