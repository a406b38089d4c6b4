/** Addresses: every object can be given one (repr, id(), hash by identity). They are handed out in order, so that runs are repeatable. */
import type { MpObj, Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';

interface Addresses {
  next: number;
  readonly of: WeakMap<object, number>;
  readonly ofPrimitive: Map<Value, number>;
}
const KEY = Symbol('addresses');

/**
 * Where the first object lives: on the stock pyboard the heap starts at about 0x20002000. With 64-bit words it is behind the stack of machine code; addresses stay
 * within 32 bits, as those of a process can.
 */
const addresses = () =>
  vm.stateOf<Addresses>(KEY, () => ({ next: vm.wordSize === 4 ? 0x20002000 : WIDE_STACK_TOP, of: new WeakMap(), ofPrimitive: new Map() }));

/** The stack of machine code: at the end of a pyboard's RAM, where the firmware's stack is. Objects get no addresses there. */
export const NATIVE_STACK_BASE = 0x2001c000;
export const NATIVE_STACK_TOP = 0x20020000;
/** The same for 64-bit words: a process has more of it. */
export const WIDE_STACK_BASE = 0x20000000;
export const WIDE_STACK_TOP = 0x20040000;

/** Takes the next `bytes` bytes of addresses, whole blocks. */
function take(table: Addresses, bytes: number): number {
  const block = 4 * vm.wordSize;
  const size = Math.max(1, Math.ceil(bytes / block)) * block;
  if (vm.wordSize === 4 && table.next < NATIVE_STACK_TOP && table.next + size > NATIVE_STACK_BASE) table.next = NATIVE_STACK_TOP;
  const address = table.next;
  table.next += size;
  return address;
}

/** The object's address in bytes, the same each time it is asked for. */
export function addressOf(value: Value): number {
  const table = addresses();
  const isObject = typeof value === 'object' && value !== null;
  let address = isObject ? table.of.get(value as MpObj) : table.ofPrimitive.get(value);
  if (address === undefined) {
    address = take(table, 4 * vm.wordSize);
    if (isObject) table.of.set(value as MpObj, address);
    else table.ofPrimitive.set(value, address);
  }
  return address;
}

/** Hands out addresses for `bytes` bytes of memory. */
export function reserveAddresses(bytes: number): number {
  return take(addresses(), bytes);
}

/** None has no address: it is a word of its own. */
const NONE_WORD = 6;

/** The default hash: the word that stands for the object, its address. */
export function identityHash(value: Value): number {
  return value === null ? NONE_WORD : addressOf(value);
}

/** An address as repr shows it (`%p`). */
export function formatAddress(value: Value): string {
  return addressOf(value).toString(16);
}
