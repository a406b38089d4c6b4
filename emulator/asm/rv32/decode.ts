/** The 32-bit instructions of RV32IMA, Zicsr, Zifencei, Zba and Zbb: The RISC-V Instruction Set Manual, volume I. */
import { multiplyHighSigned, multiplyHighUnsigned } from '../thumb/multiply.ts';
import { decodeAtomic } from './atomic.ts';
import { type Decoded, Kind, type Rv32Machine } from './machine.ts';
import { CYCLES, NEXT } from './state.ts';
import { Cause, Rv32Trap } from './trap.ts';

export function plain(run: () => void, size = 4): Decoded {
  return { run, size, cycles: 1, kind: Kind.Plain };
}

export function illegal(word: number, size: number): Decoded {
  const run = (): void => {
    throw new Rv32Trap(Cause.IllegalInstruction, word);
  };
  return { run, size, cycles: 1, kind: Kind.Branch };
}

/** A computation into `rd`; x0 takes nothing. */
export function into(r: Int32Array, rd: number, compute: () => number, size = 4, cycles = 1): Decoded {
  return { run: rd === 0 ? () => {} : () => void (r[rd] = compute()), size, cycles, kind: Kind.Plain };
}

export function decode(m: Rv32Machine, pc: number, word: number): Decoded {
  const { r } = m;
  const rd = (word >>> 7) & 31;
  const rs1 = (word >>> 15) & 31;
  const rs2 = (word >>> 20) & 31;
  const funct3 = (word >>> 12) & 7;
  switch (word & 0x7f) {
    case 0x37: {
      const value = word & 0xfffff000;
      return into(r, rd, () => value);
    }
    case 0x17: {
      const value = (pc + (word & 0xfffff000)) | 0;
      return into(r, rd, () => value);
    }
    case 0x6f: {
      const offset = ((word >> 11) & -0x100000) | (word & 0xff000) | ((word >>> 9) & 0x800) | ((word >>> 20) & 0x7fe);
      return jump(m, (pc + offset) | 0, rd, (pc + 4) | 0, 4);
    }
    case 0x67:
      return funct3 === 0 ? jumpRegister(m, rs1, word >> 20, rd, (pc + 4) | 0, 4) : illegal(word, 4);
    case 0x63: {
      const offset = ((word >> 19) & -0x1000) | ((word << 4) & 0x800) | ((word >>> 20) & 0x7e0) | ((word >>> 7) & 0x1e);
      return funct3 === 2 || funct3 === 3 ? illegal(word, 4) : branch(m, funct3, rs1, rs2, (pc + offset) | 0, 4);
    }
    case 0x03:
      return funct3 === 3 || funct3 > 5 ? illegal(word, 4) : load(m, funct3, rd, rs1, word >> 20, 4);
    case 0x23:
      return funct3 > 2 ? illegal(word, 4) : store(m, funct3, rs1, rs2, ((word >> 20) & ~31) | ((word >>> 7) & 31), 4);
    case 0x13:
      return immediate(m, word, rd, rs1, funct3);
    case 0x33:
      return register(m, word, rd, rs1, rs2, funct3);
    case 0x0f:
      if (funct3 === 0) return plain(() => {});
      return funct3 === 1 ? { run: () => {}, size: 4, cycles: 1 + m.timing.refill, kind: Kind.Ends } : illegal(word, 4);
    case 0x2f:
      return m.extensions.a && funct3 === 2 ? decodeAtomic(m, word, rd, rs1, rs2) : illegal(word, 4);
    case 0x73:
      return system(m, word, rd, rs1, funct3);
    default:
      return illegal(word, 4);
  }
}

export function jump({ r, timing }: Rv32Machine, target: number, rd: number, link: number, size: number): Decoded {
  const run =
    rd === 0
      ? () => void (r[NEXT] = target)
      : () => {
          r[rd] = link;
          r[NEXT] = target;
        };
  return { run, size, cycles: 1 + timing.refill, kind: Kind.Branch };
}

export function jumpRegister({ r, timing }: Rv32Machine, rs1: number, offset: number, rd: number, link: number, size: number): Decoded {
  const run = (): void => {
    const target = (r[rs1] + offset) & ~1;
    if (rd !== 0) r[rd] = link;
    r[NEXT] = target;
  };
  return { run, size, cycles: 1 + timing.refill, kind: Kind.Branch };
}

export function branch({ r, timing }: Rv32Machine, funct3: number, rs1: number, rs2: number, target: number, size: number): Decoded {
  const { refill } = timing;
  const take = (): void => {
    r[NEXT] = target;
    r[CYCLES] += refill;
  };
  const handlers: Record<number, () => void> = {
    0: () => {
      if (r[rs1] === r[rs2]) take();
    },
    1: () => {
      if (r[rs1] !== r[rs2]) take();
    },
    4: () => {
      if (r[rs1] < r[rs2]) take();
    },
    5: () => {
      if (r[rs1] >= r[rs2]) take();
    },
    6: () => {
      if (r[rs1] >>> 0 < r[rs2] >>> 0) take();
    },
    7: () => {
      if (r[rs1] >>> 0 >= r[rs2] >>> 0) take();
    },
  };
  return { run: handlers[funct3], size, cycles: 1, kind: Kind.Branch };
}

