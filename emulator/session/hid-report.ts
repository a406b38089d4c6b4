/**
 * Reports of a HID device as a computer reads them: by the device's report descriptor (Device Class Definition for HID 1.11, section 6.2.2; HID
 * Usage Tables 1.12: generic desktop page 0x01, keyboard page 0x07, button page 0x09).
 */

/** What a mouse report says. */
export interface MouseReport {
  readonly x: number;
  readonly y: number;
  readonly wheel: number;
  readonly buttons: readonly string[];
}

/** What a keyboard report says: everything that is held down now. */
export interface KeyboardReport {
  readonly modifiers: readonly string[];
  readonly keys: readonly string[];
}

export interface DecodedReport {
  readonly mouse?: MouseReport;
  readonly keyboard?: KeyboardReport;
}

const Page = { DESKTOP: 0x01, KEYBOARD: 0x07, BUTTON: 0x09 } as const;
const Usage = { X: 0x30, Y: 0x31, WHEEL: 0x38 } as const;
const FIRST_MODIFIER = 0xe0;
const MODIFIERS = ['Ctrl', 'Shift', 'Alt', 'GUI', 'right Ctrl', 'right Shift', 'right Alt', 'right GUI'];
const BUTTONS = ['left', 'right', 'middle'];

/** What keys are called, from usage 4 on, on a keyboard for the United States. */
const KEYS = [
  ...'abcdefghijklmnopqrstuvwxyz',
  ...'1234567890',
  ...['Enter', 'Escape', 'Backspace', 'Tab', 'Space'],
  ...['-', '=', '[', ']', '\\', '#', ';', "'", '`', ',', '.', '/', 'CapsLock'],
  ...Array.from({ length: 12 }, (_, index) => `F${index + 1}`),
  ...['PrintScreen', 'ScrollLock', 'Pause', 'Insert', 'Home', 'PageUp', 'Delete', 'End', 'PageDown', 'Right', 'Left', 'Down', 'Up'],
];

/** What those keys type with Shift. */
const SHIFTED: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from("1234567890-=[]\\#;'`,./", (key, index) => [key, '!@#$%^&*()_+{}|~:"~<>?'[index]]),
);

interface Field {
  readonly page: number;
  /** The usages of a variable's elements, or of what an array's values choose from. */
  readonly usages: readonly number[];
  readonly isArray: boolean;
  readonly isConstant: boolean;
  readonly reportId: number;
  readonly size: number;
  readonly count: number;
  readonly minimum: number;
}

/** The input fields of a report descriptor, in the order of their bits. */
function inputFields(descriptor: Uint8Array): Field[] {
  const fields: Field[] = [];
  const stack: Record<number, number>[] = [];
  let globals: Record<number, number> = {};
  let usages: number[] = [];
  let range: number | undefined;
  for (let at = 0; at < descriptor.length; ) {
    const prefix = descriptor[at++];
    // A long item: its length is in the next byte, and a tag after that.
    if (prefix === 0xfe) {
      at += 2 + (descriptor[at] ?? 0);
      continue;
    }
    const length = [0, 1, 2, 4][prefix & 3];
    let value = 0;
    for (let index = 0; index < length; index++) value |= (descriptor[at + index] ?? 0) << (8 * index);
    const signed = length === 0 || length === 4 ? value : (value << (32 - 8 * length)) >> (32 - 8 * length);
    at += length;
    const type = (prefix >> 2) & 3;
    const tag = prefix >> 4;
    if (type === 1) {
      if (tag === 10) stack.push({ ...globals });
      else if (tag === 11) globals = stack.pop() ?? globals;
      else globals[tag] = tag === 1 || tag === 2 ? signed : value;
    } else if (type === 2) {
      if (tag === 0) usages.push(value & 0xffff);
      else if (tag === 1) range = value & 0xffff;
      else if (tag === 2 && range !== undefined) {
        for (let usage = range; usage <= (value & 0xffff) && usages.length < 1024; usage++) usages.push(usage);
      }
    } else if (type === 0) {
      if (tag === 8) {
        fields.push({
          page: globals[0] ?? 0,
          usages,
          isArray: (value & 2) === 0,
          isConstant: (value & 1) !== 0,
          reportId: globals[8] ?? 0,
          size: globals[7] ?? 0,
          count: globals[9] ?? 0,
          minimum: globals[1] ?? 0,
        });
      }
      usages = [];
      range = undefined;
    }
  }
  return fields;
}

