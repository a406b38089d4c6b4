/**
 * Characters of file names: bytes of code page 437 in the guest's strings, UTF-16 in long names on the medium.
 *
 * The guest's names are UTF-8, but the port hands their bytes to the FAT layer as code page 437, so "é" is stored as the two
 * characters "├⌐" (observed on the official Unix port; documented for FatFs as `FF_LFN_UNICODE` 0).
 *
 * Source: the code page's table as published by unicode.org (CP437.TXT); capital letters: the Unicode character database,
 * as far as FatFs folds them when it compares long names.
 */

const CP437_HIGH =
  'ÇüéâäàåçêëèïîìÄÅ' +
  'ÉæÆôöòûùÿÖÜ¢£¥₧ƒ' +
  'áíóúñÑªº¿⌐¬½¼¡«»' +
  '░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
  '└┴┬├─┼╞╟╚╔╩╦╠═╬╧' +
  '╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀' +
  'αßΓπΣσµτΦΘΩδ∞φε∩' +
  '≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** For an extended byte of a short name, the capital (or plain letter) that is stored in its place. */
const CP437_CAPITALS = 'ÇÜEAÄAÅÇEEEIIIÄÅ' + 'ÉÆÆOÖOUUYÖÜ¢£¥₧ƒ' + 'AIOUÑÑªº¿⌐¬½¼¡«»';

const fromUnicode = new Map<number, number>();
for (let i = 0; i < 128; i++) fromUnicode.set(CP437_HIGH.charCodeAt(i), 0x80 + i);

/** The UTF-16 code unit of a byte of the code page. */
export function toUnicode(byte: number): number {
  return byte < 0x80 ? byte : CP437_HIGH.charCodeAt(byte - 0x80);
}

/** The byte for a code unit, or 0 if the code page has none. */
export function toCodePage(unit: number): number {
  return unit < 0x80 ? unit : (fromUnicode.get(unit) ?? 0);
}

const capitals = new Uint8Array(128);
for (let i = 0; i < 128; i++) capitals[i] = i < CP437_CAPITALS.length ? toCodePage(CP437_CAPITALS.charCodeAt(i)) : 0x80 + i;

/** The byte of 0x80 and above that a short name stores for `byte`. */
export function toCapitalByte(byte: number): number {
  return capitals[byte & 0x7f];
}

/** Small letters that a name in this code page can differ in, each followed by its capital. */
const FOLDED = 'àÀáÁâÂäÄåÅæÆçÇèÈéÉêÊëËìÌíÍîÎïÏñÑòÒóÓôÔöÖùÙúÚûÛüÜÿŸƒƑαΑγΓδΔεΕθΘπΠςΣσΣτΤφΦωΩ';

const capitalOf = new Map<number, number>();
for (let i = 0; i < FOLDED.length; i += 2) capitalOf.set(FOLDED.charCodeAt(i), FOLDED.charCodeAt(i + 1));

/** The capital of a code unit, for comparing long names. */
export function toCapital(unit: number): number {
  if (unit < 0x80) return unit >= 0x61 && unit <= 0x7a ? unit - 32 : unit;
  return capitalOf.get(unit) ?? unit;
}
