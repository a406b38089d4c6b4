/** Conditions that end an advance: compiled once, asked whenever something has happened. */
import type { Bench } from './bench.ts';
import { SessionError } from './error.ts';
import type { AdvanceResult, Condition } from './handle.ts';

export interface Watch {
  met(): boolean;
  /** What the result says beside time and reason. */
  result(reason: AdvanceResult['reason']): Partial<AdvanceResult>;
  /** Takes down what was put up to be told of changes. */
  end(): void;
}

const latin1 = (bytes: Uint8Array) => {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
};

/** Watches for `condition` from now on. @throws SessionError for names that are not on the bench */
export function watch(bench: Bench, condition: Condition): Watch {
  switch (condition.kind) {
    case 'serial':
      return watchSerial(bench, condition);
    case 'phase': {
      const machine = bench.board(condition.board);
      return simple(bench, () => machine.state().phase === condition.phase);
    }
    case 'led': {
      const machine = bench.board(condition.board);
      const leds = machine.state().leds;
      if (!(condition.led in leds))
        throw new SessionError('unknown-part', `${machine.name} has no LED "${condition.led}"`, Object.keys(leds), bench.now);
      const met = () => machine.state().leds[condition.led] > 0 === condition.lit;
      return { met, result: () => ({}), end: bench.onLedChange(machine, condition.led, () => bench.noticed()) };
    }
    case 'idle': {
      const machine = bench.board(condition.board);
      return simple(bench, () => machine.state().activity === 'waiting-for-input' && [...machine.consoles.values()].every(c => c.drained));
    }
    case 'activity': {
      const machine = bench.board(condition.board);
      return simple(bench, () => condition.activity.includes(machine.state().activity));
    }
    case 'hard-fault': {
      const machine = bench.board(condition.board);
      const before = bench.hardFault(machine);
      return simple(bench, () => bench.hardFault(machine) !== before);
    }
    case 'any':
    case 'all': {
      const parts = condition.of.map(part => watch(bench, part));
      let index = -1;
      return {
        met: () => {
          if (condition.kind === 'all') return parts.every(part => part.met());
          index = parts.findIndex(part => part.met());
          return index >= 0;
        },
        result: reason => (reason === 'met' && condition.kind === 'any' ? { index, ...parts[index]?.result(reason) } : {}),
        end: () => {
          for (const part of parts) part.end();
        },
      };
    }
    default:
      return bench.watchHardware(condition);
  }
}

/** A condition on the machines' state, asked at each of their changes. */
function simple(bench: Bench, met: () => boolean): Watch {
  return { met, result: () => ({}), end: bench.onStateChange(() => bench.noticed()) };
}

function watchSerial(bench: Bench, condition: Extract<Condition, { kind: 'serial' }>): Watch {
  const machine = bench.board(condition.board);
  const name = condition.port ?? 'usb';
  const console = machine.consoles.get(name);
  if (console === undefined)
    throw new SessionError('unknown-port', `${machine.name} has no serial port "${name}"`, [...machine.consoles.keys()], bench.now);
  const from = condition.from ?? bench.cursors.get(`${machine.name}/${name}`) ?? 0;
  let pattern: RegExp | undefined;
  try {
    if (condition.pattern !== undefined) pattern = new RegExp(condition.pattern, condition.flags ?? '');
  } catch {
    throw new SessionError('bad-value', `"${condition.pattern}" is no regular expression`, [], bench.now);
  }
  let match: readonly (string | undefined)[] | undefined;
  let searched = -1;
  // A text is looked for in what is new, and in as much before it as may be the text's beginning: a guest that prints
  // without end would otherwise be searched from its first byte on at each of its lines.
  let unsearched = from;
  const end = console.onOutput(() => bench.noticed());
  return {
    met: () => {
      if (match !== undefined) return true;
      if (searched === console.sent) return false;
      searched = console.sent;
      if (condition.text !== undefined) {
        if (latin1(console.since(unsearched)).includes(condition.text)) match = [condition.text];
        unsearched = Math.max(from, searched - condition.text.length + 1);
      } else if (pattern !== undefined) {
        const found = pattern.exec(latin1(console.since(from)));
        if (found !== null) match = [...found];
      }
      return match !== undefined;
    },
    result: () => (match === undefined ? {} : { match }),
    end,
  };
}