/** Reads a report. What is neither a mouse's nor a keyboard's stays undecoded; bits that a short report lacks are 0. */
export function decodeReport(descriptor: Uint8Array, report: Uint8Array): DecodedReport {
  const all = inputFields(descriptor);
  const numbered = all.some(({ reportId }) => reportId !== 0);
  const fields = numbered ? all.filter(({ reportId }) => reportId === report[0]) : all;
  let bit = numbered ? 8 : 0;
  const bits = (size: number, signed: boolean): number => {
    let value = 0;
    for (let index = 0; index < size; index++, bit++) value |= (((report[bit >> 3] ?? 0) >> (bit & 7)) & 1) << index;
    return signed && size < 32 ? (value << (32 - size)) >> (32 - size) : value;
  };
  const axes: Record<number, number> = {};
  const buttons: string[] = [];
  const modifiers: string[] = [];
  const keys: string[] = [];
  let isMouse = false;
  let isKeyboard = false;
  for (const { page, usages, isArray, isConstant, size, count, minimum } of fields) {
    for (let index = 0; index < count; index++) {
      const value = bits(size, minimum < 0);
      if (isConstant) continue;
      const usage = isArray ? (usages[value - minimum] ?? value) : (usages[Math.min(index, usages.length - 1)] ?? 0);
      if (page === Page.DESKTOP) {
        axes[usage] = value;
        isMouse ||= usage === Usage.X;
      } else if (page === Page.BUTTON && value !== 0) buttons.push(BUTTONS[usage - 1] ?? `button ${usage}`);
      else if (page === Page.KEYBOARD) {
        isKeyboard = true;
        if (value === 0) continue;
        if (usage >= FIRST_MODIFIER) modifiers.push(MODIFIERS[usage - FIRST_MODIFIER] ?? `modifier ${usage}`);
        else if (usage > 3) keys.push(KEYS[usage - 4] ?? `key ${usage}`);
      }
    }
  }
  return {
    ...(isMouse ? { mouse: { x: axes[Usage.X], y: axes[Usage.Y] ?? 0, wheel: axes[Usage.WHEEL] ?? 0, buttons } } : {}),
    ...(isKeyboard ? { keyboard: { modifiers, keys } } : {}),
  };
}

/** What a person would call it. */
export function describeReport({ mouse, keyboard }: DecodedReport): string {
  if (mouse !== undefined) {
    const { x, y, wheel, buttons } = mouse;
    return `mouse ${x}, ${y}${wheel === 0 ? '' : `, wheel ${wheel}`}${buttons.length === 0 ? '' : `, ${buttons.join(' and ')} button`}`;
  }
  if (keyboard !== undefined) return keyboard.keys.length + keyboard.modifiers.length === 0 ? 'no key' : keyName(keyboard);
  return '';
}

function keyName({ modifiers, keys }: KeyboardReport): string {
  return [...modifiers, ...keys].join('-');
}

/** What reports of a keyboard type, one after the other: a key counts when it goes down. Keys that type nothing stand in angle brackets. */
export function typedText(reports: readonly DecodedReport[]): string {
  let text = '';
  let held: readonly string[] = [];
  for (const { keyboard } of reports) {
    if (keyboard === undefined) continue;
    const { modifiers, keys } = keyboard;
    const shift = modifiers.some(modifier => modifier.endsWith('Shift'));
    const others = modifiers.filter(modifier => !modifier.endsWith('Shift'));
    for (const key of keys) {
      if (held.includes(key)) continue;
      const plain = key === 'Space' ? ' ' : key === 'Enter' ? '\n' : key === 'Tab' ? '\t' : key;
      if (others.length > 0) text += `<${[...modifiers, key].join('-')}>`;
      else if (plain.length > 1) text += `<${shift ? 'Shift-' : ''}${plain}>`;
      else text += shift ? (SHIFTED[plain] ?? plain.toUpperCase()) : plain;
    }
    held = keys;
  }
  return text;
}