export function load({ r, bus, timing }: Rv32Machine, funct3: number, rd: number, rs1: number, offset: number, size: number): Decoded {
  const at = (): number => (r[rs1] + offset) | 0;
  const readers: readonly (() => number)[] = [
    () => (bus.read8(at()) << 24) >> 24,
    () => (bus.read16(at()) << 16) >> 16,
    () => bus.read32(at()),
    () => 0,
    () => bus.read8(at()),
    () => bus.read16(at()),
  ];
  const read = readers[funct3];
  const run = rd === 0 ? () => void read() : () => void (r[rd] = read());
  return { run, size, cycles: timing.load, kind: Kind.Load };
}

export function store({ r, bus, timing }: Rv32Machine, funct3: number, rs1: number, rs2: number, offset: number, size: number): Decoded {
  const writers: readonly (() => void)[] = [
    () => bus.write8((r[rs1] + offset) | 0, r[rs2]),
    () => bus.write16((r[rs1] + offset) | 0, r[rs2]),
    () => bus.write32((r[rs1] + offset) | 0, r[rs2]),
  ];
  return { run: writers[funct3], size, cycles: timing.store, kind: Kind.Store };
}

function immediate({ r, extensions }: Rv32Machine, word: number, rd: number, rs1: number, funct3: number): Decoded {
  const value = word >> 20;
  const amount = value & 31;
  const funct7 = word >>> 25;
  switch (funct3) {
    case 0:
      return into(r, rd, () => r[rs1] + value);
    case 2:
      return into(r, rd, () => (r[rs1] < value ? 1 : 0));
    case 3:
      return into(r, rd, () => (r[rs1] >>> 0 < value >>> 0 ? 1 : 0));
    case 4:
      return into(r, rd, () => r[rs1] ^ value);
    case 6:
      return into(r, rd, () => r[rs1] | value);
    case 7:
      return into(r, rd, () => r[rs1] & value);
    case 1:
      if (funct7 === 0) return into(r, rd, () => r[rs1] << amount);
      if (extensions.zbb && funct7 === 0x30) {
        if (amount === 0) return into(r, rd, () => Math.clz32(r[rs1]));
        if (amount === 1) return into(r, rd, () => (r[rs1] === 0 ? 32 : 31 - Math.clz32(r[rs1] & -r[rs1])));
        if (amount === 2) return into(r, rd, () => countBits(r[rs1]));
        if (amount === 4) return into(r, rd, () => (r[rs1] << 24) >> 24);
        if (amount === 5) return into(r, rd, () => (r[rs1] << 16) >> 16);
      }
      return illegal(word, 4);
    default:
      if (funct7 === 0) return into(r, rd, () => r[rs1] >>> amount);
      if (funct7 === 0x20) return into(r, rd, () => r[rs1] >> amount);
      if (extensions.zbb) {
        if (funct7 === 0x30) return into(r, rd, () => (r[rs1] >>> amount) | (amount === 0 ? 0 : r[rs1] << (32 - amount)));
        if (value === 0x287) return into(r, rd, () => orCombine(r[rs1]));
        if (value === 0x698) return into(r, rd, () => swapBytes(r[rs1]));
      }
      return illegal(word, 4);
  }
}

