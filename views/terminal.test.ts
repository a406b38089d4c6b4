import { expect, test } from 'vitest';
import { onScreen, TerminalScreen } from './terminal.ts';

test('plain lines stay as they are', () => {
  expect(onScreen('one\r\ntwo\r\n')).toBe('one\ntwo\n');
});

test('what was erased is not seen', () => {
  expect(onScreen('... \x20\x20\x20\x20\b\b\b\b\x1b[Kreturn 2')).toBe('... return 2');
});

test('characters that go in before others push them', () => {
  // What a pyboard sends when "3" is typed before the last two characters of "print(12)".
  expect(onScreen('print(12)\b\b32)\b\b')).toBe('print(132)');
});

test('the cursor goes back by a number of columns', () => {
  expect(onScreen('a = 10\x1b[6D\x1b[K b')).toBe(' b');
});

test('a control sequence may come in pieces', () => {
  const screen = new TerminalScreen();
  for (const piece of ['abc\x1b', '[', '2', 'D', 'X']) screen.feed(piece);
  expect(screen.lastLine).toBe('aXc');
});
