/** Every name of pyb, stm and machine with its type and value, as the stock firmware 1.27.0 for the PYBV11 has them. */
import { describe, expect, it } from 'vitest';
import { runOnBoard } from '../../boot/test-board.ts';
import facts from './names.facts.json' with { type: 'json' };

/** Prints a line for each name: class, name, type, and the value of a number. */
const program = (module: string) => `
import ${module}

def show(owner, prefix, deep):
    for name in dir(owner):
        if name.startswith('__') and name != '__del__' and name != '__enter__' and name != '__exit__':
            continue
        value = getattr(owner, name)
        kind = type(value).__name__
        print(prefix, name, kind, value if kind == 'int' else '')
        if deep and kind == 'type':
            show(value, name, False)

show(${module}, '-', True)
`;

type Facts = Record<string, Record<string, string | number>>;

function observed(module: string): Facts {
  const found: Facts = {};
  for (const line of runOnBoard(program(module)).output.trim().split('\n')) {
    const [owner, name, kind, value] = line.split(' ');
    const key = owner === '-' ? '' : owner;
    found[key] ??= {};
    found[key][name] = kind === 'int' ? Number(value) : kind;
  }
  return found;
}

/** The attributes of pins are the board's, and were not listed. */
function withoutPins(names: Facts): Facts {
  const { board: _board, cpu: _cpu, ...rest } = names;
  return rest;
}

describe.each(['pyb', 'stm', 'machine'] as const)('%s', module => {
  it('has the names, types and numbers of the stock firmware, and no others', () => {
    expect(withoutPins(observed(module))).toEqual(facts[module]);
  });
});
