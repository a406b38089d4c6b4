/**
 * Draws a timing diagram as SVG from plain data: levels, analogue values, lamps, decoded buses and states over one time
 * axis, and numbered marks where expectations were checked. Long spans in which nothing happens are folded.
 */
import { escapeXml as e } from './printable.ts';
import { formatDuration, formatFrequency, formatPercentage, formatTime } from './units.ts';

/** Time in ns throughout. */
export interface Diagram {
  readonly title?: string;
  readonly from: number;
  readonly to: number;
  readonly rows: readonly DiagramRow[];
  readonly marks?: readonly DiagramMark[];
}

export type DiagramRow = DigitalRow | AnalogRow | LampRow | SpanRow;

export interface DigitalRow {
  readonly kind: 'digital';
  readonly name: string;
  readonly initial: Level;
  /** In the order of their time. */
  readonly edges: readonly { readonly t: number; readonly level: Level }[];
}

/** `z`: floating; `x`: undefined or contention. */
export type Level = 0 | 1 | 'z' | 'x';

export interface AnalogRow {
  readonly kind: 'analog';
  readonly name: string;
  readonly unit: string;
  readonly initial: number | undefined;
  readonly samples: readonly { readonly t: number; readonly value: number }[];
}

/** Something that shines: its intensity from 0 (off) to 1. */
export interface LampRow {
  readonly kind: 'lamp';
  readonly name: string;
  readonly colour: string;
  readonly initial: number;
  readonly changes: readonly { readonly t: number; readonly intensity: number }[];
}

/** Named spans: what a bus said, a boot phase, text on a serial port. */
export interface SpanRow {
  readonly kind: 'spans';
  readonly name: string;
  readonly spans: readonly Span[];
}

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly tone?: 'plain' | 'quiet' | 'bad' | 'good';
}

export interface DiagramMark {
  readonly t: number;
  readonly text: string;
  readonly ok?: boolean;
}

const layout = { width: 1000, left: 24, right: 18, rowHeight: 34, gap: 10, foldWidth: 34, axis: 26, title: 34, marks: 22, legendLine: 18 };
const maxFolds = 8;
const maxSpans = 3000;

/** Maps time to x, with folds. */
interface Axis {
  readonly x: (t: number) => number;
  readonly segments: readonly { readonly from: number; readonly to: number; readonly x0: number; readonly x1: number }[];
  readonly folds: readonly { readonly from: number; readonly to: number; readonly x0: number; readonly x1: number }[];
  /** Pixels a nanosecond. */
  readonly scale: number;
}

