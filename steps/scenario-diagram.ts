/** The timing diagram of a scenario, from its trace: what moved, what the buses said, and where expectations were checked. */
import type { NetLevel, TraceEvent } from '../emulator/session/handle.ts';
import { describeTraffic, isTrouble } from '../views/bus-traffic.ts';
import { printable } from '../views/printable.ts';
import { onScreen } from '../views/terminal.ts';
import type { Diagram, DiagramMark, DiagramRow, Span } from '../views/timing-diagram.ts';
import type { Check } from './bench.ts';

type Event<K extends TraceEvent['kind']> = Extract<TraceEvent, { kind: K }>;

/** More rows than this nobody reads: the nets that moved last stay. */
const maxNets = 16;

const ledColours: Readonly<Record<string, string>> = {
  red: '#d9382c',
  green: '#2ea043',
  orange: '#e8890c',
  yellow: '#d4b106',
  blue: '#2f7de1',
  white: '#c9ced6',
};

/** @param events of the whole scenario, in the order of their time; @param levels of the nets before the first of them */
export function scenarioDiagram(
  title: string,
  events: readonly TraceEvent[],
  levels: Readonly<Record<string, NetLevel>>,
  now: number,
  checks: readonly Check[],
): Diagram | undefined {
  const several = new Set(events.map(({ board }) => board).filter(board => board !== '')).size > 1;
  const label = (event: { board: string }, name: string): string => (several && event.board !== '' ? `${event.board}.${name}` : name);
  const rows: DiagramRow[] = [
    ...phaseRows(events, now, label),
    ...lampRows(events, label),
    ...netRows(events, levels, label),
    ...analogRows(events, label),
    ...busRows(events, label),
    ...hidRows(events, label),
    ...serialRows(events, label),
  ];
  if (rows.length === 0) return undefined;
  const marks: DiagramMark[] = checks.map(({ text, at, ok }) => ({ t: at, text: text.split('\n')[0], ok }));
  return { title, from: 0, to: Math.max(now, 1), rows, marks };
}

type Label = (event: { board: string }, name: string) => string;

/** Events of a kind by the name of their row. */
function grouped<K extends TraceEvent['kind']>(
  events: readonly TraceEvent[],
  kind: K,
  name: (event: Event<K>) => string,
): Map<string, Event<K>[]> {
  const groups = new Map<string, Event<K>[]>();
  for (const event of events) {
    if (event.kind !== kind) continue;
    const key = name(event as Event<K>);
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [event as Event<K>]);
    else list.push(event as Event<K>);
  }
  return groups;
}

function phaseRows(events: readonly TraceEvent[], now: number, label: Label): DiagramRow[] {
  return [...grouped(events, 'phase', event => label(event, 'boot'))].map(([name, list]) => ({
    kind: 'spans',
    name,
    spans: list.flatMap((event, index): Span[] => {
      if (event.phase === 'off') return [];
      const tone = event.phase === 'repl' ? 'good' : event.phase === 'fault' || event.phase === 'script-error' ? 'bad' : 'plain';
      return [{ from: event.t, to: list[index + 1]?.t ?? now, text: event.phase, tone }];
    }),
  }));
}

function lampRows(events: readonly TraceEvent[], label: Label): DiagramRow[] {
  const lit = [...grouped(events, 'led', event => label(event, `${event.name} LED`))].filter(([, list]) =>
    list.some(({ intensity }) => intensity > 0),
  );
  return lit.map(([name, list]) => ({
    kind: 'lamp',
    name,
    colour: ledColours[list[0].name] ?? '#c9ced6',
    initial: 0,
    changes: list.map(({ t, intensity }) => ({ t, intensity: intensity / 255 })),
  }));
}

function netRows(events: readonly TraceEvent[], levels: Readonly<Record<string, NetLevel>>, label: Label): DiagramRow[] {
  // An LED's pin says the same as the LED, and a part's pin the same as the board's.
  const shown = ({ name }: Event<'net'>): boolean => !/^LED_|\./.test(name);
  const nets = [...grouped(events, 'net', event => label(event, event.name))].filter(
    ([, list]) => shown(list[0]) && (list.length > 1 || list[0].t > 0),
  );
  const latest = nets.sort((a, b) => b[1].at(-1)!.t - a[1].at(-1)!.t).slice(0, maxNets);
  return latest
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([name, list]) => ({
      kind: 'digital',
      name,
      initial: levels[name] ?? levels[list[0].name] ?? 'z',
      edges: list.map(({ t, level }) => ({ t, level })),
    }));
}

function analogRows(events: readonly TraceEvent[], label: Label): DiagramRow[] {
  return [...grouped(events, 'analog', event => label(event, event.name))]
    .filter(([, list]) => list.length > 1)
    .map(([name, list]) => ({
      kind: 'analog',
      name,
      unit: 'V',
      initial: undefined,
      samples: list.map(({ t, volts }) => ({ t, value: volts })),
    }));
}

function busRows(events: readonly TraceEvent[], label: Label): DiagramRow[] {
  return [...grouped(events, 'bus', event => label(event, event.name))].map(([name, list]) => ({
    kind: 'spans',
    name,
    spans: list.map(({ t, end, traffic }) => ({
      from: t,
      to: end,
      text: printable(describeTraffic(traffic)),
      tone: isTrouble(traffic) ? ('bad' as const) : ('plain' as const),
    })),
  }));
}

/** What went to and from the computer as a HID device's reports. */
function hidRows(events: readonly TraceEvent[], label: Label): DiagramRow[] {
  return [...grouped(events, 'hid', event => label(event, event.direction === 'from-board' ? 'HID out' : 'HID in'))].map(
    ([name, list]) => ({
      kind: 'spans',
      name,
      spans: list.map(({ t, bytes, text }) => ({
        from: t,
        to: t,
        text: printable(text || Buffer.from(bytes).toString('hex')),
        tone: 'plain' as const,
      })),
    }),
  );
}

/** What came in one go is one span: bytes with no pause of a millisecond between them. */
function serialRows(events: readonly TraceEvent[], label: Label): DiagramRow[] {
  return [...grouped(events, 'serial', event => label(event, `${event.name} ${event.direction === 'from-board' ? 'out' : 'in'}`))].map(
    ([name, list]) => {
      const spans: { from: number; to: number; text: string; tone: 'quiet' }[] = [];
      for (const { t, bytes } of list) {
        const text = Buffer.from(bytes).toString('latin1');
        const last = spans.at(-1);
        if (last !== undefined && t - last.to < 1e6) {
          last.to = t;
          if (last.text.length < 400) last.text += text;
        } else {
          spans.push({ from: t, to: t, text, tone: 'quiet' });
        }
      }
      return {
        kind: 'spans',
        name,
        spans: spans.map(span => ({ ...span, text: printable(onScreen(span.text)).trim().replaceAll('\n', ' ⏎ ') })),
      };
    },
  );
}
