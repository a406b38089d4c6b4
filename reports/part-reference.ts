/** The reference of the parts that a bench can have: of each its pins, options, controls, readings and faults. */
import { Clock } from '../emulator/clock/clock.ts';
import { PART_KINDS, type PartKindDefinition } from '../emulator/parts/kinds.ts';
import type { Part } from '../emulator/parts/part.ts';
import { Netlist } from '../emulator/peripherals/net.ts';
import { SeededRandom } from '../emulator/peripherals/seeded-random.ts';
import { Trace } from '../emulator/trace/trace.ts';

export function partReference(): string {
  return `${families().map(section).join('\n')}`;
}

interface Family {
  readonly definition: PartKindDefinition;
  /** Kinds that differ in nothing but their name and size. */
  readonly kinds: readonly PartKindDefinition[];
  readonly part: Part;
}

/** One section for the kinds that have everything in common, such as the sizes of a memory. */
function families(): Family[] {
  const found = new Map<string, { definition: PartKindDefinition; kinds: PartKindDefinition[]; part: Part }>();
  for (const definition of PART_KINDS.values()) {
    const part = scratchPart(definition);
    const key = [
      part.constructor.name,
      ...part.pins.keys(),
      definition.options.map(({ name }) => name),
      definition.source.replace(/\d+/g, ''),
    ].join();
    const family = found.get(key);
    if (family === undefined) found.set(key, { definition, kinds: [definition], part });
    else family.kinds.push(definition);
  }
  return [...found.values()];
}

/** A part on a bench of its own, to be looked at. */
function scratchPart(definition: PartKindDefinition): Part {
  const clock = new Clock();
  const trace = new Trace(clock);
  return definition.make({ clock, trace, netlist: new Netlist(clock, trace), random: new SeededRandom(1) }, definition.kind, {});
}

function section({ definition, kinds, part }: Family): string {
  const rows = [
    ...definition.options.map(({ name, unit, min, max, values, text }) => ['option', name, limits(unit, min, max, values), text]),
    ...[...part.controls].map(([name, { unit, min, max, choices, type, description }]) => [
      'control',
      name,
      limits(unit, min, max, choices) || (type === 'number' ? '' : type),
      description,
    ]),
    ...[...part.readings].map(([name, { unit, description }]) => ['reading', name, unit ?? '', description]),
    ...[...part.faults]
      .filter(([name]) => name !== 'removed')
      .map(([name, { amount, description }]) => ['fault', name, amount ?? '', description]),
  ];
  const table = rows.map(([what, name, range, text]) => `| ${what} | \`${name}\` | ${cell(range)} | ${cell(text)} |`);
  return `## ${kinds.map(({ kind }) => kind).join(', ')}

${kinds
  .map(({ title }) => title)
  .filter((title, index, all) => all.indexOf(title) === index)
  .join('; ')} (${definition.source}). Pins: ${[...part.pins.keys()].map(name => `\`${name}\``).join(', ') || 'none'}.

| | name | unit, range | |
| --- | --- | --- | --- |
${table.join('\n')}
`;
}

function limits(unit = '', min?: number, max?: number, choices?: readonly string[]): string {
  if (choices !== undefined) return choices.join(', ');
  if (min === undefined && max === undefined) return unit;
  const number = (value: number) => value.toLocaleString('en-US');
  const range =
    min === undefined ? `up to ${number(max!)}` : max === undefined ? `from ${number(min)}` : `${number(min)} to ${number(max)}`;
  return `${range} ${unit}`.trim();
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
