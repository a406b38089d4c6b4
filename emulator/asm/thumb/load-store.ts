/** Loads and stores of one register, of two, exclusive ones, and table branches: ARMv7-M Architecture Reference Manual, A5.3.6 to A5.3.10. */

import { requireAligned, undefinedInstruction } from './decode16.ts';
import { type Decoded, Kind, type ThumbMachine } from './decoded.ts';
import { CYCLES, PC } from './state.ts';

/** A register offset costs a store its place in the write buffer's first cycle. */
const REGISTER_OFFSET_STORE = 1;

export function loadStoreSingle(m: ThumbMachine, pc: number, h1: number, h2: number): Decoded {
  const { r, timing } = m;
  const isLoad = (h1 & 0x10) !== 0;
  const size = (h1 >>> 5) & 3;
  const signed = (h1 & 0x0100) !== 0;
  const rn = h1 & 15;
  const rt = h2 >>> 12;
  if (size === 3 || (signed && size === 2) || (!isLoad && (signed || rn === PC))) return undefinedInstruction(4);
  // Loads of bytes and half-words to the PC are hints to preload.
  const preload = isLoad && rt === PC && size < 2;

  let address: () => number;
  let writeback: ((address: number) => void) | null = null;
  let registerOffset = false;
  if (rn === PC) {
    const literal = ((pc + 4) & ~3) + (h1 & 0x80 ? h2 & 0xfff : -(h2 & 0xfff));
    address = () => literal;
  } else if (h1 & 0x80) {
    const offset = h2 & 0xfff;
    address = () => (r[rn] + offset) | 0;
  } else if (h2 & 0x0800) {
    const offset = h2 & 0x0200 ? h2 & 0xff : -(h2 & 0xff);
    const preIndexed = (h2 & 0x0400) !== 0;
    const writes = (h2 & 0x0100) !== 0;
    if (!preIndexed && !writes) return undefinedInstruction(4);
    address = preIndexed ? () => (r[rn] + offset) | 0 : () => r[rn];
    if (writes) writeback = preIndexed ? at => void (r[rn] = at) : at => void (r[rn] = at + offset);
  } else {
    if (h2 & 0x07c0) return undefinedInstruction(4);
    const rm = h2 & 15;
    const amount = (h2 >>> 4) & 3;
    registerOffset = true;
    address = () => (r[rn] + (r[rm] << amount)) | 0;
  }
  if (preload) return { run: () => {}, size: 4, cycles: 1, kind: Kind.Plain };

  const transfer = isLoad ? loader(m, size, signed, rt) : storer(m, size, rt);
  const update = writeback;
  const run =
    update === null
      ? () => transfer(address())
      : () => {
          const at = address();
          // A load into its own base is refused by the manual, so the order does not matter for it.
          transfer(at);
          update(at);
        };
  if (isLoad) {
    if (rt === PC) return { run, size: 4, cycles: timing.load + timing.refill, kind: Kind.Branch };
    return { run, size: 4, cycles: timing.load, kind: Kind.Load, pipelines: update === null };
  }
  const cycles = timing.store + (registerOffset ? REGISTER_OFFSET_STORE : 0);
  return { run, size: 4, cycles, kind: Kind.Store, pipelines: update === null };
}

function loader({ r, bus }: ThumbMachine, size: number, signed: boolean, rt: number): (address: number) => void {
  if (rt === PC) return address => void (r[PC] = bus.read32(address) ^ 1);
  if (size === 2) return address => void (r[rt] = bus.read32(address));
  if (size === 1)
    return signed ? address => void (r[rt] = (bus.read16(address) << 16) >> 16) : address => void (r[rt] = bus.read16(address));
  return signed ? address => void (r[rt] = (bus.read8(address) << 24) >> 24) : address => void (r[rt] = bus.read8(address));
}

function storer({ r, bus }: ThumbMachine, size: number, rt: number): (address: number) => void {
  if (size === 2) return address => bus.write32(address, r[rt]);
  if (size === 1) return address => bus.write16(address, r[rt]);
  return address => bus.write8(address, r[rt]);
}

