/**
 * Finding text in text, in time that grows with the length of both: a guest must not be able to keep the host busy with one search. What
 * JavaScript itself searches with takes, at worst, time that grows with their product.
 */
import { Cycles } from '../vm/cost.ts';
import { work } from '../vm/service.ts';

/** Are two texts the same? */
export function sameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  if (a.length > LONG) work(Cycles.byte * a.length);
  return a === b;
}

/** Shorter texts are compared as part of what is counted anyway. */
const LONG = 64;

/** Up to this product of the lengths JavaScript's own search is quick enough. */
const QUICK = 1 << 20;
/** A step of the method below, in comparisons of bytes. */
const SLOW = 8;

/** Where `wanted` begins in `text`, at `from` or behind it; -1 when it is nowhere. */
export function findText(text: string, wanted: string, from = 0): number {
  const at = (text.length - from) * wanted.length <= QUICK ? text.indexOf(wanted, from) : search(text, wanted, from, 1);
  work(Cycles.byte * ((at < 0 ? text.length : at) - Math.min(from, text.length)));
  return at;
}

/** As `findText`, the last place that begins at `from` or before it. */
export function findTextBack(text: string, wanted: string, from = text.length): number {
  const at =
    from * wanted.length <= QUICK ? text.lastIndexOf(wanted, from) : search(text, wanted, Math.min(text.length, from + wanted.length), -1);
  work(Cycles.byte * (Math.min(from, text.length) - Math.max(at, 0)));
  return at;
}

/**
 * Knuth, Morris and Pratt's method, forwards from `from` or backwards from the character before it: after a mismatch it goes on with the longest
 * beginning of `wanted` that what was matched ends with.
 */
function search(text: string, wanted: string, from: number, step: 1 | -1): number {
  const { length } = wanted;
  work(SLOW * Cycles.byte * (text.length + length));
  const letter = (i: number) => wanted.charCodeAt(step === 1 ? i : length - 1 - i);
  const shorter = new Int32Array(length);
  for (let i = 1, matched = 0; i < length; i++) {
    while (matched > 0 && letter(i) !== letter(matched)) matched = shorter[matched - 1];
    if (letter(i) === letter(matched)) matched++;
    shorter[i] = matched;
  }
  const end = step === 1 ? text.length : -1;
  for (let at = step === 1 ? from : from - 1, matched = 0; at !== end; at += step) {
    const character = text.charCodeAt(at);
    while (matched > 0 && character !== letter(matched)) matched = shorter[matched - 1];
    if (character === letter(matched)) matched++;
    if (matched === length) return step === 1 ? at - length + 1 : at;
  }
  return -1;
}
