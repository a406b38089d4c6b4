import { describe, expect, it } from 'vitest';
import { boards } from '../../boards/index.ts';
import { BoardDefinitionError, checkBoard } from './check-board.ts';

/** A copy of the pyboard, changed. */
// biome-ignore lint/suspicious/noExplicitAny: the tests break the type on purpose
function changed(change: (board: any) => void): unknown {
  const board = structuredClone(boards.get('pyboard-v1.1'));
  change(board);
  return board;
}

function problemsOf(definition: unknown): readonly string[] {
  try {
    checkBoard(definition);
  } catch (error) {
    if (error instanceof BoardDefinitionError) return error.problems;
    throw error;
  }
  return [];
}

describe('checkBoard', () => {
  it.each([...boards.keys()])('finds nothing wrong with %s', name => {
    expect(problemsOf(boards.get(name))).toEqual([]);
  });

  it('knows each board under its own name', () => {
    for (const [name, board] of boards) expect(board.name).toBe(name);
  });

  it('names the field that is missing, of the wrong type, or unknown', () => {
    expect(problemsOf(changed(board => delete board.memory.heap))[0]).toMatch(/^memory\.heap: /);
    expect(problemsOf(changed(board => (board.hardware.leds[2].lit = 'yes')))[0]).toMatch(/^hardware\.leds\[2\]\.lit: /);
    expect(problemsOf(changed(board => (board.runtime.floot = 'single')))[0]).toMatch(/^runtime: .*floot/);
    expect(problemsOf(changed(board => (board.hardware.uniqueId = 'xyz')))).toEqual(['hardware.uniqueId: must be 24 hexadecimal digits']);
  });

  it('finds pins that the chip does not have or that cannot do what is asked', () => {
    expect(problemsOf(changed(board => (board.hardware.leds[0].pin = 'PK7')))).toEqual([
      'hardware.leds[0].pin: "PK7" is no pin of STM32F405RG',
    ]);
    expect(problemsOf(changed(board => (board.hardware.uarts[0].tx = 'PA0')))).toEqual([
      'hardware.uarts[0].tx: PA0 cannot be USART1_TX or UART1_TX',
    ]);
    expect(problemsOf(changed(board => (board.hardware.leds[3].pwm.channel = 2)))).toEqual([
      'hardware.leds[3].pwm: AF2 of PB4 is not TIM3_CH2',
    ]);
  });

  it('finds clocks beyond the chip', () => {
    expect(problemsOf(changed(board => (board.hardware.clock.pll.n = 432)))[0]).toBe(
      'hardware.clock.pll: 216 MHz is more than the 168 MHz of STM32F405RG',
    );
  });

  it('says which board it is about', () => {
    expect(() => checkBoard({ name: 'mine' })).toThrow('board "mine" is not well defined:');
    expect(() => checkBoard(null)).toThrow('board "without a name"');
  });
});
