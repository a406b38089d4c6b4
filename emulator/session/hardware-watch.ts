/** Conditions on nets, readings and the trace. */
import { bitOf } from '../trace/level.ts';
import type { Bench } from './bench.ts';
import type { Watch } from './condition.ts';
import { SessionError } from './error.ts';
import type { Condition, PartValue } from './handle.ts';

/** Readings of parts do not tell when they change: they are looked at so often (ns). */
const LOOK_EVERY = 100_000;

export function watchHardware(bench: Bench, condition: Condition): Watch {
  switch (condition.kind) {
    case 'level': {
      const terminal = bench.pins.terminal(condition.pin);
      const wanted = condition.level === 'high' ? 1 : 0;
      // A floating net is neither high nor low.
      const met = (): boolean => terminal.level >> 1 !== 2 && bitOf(terminal.level) === wanted;
      return { met, result: () => ({}), end: terminal.observe(() => bench.noticed()) };
    }
    case 'edge': {
      const terminal = bench.pins.terminal(condition.pin);
      const wanted = { rising: 1, falling: 0, either: undefined }[condition.edge];
      let left = condition.count ?? 1;
      const end = terminal.observe(bit => {
        if (wanted === undefined || bit === wanted) left--;
        bench.noticed();
      });
      return { met: () => left <= 0, result: () => ({}), end };
    }
    case 'reading': {
      bench.parts.reading(condition.part, condition.reading);
      return looking(bench, () => compare(bench.parts.reading(condition.part, condition.reading), condition.is, condition.value));
    }
    case 'trace': {
      const from = bench.now;
      return looking(bench, () => bench.tracedEvents({ ...condition.filter, from }) >= (condition.count ?? 1));
    }
    default:
      throw new SessionError('not-built', `waiting for "${condition.kind}" is not built yet`, [], bench.now);
  }
}

/** Looks now and then. */
function looking(bench: Bench, met: () => boolean): Watch {
  let event = bench.clock.after(LOOK_EVERY, look);
  function look(): void {
    event = bench.clock.after(LOOK_EVERY, look);
    bench.noticed();
  }
  return { met, result: () => ({}), end: () => bench.clock.cancel(event) };
}

function compare(seen: PartValue, is: '=' | '!=' | '<' | '<=' | '>' | '>=', wanted: PartValue): boolean {
  if (typeof seen === 'number' && typeof wanted === 'number') {
    return {
      '=': seen === wanted,
      '!=': seen !== wanted,
      '<': seen < wanted,
      '<=': seen <= wanted,
      '>': seen > wanted,
      '>=': seen >= wanted,
    }[is];
  }
  const equal = String(seen) === String(wanted);
  return is === '=' ? equal : is === '!=' ? !equal : false;
}
