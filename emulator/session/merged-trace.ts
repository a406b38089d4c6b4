/** The traces of several boards as one file. */

/** Letters that begin no value: readers that skip strings look at what follows. */
const MARKS = 'ACDEFGIJKMOPQTVY';

/** One VCD of several: a net's name begins with its board's, for not every reader tells scopes apart. Every dump begins and ends at the same times. */
export function mergedVcd(dumps: readonly (readonly [board: string, vcd: string])[]): string {
  const head: string[] = ['$version boardspec $end', '$timescale 1 ns $end', '$scope module bench $end'];
  const initial: string[] = [];
  const changes: { time: number; order: number; line: string }[] = [];
  let begin = 0;
  let end = 0;
  dumps.forEach(([board, vcd], order) => {
    // A letter of the board's before each identifier keeps them apart.
    const mark = MARKS[order % MARKS.length].repeat(1 + Math.floor(order / MARKS.length));
    const prefix = board.replace(/\s/g, '_');
    let time: number | undefined;
    let dumping = false;
    for (const line of vcd.split('\n')) {
      const declared = /^\$var (\w+ \d+) (\S+) (.*)$/.exec(line);
      if (declared !== null) head.push(`$var ${declared[1]} ${mark}${declared[2]} ${prefix}.${declared[3]}`);
      else if (line.startsWith('#')) {
        if (time === undefined) begin = Number(line.slice(1));
        time = Number(line.slice(1));
        end = Math.max(end, time);
      } else if (line === '$dumpvars') dumping = true;
      else if (line === '$end') dumping = false;
      else if (time !== undefined && line !== '') {
        const marked = withMark(line, mark);
        if (dumping) initial.push(marked);
        else changes.push({ time, order, line: marked });
      }
    }
  });
  head.push('$upscope $end', '$enddefinitions $end', `#${begin}`, '$dumpvars', ...initial, '$end');
  changes.sort((a, b) => a.time - b.time || a.order - b.order);
  let now = begin;
  for (const { time, line } of changes) {
    if (time !== now) head.push(`#${(now = time)}`);
    head.push(line);
  }
  if (now !== end) head.push(`#${end}`);
  return `${head.join('\n')}\n`;
}

/** A value change for an identifier that has got a letter before it. */
function withMark(line: string, mark: string): string {
  if (!/^[rs]/.test(line)) return line[0] + mark + line.slice(1);
  const space = line.lastIndexOf(' ');
  return `${line.slice(0, space + 1)}${mark}${line.slice(space + 1)}`;
}

/** JSON Lines of several boards, ascending in time; each line names its board. */
export function mergedJsonLines(texts: readonly (readonly [board: string, lines: string])[]): string {
  let header = '';
  const entries: { t: number; line: string }[] = [];
  for (const [board, text] of texts) {
    for (const line of text.split('\n')) {
      if (line === '') continue;
      if (line.startsWith('{"format"')) header ||= line;
      else {
        const t = Number(/^\{"t":(\d+)/.exec(line)?.[1] ?? 0);
        entries.push({ t, line: line.replace(/^(\{"t":\d+,)/, `$1"board":${JSON.stringify(board)},`) });
      }
    }
  }
  entries.sort((a, b) => a.t - b.t);
  return `${[header, ...entries.map(({ line }) => line)].join('\n')}\n`;
}
