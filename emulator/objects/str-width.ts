/**
 * What a guest string is made of: only ASCII, no surrogate pairs, or some. Decides how its length and its indices are counted.
 * Strings are immutable and often asked again, so what is known of the last few long ones is kept.
 */

export enum StrWidth {
  /** All below 128: characters, UTF-16 units and UTF-8 bytes are the same. */
  Ascii,
  /** No surrogate pairs: characters and UTF-16 units are the same. */
  Bmp,
  /** Some characters take two UTF-16 units. */
  Astral,
}

/** Below this length a string is looked through each time. */
const REMEMBER_FROM = 48;
const SLOTS = 4;
const remembered: string[] = new Array(SLOTS).fill('');
const rememberedWidth: StrWidth[] = new Array(SLOTS).fill(StrWidth.Ascii);
let oldest = 0;

function scan(text: string): StrWidth {
  const { length } = text;
  let i = 0;
  while (i < length && text.charCodeAt(i) < 0x80) i++;
  if (i === length) return StrWidth.Ascii;
  for (; i < length - 1; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) return StrWidth.Astral;
  }
  return StrWidth.Bmp;
}

export function widthOf(text: string): StrWidth {
  if (text.length < REMEMBER_FROM) return scan(text);
  for (let i = 0; i < SLOTS; i++) {
    const known = remembered[i];
    if (known.length === text.length && known === text) return rememberedWidth[i];
  }
  const width = scan(text);
  rememberWidth(text, width);
  return width;
}

/** Says what the width of a string is when it follows from how it was made, so that it need not be looked through. */
export function rememberWidth(text: string, width: StrWidth): void {
  if (text.length < REMEMBER_FROM) return;
  remembered[oldest] = text;
  rememberedWidth[oldest] = width;
  oldest = (oldest + 1) % SLOTS;
}

export function isAscii(text: string): boolean {
  return widthOf(text) === StrWidth.Ascii;
}

/** Length in characters, as the guest's len() has it. */
export function characterCount(text: string): number {
  if (widthOf(text) !== StrWidth.Astral) return text.length;
  let count = 0;
  for (let i = 0; i < text.length; i++, count++) if (isPairAt(text, i)) i++;
  return count;
}

function isPairAt(text: string, i: number): boolean {
  return (text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
}

/** Length in bytes of UTF-8. */
export function utf8Length(text: string): number {
  if (widthOf(text) === StrWidth.Ascii) return text.length;
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80 || (unit >= 0xdc80 && unit <= 0xdcff && !(i > 0 && isPairAt(text, i - 1)))) bytes++;
    else if (unit < 0x800) bytes += 2;
    else if (isPairAt(text, i)) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

/** Where the last character asked for in a string with surrogate pairs was, so that walking along it does not start anew each time. */
let walkText = '';
let walkIndex = 0;
let walkOffset = 0;

/** UTF-16 offset of character `index`, which is 0 or more; the string's length when there are not so many. */
export function offsetOfCharacter(text: string, index: number): number {
  if (widthOf(text) !== StrWidth.Astral) return Math.min(index, text.length);
  let i = 0;
  let offset = 0;
  if (walkText === text && index >= walkIndex) {
    i = walkIndex;
    offset = walkOffset;
  }
  for (; i < index && offset < text.length; i++) offset += isPairAt(text, offset) ? 2 : 1;
  walkText = text;
  walkIndex = i;
  walkOffset = offset;
  return offset;
}