function countBits(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
function orCombine(value: number): number {
  let result = 0;
  for (let i = 0; i < 32; i += 8) if ((value >>> i) & 0xff) result |= 0xff << i;
  return result;
}
function swapBytes(v: number): number {
  return (v << 24) | ((v & 0xff00) << 8) | ((v >>> 8) & 0xff00) | (v >>> 24);
}

function register({ r, timing, extensions }: Rv32Machine, word: number, rd: number, rs1: number, rs2: number, funct3: number): Decoded {
  switch (word >>> 25) {
    case 0:
      switch (funct3) {
        case 0:
          return into(r, rd, () => r[rs1] + r[rs2]);
        case 1:
          return into(r, rd, () => r[rs1] << (r[rs2] & 31));
        case 2:
          return into(r, rd, () => (r[rs1] < r[rs2] ? 1 : 0));
        case 3:
          return into(r, rd, () => (r[rs1] >>> 0 < r[rs2] >>> 0 ? 1 : 0));
        case 4:
          return into(r, rd, () => r[rs1] ^ r[rs2]);
        case 5:
          return into(r, rd, () => r[rs1] >>> (r[rs2] & 31));
        case 6:
          return into(r, rd, () => r[rs1] | r[rs2]);
        default:
          return into(r, rd, () => r[rs1] & r[rs2]);
      }
    case 0x20:
      if (funct3 === 0) return into(r, rd, () => r[rs1] - r[rs2]);
      if (funct3 === 5) return into(r, rd, () => r[rs1] >> (r[rs2] & 31));
      if (extensions.zbb) {
        if (funct3 === 4) return into(r, rd, () => ~(r[rs1] ^ r[rs2]));
        if (funct3 === 6) return into(r, rd, () => r[rs1] | ~r[rs2]);
        if (funct3 === 7) return into(r, rd, () => r[rs1] & ~r[rs2]);
      }
      return illegal(word, 4);
    case 1:
      return multiplyDivide(r, rd, rs1, rs2, funct3, funct3 < 4 ? timing.multiply : timing.divide);
    case 0x10:
      if (!extensions.zba || funct3 % 2 === 1 || funct3 === 0) return illegal(word, 4);
      return into(r, rd, () => (r[rs1] << (funct3 >> 1)) + r[rs2]);
    case 0x05:
      if (!extensions.zbb) return illegal(word, 4);
      if (funct3 === 4) return into(r, rd, () => Math.min(r[rs1], r[rs2]));
      if (funct3 === 5) return into(r, rd, () => Math.min(r[rs1] >>> 0, r[rs2] >>> 0));
      if (funct3 === 6) return into(r, rd, () => Math.max(r[rs1], r[rs2]));
      return funct3 === 7 ? into(r, rd, () => Math.max(r[rs1] >>> 0, r[rs2] >>> 0)) : illegal(word, 4);
    case 0x30:
      if (!extensions.zbb) return illegal(word, 4);
      if (funct3 === 1) return into(r, rd, () => rotateRight(r[rs1], -r[rs2]));
      return funct3 === 5 ? into(r, rd, () => rotateRight(r[rs1], r[rs2])) : illegal(word, 4);
    case 0x04:
      return extensions.zbb && funct3 === 4 && rs2 === 0 ? into(r, rd, () => r[rs1] & 0xffff) : illegal(word, 4);
    default:
      return illegal(word, 4);
  }
}

function rotateRight(value: number, amount: number): number {
  const n = amount & 31;
  return n === 0 ? value : (value >>> n) | (value << (32 - n));
}

/** Division by zero and overflow have defined results instead of traps. */
function multiplyDivide(r: Int32Array, rd: number, rs1: number, rs2: number, funct3: number, cycles: number): Decoded {
  const operations: readonly (() => number)[] = [
    () => Math.imul(r[rs1], r[rs2]),
    () => multiplyHighSigned(r[rs1], r[rs2]),
    () => multiplyHighUnsigned(r[rs1], r[rs2]) - (r[rs1] < 0 ? r[rs2] : 0),
    () => multiplyHighUnsigned(r[rs1], r[rs2]),
    () => (r[rs2] === 0 ? -1 : (r[rs1] / r[rs2]) | 0),
    () => (r[rs2] === 0 ? -1 : ((r[rs1] >>> 0) / (r[rs2] >>> 0)) | 0),
    () => (r[rs2] === 0 ? r[rs1] : r[rs1] % r[rs2]),
    () => (r[rs2] === 0 ? r[rs1] : (r[rs1] >>> 0) % (r[rs2] >>> 0)),
  ];
  return into(r, rd, operations[funct3], 4, cycles);
}

function system(m: Rv32Machine, word: number, rd: number, rs1: number, funct3: number): Decoded {
  const { r } = m;
  const csr = word >>> 20;
  if (funct3 === 0) {
    if (word === 0x00000073) return { run: () => m.requestStop('svc'), size: 4, cycles: 1, kind: Kind.Ends };
    if (word === 0x00100073) return { run: () => m.requestStop('bkpt'), size: 4, cycles: 1, kind: Kind.Ends };
    if (word === 0x10500073) return { run: () => m.requestStop('wfi'), size: 4, cycles: 1, kind: Kind.Ends };
    return illegal(word, 4);
  }
  if (funct3 === 4) return illegal(word, 4);
  const operand = funct3 & 4 ? () => rs1 : () => r[rs1];
  const writes = (funct3 & 3) === 1 || rs1 !== 0;
  const combine: Record<number, (old: number, value: number) => number> = {
    1: (_old, value) => value,
    2: (old, value) => old | value,
    3: (old, value) => old & ~value,
  };
  const compute = combine[funct3 & 3];
  const run = (): void => {
    // Writing without reading (CSRRW to x0) may skip the read; reading has no side effects here.
    const old = m.readCsr(csr);
    const value = operand();
    if (writes) m.writeCsr(csr, compute(old, value));
    if (rd !== 0) r[rd] = old;
  };
  return { run, size: 4, cycles: 1, kind: Kind.Plain };
}
