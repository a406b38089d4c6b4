import { describe, expect, test } from 'vitest';
import type { BoardState } from '../emulator/session/handle.ts';
import { describeFailure, difference, ExpectationFailed } from './failure.ts';

const state: BoardState = {
  now: 0,
  phase: 'main.py',
  mode: 'standard',
  activity: 'computing',
  resetCause: 'watchdog',
  leds: { red: 255, green: 0, blue: 12 },
  switches: { USR: true },
  where: 'main.py:12 in loop',
  heap: { total: 100_000, free: 40_000 },
  cwd: '/flash',
  mounts: {},
  sdInserted: false,
};

describe('a failed expectation', () => {
  const text = describeFailure(new ExpectationFailed('pin X1 to be high', 'low, 0 V', { at: 1_500_000_000, hint: 'look at the wiring' }), {
    now: 2_000_000_000,
    virtual: true,
    boards: [{ name: 'board', board: 'pyboard-v1.1', target: 'emulator', state, serial: 'one\r\ntwo \x1b[31mred' }],
  });

  test('says what was expected, what was seen, and when', () => {
    expect(text).toContain('expected  pin X1 to be high\nseen      low, 0 V\nat        1.5 s virtual time; the step ended at 2 s\n');
    expect(text).toContain('hint      look at the wiring');
  });

  test('tells the state of the board', () => {
    expect(text).toContain(
      'pyboard-v1.1 on emulator: phase main.py (standard mode); computing; at main.py:12 in loop; reset cause watchdog; LEDs lit: red, blue (12); held: USR; heap 40000 of 100000 bytes free',
    );
  });

  test('tells of a hard fault, also when the board has started again', () => {
    const hardFault = { at: 1_200_000_000, where: 'main.py:3 in <module>', cause: 'undefined instruction at 0x20001000' };
    const again = describeFailure(new ExpectationFailed('a', 'b'), {
      now: 2e9,
      virtual: true,
      boards: [{ name: 'board', board: 'pyboard-v1.1', target: 'emulator', state: { ...state, hardFault }, serial: '' }],
    });
    expect(again).toContain('; hard fault at 1.2 s: undefined instruction at 0x20001000, at main.py:3 in <module>\n');
  });

  test('shows the last lines of the serial output, and obeys nothing in them', () => {
    expect(text).toContain('serial\n  | one\n  | two \\x1b[31mred');
  });
});

test('what was seen is cut where nobody reads on', () => {
  const text = describeFailure(new ExpectationFailed('a line', 'x'.repeat(1e6)), { now: undefined, virtual: true, boards: [] });
  expect(text.length).toBeLessThan(3000);
  expect(text).toContain('… (1000000 characters)');
});

describe('a difference', () => {
  test('shows what is missing and what is too much', () => {
    expect(difference('a\nb\nc', 'a\nx\nc')).toBe('- expected, + seen\n  a\n- b\n+ x\n  c');
  });

  test('makes blanks at the end of a line visible', () => {
    expect(difference('a', 'a ')).toContain('+ a·');
  });

  test('leaves out what is equal', () => {
    const lines = Array.from({ length: 50 }, (_, i) => `line ${i}`);
    expect(difference(lines.join('\n'), [...lines, 'more'].join('\n'))).toContain('(47 equal lines)');
  });
});