export function loadStoreDual(m: ThumbMachine, pc: number, h1: number, h2: number): Decoded {
  const { r, bus, timing } = m;
  const preIndexed = (h1 & 0x0100) !== 0;
  const writes = (h1 & 0x20) !== 0;
  if (!preIndexed && !writes) return exclusiveOrTable(m, pc, h1, h2);
  const isLoad = (h1 & 0x10) !== 0;
  const rn = h1 & 15;
  const first = h2 >>> 12;
  const second = (h2 >>> 8) & 15;
  const offset = (h1 & 0x80 ? 1 : -1) * ((h2 & 0xff) << 2);
  const literal = (pc + 4) & ~3;
  if (rn === PC && (!isLoad || writes)) return undefinedInstruction(4);
  const run = (): void => {
    const base = rn === PC ? literal : r[rn];
    const moved = (base + offset) | 0;
    const address = preIndexed ? moved : base;
    requireAligned(address);
    if (isLoad) {
      const value = bus.read32(address);
      r[second] = bus.read32((address + 4) | 0);
      r[first] = value;
    } else {
      bus.write32(address, r[first]);
      bus.write32((address + 4) | 0, r[second]);
    }
    if (writes) r[rn] = moved;
  };
  return { run, size: 4, cycles: timing.multiple + 2, kind: isLoad ? Kind.Load : Kind.Store };
}

function exclusiveOrTable(m: ThumbMachine, pc: number, h1: number, h2: number): Decoded {
  const { r, bus, timing, system } = m;
  const rn = h1 & 15;
  const rt = h2 >>> 12;
  const op = (h1 >>> 4) & 15;
  const load = (run: () => void): Decoded => ({ run, size: 4, cycles: timing.load, kind: Kind.Load });
  const store = (run: () => void): Decoded => ({ run, size: 4, cycles: 2, kind: Kind.Store });
  /** Stores when the monitor still holds the address; `rd` gets 0 then, else 1. */
  const storeExclusive = (rd: number, address: () => number, write: (at: number) => void, align: number): Decoded =>
    store(() => {
      const at = address();
      if (at & align) requireAligned(1);
      if (system.exclusive === at >>> 0) {
        write(at);
        r[rd] = 0;
      } else r[rd] = 1;
      system.exclusive = -1;
    });
  const loadExclusive = (address: () => number, read: (at: number) => number, align: number): Decoded =>
    load(() => {
      const at = address();
      if (at & align) requireAligned(1);
      r[rt] = read(at);
      system.exclusive = at >>> 0;
    });

  if (op === 4 || op === 5) {
    const offset = (h2 & 0xff) << 2;
    const address = (): number => (r[rn] + offset) | 0;
    if (op === 5) return loadExclusive(address, at => bus.read32(at), 3);
    return storeExclusive((h2 >>> 8) & 15, address, at => bus.write32(at, r[rt]), 3);
  }
  const address = (): number => r[rn];
  const form = (h2 >>> 4) & 15;
  if (op === 12) {
    const rd = h2 & 15;
    if (form === 4) return storeExclusive(rd, address, at => bus.write8(at, r[rt]), 0);
    if (form === 5) return storeExclusive(rd, address, at => bus.write16(at, r[rt]), 1);
    return undefinedInstruction(4);
  }
  if (op !== 13) return undefinedInstruction(4);
  if (form === 4) return loadExclusive(address, at => bus.read8(at), 0);
  if (form === 5) return loadExclusive(address, at => bus.read16(at), 1);
  if (form > 1) return undefinedInstruction(4);
  // TBB, TBH: a table of forward offsets in half-words.
  const rm = h2 & 15;
  const here = pc + 4;
  const half = form === 1;
  const run = (): void => {
    const base = rn === PC ? here : r[rn];
    const halfwords = half ? bus.read16((base + (r[rm] << 1)) | 0) : bus.read8((base + r[rm]) | 0);
    r[PC] = here + 2 * halfwords;
    r[CYCLES] += timing.refill;
  };
  return { run, size: 4, cycles: timing.load, kind: Kind.Branch };
}
