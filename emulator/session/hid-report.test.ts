import { describe, expect, it } from 'vitest';
import { decodeReport, describeReport, typedText } from './hid-report.ts';

const hex = (text: string) => Uint8Array.from(text.match(/../g)!, pair => Number.parseInt(pair, 16));

/** The boot keyboard of appendix B.1 of the HID definition, and the three-button mouse of B.2. */
const KEYBOARD = hex(
  '05010906a101050719e029e71500250175019508810295017508810195057501050819012905910295017503910195067508150025650507190029658100c0',
);
const MOUSE = hex('05010902a1010901a100050919012903150025019503750181029501750581010501093009311581257f750895028106c0c0');

describe('a HID report is read by its descriptor', () => {
  it('of a mouse, with signed movements and buttons', () => {
    expect(decodeReport(MOUSE, Uint8Array.of(0b101, 10, 0xfb)).mouse).toEqual({ x: 10, y: -5, wheel: 0, buttons: ['left', 'middle'] });
  });

  it('of a keyboard, with modifiers and keys', () => {
    const report = decodeReport(KEYBOARD, Uint8Array.of(2, 0, 4, 5, 0, 0, 0, 0));
    expect(report.keyboard).toEqual({ modifiers: ['Shift'], keys: ['a', 'b'] });
    expect(describeReport(report)).toBe('Shift-a-b');
  });

  it('of a device with report numbers, by the number', () => {
    const numbered = hex('05010902a10185010509090115002501750195018102950781018502050109301581257f750895018106c0');
    expect(decodeReport(numbered, Uint8Array.of(2, 0xff)).mouse).toMatchObject({ x: -1, buttons: [] });
  });

  it('and stays undecoded when it is something else, or cut short', () => {
    expect(decodeReport(new Uint8Array(0), Uint8Array.of(1, 2, 3))).toEqual({});
    expect(decodeReport(MOUSE, Uint8Array.of(1)).mouse).toEqual({ x: 0, y: 0, wheel: 0, buttons: ['left'] });
    expect(decodeReport(hex('fe02'), Uint8Array.of(1))).toEqual({});
  });
});

describe('reports of a keyboard one after the other', () => {
  const press = (modifiers: number, ...keys: number[]) =>
    decodeReport(KEYBOARD, Uint8Array.from([modifiers, 0, ...keys, 0, 0, 0, 0, 0, 0].slice(0, 8)));

  it('type text: a key counts when it goes down', () => {
    expect(typedText([press(2, 0x0b), press(0, 0x0b), press(0, 0x0b, 0x0c), press(0), press(2, 0x1e), press(0), press(0, 0x28)])).toBe(
      'Hi!\n',
    );
  });

  it('name what types nothing', () => {
    expect(typedText([press(1, 0x06), press(0), press(0, 0x3a), press(0), press(2, 0x50)])).toBe('<Ctrl-c><F1><Shift-Left>');
  });
});