export function timingDiagram(diagram: Diagram): string {
  const names = diagram.rows.map(({ name }) => name);
  const labelWidth = Math.min(190, Math.max(60, ...names.map(name => name.length * 7.4)) + 16);
  const x0 = layout.left + labelWidth;
  const x1 = layout.width - layout.right;
  const axis = makeAxis(diagram, x0, x1);
  const marks = [...(diagram.marks ?? [])].filter(({ t }) => t >= diagram.from && t <= diagram.to);
  const top = (diagram.title === undefined ? 10 : layout.title) + (marks.length > 0 ? layout.marks : 0);
  const bottom = top + diagram.rows.length * (layout.rowHeight + layout.gap);
  const legendTop = bottom + layout.axis + 16;
  const height = legendTop + marks.length * layout.legendLine + (marks.length > 0 ? 14 : 0);
  const out: string[] = [];
  if (diagram.title !== undefined) out.push(`<text class="title" x="${layout.left}" y="24">${e(diagram.title)}</text>`);
  out.push(timeAxis(axis, diagram, top, bottom));
  diagram.rows.forEach((row, index) => {
    const y = top + index * (layout.rowHeight + layout.gap) + layout.gap / 2;
    out.push(
      `<text class="name" x="${layout.left}" y="${y + layout.rowHeight / 2 + 4}">${e(clip(row.name, labelWidth - 10, 7.4))}<title>${e(row.name)}</title></text>`,
    );
    out.push(drawRow(row, diagram, axis, y));
  });
  out.push(...axis.folds.map(fold => drawFold(fold, top, bottom)));
  out.push(...drawMarks(marks, axis, top, bottom, legendTop));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${layout.width} ${height}" width="${layout.width}" height="${height}" role="img" aria-label="${e(diagram.title ?? 'timing diagram')}">
<style>${style}</style>
<rect class="background" width="${layout.width}" height="${height}"/>
${out.join('\n')}
</svg>
`;
}

const style = `
svg{--bg:#fff;--ink:#1b2430;--soft:#5b6776;--line:#e3e8ee;--wave:#0b6e75;--fill:#d9eff0;--span:#eef2f6;--spanline:#9fb0bf;--bad:#b3261e;--badfill:#fbe3e1;--good:#17733f;--goodfill:#def2e5;--float:#8792a0;--analog:#7a4fb5}
@media (prefers-color-scheme:dark){svg{--bg:#1a2129;--ink:#e3e9f0;--soft:#9aa7b5;--line:#2d3741;--wave:#5cc4cb;--fill:#17464a;--span:#26303a;--spanline:#5d6c7a;--bad:#ff8a80;--badfill:#4a2421;--good:#6cd391;--goodfill:#153524;--float:#8592a0;--analog:#bb9af7}}
.background{fill:var(--bg)} text{font:12px ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--ink)}
.title{font:600 15px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif} .tick,.foldtext,.unit{fill:var(--soft);font-size:11px} .grid{stroke:var(--line)} .base{stroke:var(--soft)}
.wave{fill:none;stroke:var(--wave);stroke-width:1.6;stroke-linejoin:round} .high{fill:var(--fill);opacity:.55} .z{fill:none;stroke:var(--float);stroke-width:1.4;stroke-dasharray:4 3} .x{fill:var(--badfill);stroke:var(--bad)}
.busy{fill:var(--fill);stroke:var(--wave)} .inside{font-size:11px} .analog{fill:none;stroke:var(--analog);stroke-width:1.6}
.span{fill:var(--span);stroke:var(--spanline)} .span.quiet{fill:none} .span.bad{fill:var(--badfill);stroke:var(--bad)} .span.good{fill:var(--goodfill);stroke:var(--good)}
.lamp{stroke:var(--spanline);stroke-width:.6} .fold{fill:var(--bg)} .foldline{fill:none;stroke:var(--soft)}
.mark{stroke:var(--good);stroke-dasharray:3 3} .mark.bad{stroke:var(--bad)} .flag{fill:var(--good)} .flag.bad{fill:var(--bad)} .flagtext{fill:var(--bg);font-size:10px;font-weight:600} .legend{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}`;

const n = (value: number): string => String(Math.round(value * 10) / 10);

/** Text cut to a width, for a font of so many pixels a character. */
function clip(text: string, width: number, perCharacter = 7): string {
  const room = Math.floor(width / perCharacter);
  return text.length <= room ? text : room < 2 ? '' : `${text.slice(0, room - 1)}…`;
}

// ------------------------------------------------------------------------------------------------ time

/** Every time at which something changes. */
function timesOf(row: DiagramRow): number[] {
  switch (row.kind) {
    case 'digital':
      return row.edges.map(({ t }) => t);
    case 'analog':
      return row.samples.map(({ t }) => t);
    case 'lamp':
      return row.changes.map(({ t }) => t);
    case 'spans':
      return row.spans.flatMap(({ from, to }) => [from, to]);
  }
}

function makeAxis(diagram: Diagram, x0: number, x1: number): Axis {
  const { from } = diagram;
  const to = Math.max(diagram.to, from + 1);
  const within = [...diagram.rows.flatMap(timesOf), ...(diagram.marks ?? []).map(({ t }) => t)].filter(t => t > from && t < to);
  const times = [from, ...new Set(within.sort((a, b) => a - b)), to];
  const gaps: { from: number; to: number }[] = [];
  for (let i = 1; i < times.length; i++) gaps.push({ from: times[i - 1], to: times[i] });
  const folds = foldsOf(gaps, from, to);
  const rest = to - from - folds.reduce((sum, fold) => sum + fold.to - fold.from, 0);
  const foldWidth = Math.max(layout.foldWidth, Math.min(90, (0.4 * (x1 - x0)) / Math.max(1, folds.length)));
  const scale = (x1 - x0 - folds.length * foldWidth) / rest;
  const segments: { from: number; to: number; x0: number; x1: number }[] = [];
  const placedFolds: typeof segments = [];
  let t = from;
  let x = x0;
  for (const fold of folds) {
    if (fold.from > t) {
      const end = x + (fold.from - t) * scale;
      segments.push({ from: t, to: fold.from, x0: x, x1: end });
      x = end;
    }
    placedFolds.push({ ...fold, x0: x, x1: x + foldWidth });
    x += foldWidth;
    t = fold.to;
  }
  if (to > t) segments.push({ from: t, to, x0: x, x1 });
  const pieces = [...segments, ...placedFolds].sort((a, b) => a.from - b.from);
  return {
    segments,
    folds: placedFolds,
    scale,
    x: time => {
      const piece = pieces.find(({ to }) => time <= to) ?? pieces[pieces.length - 1];
      const share = (Math.min(Math.max(time, piece.from), piece.to) - piece.from) / (piece.to - piece.from);
      return piece.x0 + share * (piece.x1 - piece.x0);
    },
  };
}

/**
 * Which gaps to fold: when there are two scales, a few long waits and short activity between them, all the waits; else
 * a wait that is most of the time.
 */
function foldsOf(gaps: readonly { from: number; to: number }[], from: number, to: number): { from: number; to: number }[] {
  const size = (gap: { from: number; to: number }): number => gap.to - gap.from;
  const ascending = [...gaps].sort((a, b) => size(a) - size(b));
  let waits: typeof ascending = [];
  let activity = 0;
  for (const [index, gap] of ascending.entries()) {
    const longer = ascending.slice(index);
    if (activity > 0 && longer.length <= maxFolds && size(gap) > 20 * activity) {
      waits = longer;
      break;
    }
    if (gap === ascending.at(-1) && gaps.length >= 3 && size(gap) > 1.5 * activity) {
      waits = [gap];
      break;
    }
    activity += size(gap);
  }
  return waits
    .map(gap => {
      // Some of the wait stays visible on both sides.
      const margin = Math.min(size(gap) * 0.05, activity * 0.04);
      return { from: gap.from === from ? gap.from : gap.from + margin, to: gap.to === to ? gap.to : gap.to - margin };
    })
    .sort((a, b) => a.from - b.from);
}

/** The smallest 1-2-5 step that is at least so wide. */
function tickStep(minimum: number): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, minimum)));
  return [1, 2, 5, 10].map(factor => factor * decade).find(step => step >= minimum) ?? 10 * decade;
}

function timeAxis(axis: Axis, diagram: Diagram, top: number, bottom: number): string {
  const step = tickStep(84 / axis.scale);
  const out: string[] = [];
  let lastLabel = -Infinity;
  const label = (x: number, text: string, anchor = 'middle'): void => {
    const half = (text.length * 6.6) / 2;
    if (anchor === 'middle') x = Math.min(x, layout.width - half - 4);
    const left = anchor === 'middle' ? x - half : x;
    if (left < lastLabel + 8) return;
    lastLabel = left + 2 * half;
    out.push(`<text class="tick" x="${n(x)}" y="${bottom + 18}" text-anchor="${anchor}">${e(text)}</text>`);
  };
  for (const segment of axis.segments) {
    // Beyond a few digits a label is unreadable: then it counts from the segment's begin, which is told in full.
    const relative = segment.from > 0 && step < segment.from / 2000;
    const base = relative ? Math.round(segment.from / step) * step : 0;
    if (relative) label(axis.x(Math.max(base, segment.from)), formatTime(base), 'middle');
    const first = Math.ceil((segment.from - base) / step) * step;
    for (let offset = first; base + offset <= segment.to; offset += step) {
      const x = axis.x(base + offset);
      out.push(`<line class="grid" x1="${n(x)}" x2="${n(x)}" y1="${top}" y2="${bottom}"/>`);
      if (relative && offset === 0) continue;
      label(x, relative ? `+${formatDuration(offset)}` : formatDuration(offset));
    }
    if (!relative && first > segment.to) label(segment.x0, formatTime(Math.round(segment.from)), 'start');
  }
  const x1 = axis.x(diagram.to);
  out.push(`<line class="base" x1="${n(axis.x(diagram.from))}" x2="${n(x1)}" y1="${bottom}" y2="${bottom}"/>`);
  return out.join('');
}

function drawFold(fold: { from: number; to: number; x0: number; x1: number }, top: number, bottom: number): string {
  // A wide fold keeps what is written in it; only its break is blotted out.
  const half = layout.foldWidth / 2 - 8;
  const zigzag = (x: number): string => {
    const points: string[] = [];
    for (let y = top, side = 0; y <= bottom; y += 8, side ^= 1) points.push(`${n(x + (side ? 2.5 : -2.5))},${n(y)}`);
    return points.join(' ');
  };
  const middle = (fold.x0 + fold.x1) / 2;
  return `<g><rect class="fold" x="${n(middle - half)}" y="${top - 2}" width="${n(2 * half)}" height="${bottom - top + 4}"/><polyline class="foldline" points="${zigzag(middle - half)}"/><polyline class="foldline" points="${zigzag(middle + half)}"/><text class="foldtext" transform="translate(${n(middle + 4)},${n((top + bottom) / 2)}) rotate(-90)" text-anchor="middle">${e(formatDuration(Number((fold.to - fold.from).toPrecision(3))))}</text></g>`;
}

// ------------------------------------------------------------------------------------------------ rows

function drawRow(row: DiagramRow, diagram: Diagram, axis: Axis, y: number): string {
  switch (row.kind) {
    case 'digital':
      return drawDigital(row, diagram, axis, y);
    case 'analog':
      return drawAnalog(row, diagram, axis, y);
    case 'lamp':
      return drawLamp(row, diagram, axis, y);
    case 'spans':
      return drawSpans(row, diagram, axis, y);
  }
}

interface Run {
  readonly from: number;
  readonly to: number;
  readonly level: Level | 'busy';
  /** For `busy`: rising edges, and time high. */
  readonly periods?: number;
  readonly high?: number;
}

/** Levels from begin to end; bursts whose edges lie closer than a pixel and a half become one run. */
function runsOf({ initial, edges }: DigitalRow, { from, to }: Diagram, scale: number): Run[] {
  let level = initial;
  let t = from;
  const plain: { from: number; to: number; level: Level }[] = [];
  for (const edge of edges) {
    if (edge.t > to) break;
    if (edge.t <= from) {
      level = edge.level;
      continue;
    }
    if (edge.level === level) continue;
    plain.push({ from: t, to: edge.t, level });
    t = edge.t;
    level = edge.level;
  }
  plain.push({ from: t, to, level });
  const runs: Run[] = [];
  const narrow = 1.5 / scale;
  for (let i = 0; i < plain.length; ) {
    let end = i;
    while (end < plain.length && plain[end].to - plain[end].from < narrow && plain[end].level !== 'x') end++;
    if (end - i < 4) {
      runs.push(plain[i++]);
      continue;
    }
    const burst = plain.slice(i, end);
    runs.push({
      from: burst[0].from,
      to: burst[burst.length - 1].to,
      level: 'busy',
      periods: burst.length / 2,
      high: burst.reduce((sum, run) => sum + (run.level === 1 ? run.to - run.from : 0), 0),
    });
    i = end;
  }
  return runs;
}

function drawDigital(row: DigitalRow, diagram: Diagram, axis: Axis, y: number): string {
  const height = layout.rowHeight;
  const levelY = { 0: y + height - 4, 1: y + 4, z: y + height / 2, x: y + height / 2 };
  const out: string[] = [];
  let path = '';
  let last: Level | 'busy' | undefined;
  const flush = (): void => {
    if (path !== '') out.push(`<path class="wave" d="${path}"/>`);
    path = '';
  };
  for (const run of runsOf(row, diagram, axis.scale)) {
    const a = axis.x(run.from);
    const b = axis.x(run.to);
    if (run.level === 'busy') {
      flush();
      const text = `${formatFrequency((run.periods! * 1e9) / (run.to - run.from))}, ${formatPercentage(run.high! / (run.to - run.from))}`;
      out.push(`<rect class="busy" x="${n(a)}" y="${y + 4}" width="${n(Math.max(1, b - a))}" height="${height - 8}"/>`);
      const shown = clip(text, b - a - 8, 6.6);
      if (shown === text)
        out.push(`<text class="inside" x="${n((a + b) / 2)}" y="${y + height / 2 + 4}" text-anchor="middle">${e(text)}</text>`);
    } else if (run.level === 'z') {
      flush();
      out.push(`<line class="z" x1="${n(a)}" x2="${n(b)}" y1="${levelY.z}" y2="${levelY.z}"/>`);
    } else if (run.level === 'x') {
      flush();
      out.push(`<rect class="x" x="${n(a)}" y="${y + 4}" width="${n(Math.max(1, b - a))}" height="${height - 8}"/>`);
    } else {
      if (run.level === 1) out.push(`<rect class="high" x="${n(a)}" y="${y + 4}" width="${n(b - a)}" height="${height - 8}"/>`);
      const here = levelY[run.level];
      if (path === '')
        path =
          last === undefined ? `M${n(a)} ${here}` : `M${n(a)} ${last === 'busy' || last === 'x' ? here : levelY[last]}L${n(a)} ${here}`;
      else path += `L${n(a)} ${here}`;
      path += `H${n(b)}`;
    }
    last = run.level;
  }
  flush();
  return out.join('');
}

function drawAnalog({ unit, initial, samples }: AnalogRow, { from, to }: Diagram, axis: Axis, y: number): string {
  const inside = samples.filter(({ t }) => t >= from && t <= to);
  const before = samples.filter(({ t }) => t < from).at(-1)?.value ?? initial;
  const values = [...inside.map(({ value }) => value), ...(before === undefined ? [] : [before])];
  if (values.length === 0) return '';
  const low = Math.min(...values);
  const high = Math.max(...values);
  const place = (value: number): number =>
    high === low ? y + layout.rowHeight / 2 : y + layout.rowHeight - 5 - ((value - low) / (high - low)) * (layout.rowHeight - 10);
  let d = before === undefined ? '' : `M${n(axis.x(from))} ${n(place(before))}`;
  let lastX = -Infinity;
  for (const { t, value } of inside) {
    const x = axis.x(t);
    if (x - lastX < 0.5 && d !== '') continue;
    lastX = x;
    d += d === '' ? `M${n(x)} ${n(place(value))}` : `H${n(x)}V${n(place(value))}`;
  }
  const end = axis.x(to);
  const label = (value: number): string => `${Number(value.toPrecision(4))} ${unit}`;
  return `<path class="analog" d="${d}H${n(end)}"/><text class="unit" x="${n(end)}" y="${n(y + 4)}" text-anchor="end">${e(label(high))}</text>${high === low ? '' : `<text class="unit" x="${n(end)}" y="${n(y + layout.rowHeight + 4)}" text-anchor="end">${e(label(low))}</text>`}`;
}

function drawLamp({ colour, initial, changes }: LampRow, { from, to }: Diagram, axis: Axis, y: number): string {
  const out: string[] = [
    `<line class="grid" x1="${n(axis.x(from))}" x2="${n(axis.x(to))}" y1="${y + layout.rowHeight / 2}" y2="${y + layout.rowHeight / 2}"/>`,
  ];
  let intensity = initial;
  let t = from;
  const lit = (until: number): void => {
    const x = axis.x(t);
    if (intensity > 0 && until > t)
      out.push(
        `<rect class="lamp" x="${n(x)}" y="${y + 8}" width="${n(Math.max(1.2, axis.x(until) - x))}" height="${layout.rowHeight - 16}" rx="2" fill="${e(colour)}" fill-opacity="${n(0.25 + 0.75 * intensity)}"/>`,
      );
  };
  for (const change of changes) {
    if (change.t > to) break;
    if (change.t > from) {
      lit(change.t);
      t = change.t;
    }
    intensity = change.intensity;
  }
  lit(to);
  return out.join('');
}

function drawSpans({ spans }: SpanRow, { from, to }: Diagram, axis: Axis, y: number): string {
  const out: string[] = [];
  let drawnTo = -Infinity;
  for (const span of spans.slice(0, maxSpans)) {
    if (span.to < from || span.from > to) continue;
    const a = axis.x(span.from);
    const b = Math.max(axis.x(span.to), a + 1);
    if (b - drawnTo < 0.8) continue;
    drawnTo = b;
    const slant = Math.min(5, (b - a) / 3);
    const middle = y + layout.rowHeight / 2;
    const points = [
      [a, middle],
      [a + slant, y + 5],
      [b - slant, y + 5],
      [b, middle],
      [b - slant, y + layout.rowHeight - 5],
      [a + slant, y + layout.rowHeight - 5],
    ];
    const text = clip(span.text.replace(/\s+/g, ' '), b - a - 2 * slant - 4, 6.7);
    out.push(
      `<g><title>${e(`${span.text}\n${formatTime(span.from)}, ${formatDuration(span.to - span.from)}`)}</title><polygon class="span ${span.tone ?? 'plain'}" points="${points.map(([px, py]) => `${n(px)},${n(py)}`).join(' ')}"/>${text === '' ? '' : `<text class="inside" x="${n((a + b) / 2)}" y="${n(middle + 4)}" text-anchor="middle">${e(text)}</text>`}</g>`,
    );
  }
  return out.join('');
}

function drawMarks(marks: readonly DiagramMark[], axis: Axis, top: number, bottom: number, legendTop: number): string[] {
  const flags = flagPositions(marks.map(({ t }) => axis.x(t)));
  return marks.map((mark, index) => {
    const bad = mark.ok === false ? ' bad' : '';
    const x = axis.x(mark.t);
    const flagX = flags[index];
    const number = index + 1;
    const legendY = legendTop + index * layout.legendLine + 12;
    return `<g><line class="mark${bad}" x1="${n(x)}" x2="${n(x)}" y1="${top - 6}" y2="${bottom}"/><circle class="flag${bad}" cx="${n(flagX)}" cy="${top - 13}" r="8"/><text class="flagtext" x="${n(flagX)}" y="${top - 9.5}" text-anchor="middle">${number}</text><circle class="flag${bad}" cx="${layout.left + 8}" cy="${legendY - 4}" r="8"/><text class="flagtext" x="${layout.left + 8}" y="${legendY - 0.5}" text-anchor="middle">${number}</text><text class="legend" x="${layout.left + 26}" y="${legendY}">${e(clip(`${formatTime(mark.t)}  ${mark.ok === false ? '✗ ' : mark.ok === true ? '✓ ' : ''}${mark.text}`, layout.width - 80, 6.6))}</text></g>`;
  });
}

const flagWidth = 17;

/** Flags beside each other, near their marks: from the left, and pushed back from the right edge where they would leave the picture. */
function flagPositions(marks: readonly number[]): number[] {
  const positions: number[] = [];
  for (const x of marks) positions.push(Math.max(x, (positions.at(-1) ?? -Infinity) + flagWidth));
  let limit = layout.width - flagWidth / 2;
  for (let i = positions.length - 1; i >= 0; i--, limit -= flagWidth) positions[i] = Math.min(positions[i], limit);
  return positions;
}
