/**
 * Floating-point numbers in the SSE registers, and moves of sixteen bytes (SSE and SSE2), as far as compilers use them for scalar code. The names of the tables
 * are those of the manual: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
 */
import { comparisonFlags } from './arithmetic.ts';
import type { Instruction } from './instruction.ts';
import type { X64Decoded } from './machine.ts';
import { addressOf, getter, pairOf, type Size, setter } from './operands.ts';
import { FIRST } from './state.ts';

const f = Math.fround;
const chosen = (first: boolean, a: number, b: number): number => (first ? a : b);

const ARITHMETIC: Record<number, (a: number, b: number) => number> = {
  81: (_a, b) => Math.sqrt(b),
  88: (a, b) => a + b,
  89: (a, b) => a * b,
  92: (a, b) => a - b,
  // Of two zeros, and of a number and none, the second one is the result.
  93: (a, b) => chosen(a < b, a, b),
  94: (a, b) => a / b,
  95: (a, b) => chosen(a > b, a, b),
};

const LOGIC: Record<number, (a: number, b: number) => number> = {
  84: (a, b) => a & b,
  85: (a, b) => ~a & b,
  86: (a, b) => a | b,
  87: (a, b) => a ^ b,
  219: (a, b) => a & b,
  223: (a, b) => ~a & b,
  235: (a, b) => a | b,
  239: (a, b) => a ^ b,
};

/** Lanes of integers: how many bytes each has, and what is done with two of them. */
const LANES: Record<number, readonly [bytes: 1 | 2 | 4, (a: number, b: number) => number]> = {
  100: [1, (a, b) => (a > b ? -1 : 0)],
  101: [2, (a, b) => (a > b ? -1 : 0)],
  102: [4, (a, b) => (a > b ? -1 : 0)],
  116: [1, (a, b) => (a === b ? -1 : 0)],
  117: [2, (a, b) => (a === b ? -1 : 0)],
  118: [4, (a, b) => (a === b ? -1 : 0)],
  213: [2, (a, b) => a * b],
  218: [1, (a, b) => Math.min(a & 0xff, b & 0xff)],
  222: [1, (a, b) => Math.max(a & 0xff, b & 0xff)],
  234: [2, Math.min],
  238: [2, Math.max],
  248: [1, (a, b) => a - b],
  249: [2, (a, b) => a - b],
  250: [4, (a, b) => a - b],
  252: [1, (a, b) => a + b],
  253: [2, (a, b) => a + b],
  254: [4, (a, b) => a + b],
};

/** Interleaving of the lower or the upper lanes. */
const UNPACK: Record<number, readonly [bytes: 1 | 2 | 4 | 8, upper: boolean]> = {
  96: [1, false],
  97: [2, false],
  98: [4, false],
  104: [1, true],
  105: [2, true],
  106: [4, true],
  108: [8, false],
  109: [8, true],
};

const MOVES = new Set([0x10, 0x11, 0x28, 0x29, 0x6f, 0x7f]);

export function decodeSse(i: Instruction): X64Decoded {
  const op = i.opcode & 0xff;
  if (i.opcode >> 8 !== 0x0f) return i.notModelled();
  const { repeat } = i;
  const scalar = repeat !== 'none';
  const double = repeat === 'f2' || (repeat === 'none' && i.narrow);
  if (MOVES.has(op)) {
    i.readOperands();
    const integers = op === 0x6f || op === 0x7f;
    if (integers ? repeat === 'f2' || (repeat === 'none' && !i.narrow) : scalar && op >= 0x28) return i.notModelled();
    const stores = (op & 1) === 1 && op !== 0x6f;
    return scalar && !integers ? moveScalar(i, double, stores) : moveWhole(i, stores);
  }
  switch (op) {
    case 0x12:
    case 0x13:
    case 0x16:
    case 0x17:
      i.readOperands();
      return scalar ? i.notModelled() : moveHalf(i, op);
    case 0x14:
    case 0x15:
      i.readOperands();
      return scalar ? i.notModelled() : unpack(i, i.narrow ? 8 : 4, op === 0x15);
    case 0x2a:
      i.readOperands();
      return scalar ? fromInteger(i, double) : i.notModelled();
    case 0x2c:
    case 0x2d:
      i.readOperands();
      return scalar ? toInteger(i, double, op === 0x2c) : i.notModelled();
    case 0x2e:
    case 0x2f:
      i.readOperands();
      return scalar ? i.notModelled() : compareScalars(i, i.narrow);
    case 0x5a:
      i.readOperands();
      return scalar ? convertScalar(i, double) : convertPacked(i);
    case 0x6e:
    case 0x7e:
    case 0xd6:
      i.readOperands();
      return moveInteger(i, op);
    case 0x70:
      i.readOperands(1);
      return i.narrow && !scalar ? shuffle(i) : i.notModelled();
    case 0xc6:
      i.readOperands(1);
      return scalar ? i.notModelled() : shufflePacked(i, i.narrow);
    case 0x73:
    case 0x72:
      i.readOperands(1);
      return i.narrow && !scalar ? shiftLanes(i, op === 0x73) : i.notModelled();
    case 0xd4:
    case 0xfb:
      i.readOperands();
      return i.narrow && !scalar ? addWideLanes(i, op === 0xfb) : i.notModelled();
    case 0xd7:
      i.readOperands();
      return i.narrow && !scalar && i.memoryOperand === null ? moveMask(i) : i.notModelled();
  }
  if (ARITHMETIC[op] !== undefined) {
    i.readOperands();
    return scalar ? arithmeticScalar(i, double, ARITHMETIC[op]) : arithmeticPacked(i, double, ARITHMETIC[op]);
  }
  const integer = op >= 0x60;
  if (LOGIC[op] !== undefined && !scalar && (!integer || i.narrow)) {
    i.readOperands();
    return lanes(i, 4, LOGIC[op]);
  }
  if (LANES[op] !== undefined && !scalar && i.narrow) {
    i.readOperands();
    return lanes(i, ...LANES[op]);
  }
  if (UNPACK[op] !== undefined && !scalar && i.narrow) {
    i.readOperands();
    return unpack(i, ...UNPACK[op]);
  }
  return i.notModelled();
}

/** Reads the operand, a whole register or sixteen bytes of memory, into a copy. */
function reader(i: Instruction, to: Int32Array, bytes: 4 | 8 | 16 = 16): () => void {
  const { machine: m } = i;
  const { xmm, bus } = m;
  if (i.memoryOperand === null) {
    const from = 4 * i.second;
    const words = bytes / 4;
    return () => {
      for (let n = 0; n < words; n++) to[n] = xmm.words[from + n];
    };
  }
  const at = addressOf(m, i.memoryOperand);
  if (bytes === 4) return () => void (to[0] = bus.read32(at()));
  if (bytes === 8) return () => bus.readPair(at(), to, 0);
  return () => {
    const address = at();
    bus.readPair(address, to, 0);
    bus.readPair(address + 8, to, 2);
  };
}

class Scratch {
  readonly words = new Int32Array(4);
  readonly singles = new Float32Array(this.words.buffer);
  readonly doubles = new Float64Array(this.words.buffer);
  readonly bytes = new Uint8Array(this.words.buffer);
}

/** A number from the operand. */
function scalarReader(i: Instruction, double: boolean): () => number {
  const { xmm } = i.machine;
  if (i.memoryOperand === null) {
    const from = i.second;
    return double ? () => xmm.doubles[2 * from] : () => xmm.singles[4 * from];
  }
  const scratch = new Scratch();
  const read = reader(i, scratch.words, double ? 8 : 4);
  return () => {
    read();
    return double ? scratch.doubles[0] : scratch.singles[0];
  };
}

function scalarWriter(i: Instruction, double: boolean): (value: number) => void {
  const { xmm } = i.machine;
  const to = i.xmm;
  return double ? value => void (xmm.doubles[2 * to] = value) : value => void (xmm.singles[4 * to] = value);
}

// Moves

function moveScalar(i: Instruction, double: boolean, stores: boolean): X64Decoded {
  const { machine: m } = i;
  const { xmm, bus } = m;
  const words = double ? 2 : 1;
  const own = 4 * i.xmm;
  if (i.memoryOperand === null) {
    // Between registers the rest stays.
    const [to, from] = stores ? [4 * i.second, own] : [own, 4 * i.second];
    return i.done(() => {
      for (let n = 0; n < words; n++) xmm.words[to + n] = xmm.words[from + n];
    });
  }
  const at = addressOf(m, i.memoryOperand);
  if (stores) {
    return double ? i.done(() => bus.writePair(at(), xmm.words[own], xmm.words[own + 1])) : i.done(() => bus.write32(at(), xmm.words[own]));
  }
  return i.done(() => {
    if (double) bus.readPair(at(), xmm.words, own);
    else {
      xmm.words[own] = bus.read32(at());
      xmm.words[own + 1] = 0;
    }
    xmm.words[own + 2] = 0;
    xmm.words[own + 3] = 0;
  });
}

function moveWhole(i: Instruction, stores: boolean): X64Decoded {
  const { machine: m } = i;
  const { xmm, bus } = m;
  const own = 4 * i.xmm;
  if (i.memoryOperand === null) {
    const [to, from] = stores ? [4 * i.second, own] : [own, 4 * i.second];
    return i.done(() => void xmm.words.copyWithin(to, from, from + 4));
  }
  const at = addressOf(m, i.memoryOperand);
  if (stores)
    return i.done(() => {
      const address = at();
      bus.writePair(address, xmm.words[own], xmm.words[own + 1]);
      bus.writePair(address + 8, xmm.words[own + 2], xmm.words[own + 3]);
    });
  const scratch = new Scratch();
  const read = reader(i, scratch.words);
  return i.done(() => {
    read();
    xmm.words.set(scratch.words, own);
  });
}

/** MOVLPS, MOVHPS and the like: one half of the register and memory, or the other half of a register (MOVHLPS, MOVLHPS). */
function moveHalf(i: Instruction, op: number): X64Decoded {
  const { machine: m } = i;
  const { xmm, bus } = m;
  const half = 4 * i.xmm + (op >= 0x16 ? 2 : 0);
  if (i.memoryOperand === null) {
    if (op & 1) return i.notModelled();
    const from = 4 * i.second + (op === 0x12 ? 2 : 0);
    return i.done(() => void xmm.words.copyWithin(half, from, from + 2));
  }
  const at = addressOf(m, i.memoryOperand);
  if (op & 1) return i.done(() => bus.writePair(at(), xmm.words[half], xmm.words[half + 1]));
  return i.done(() => bus.readPair(at(), xmm.words, half));
}

/** MOVD and MOVQ */
function moveInteger(i: Instruction, op: number): X64Decoded {
  const { machine: m } = i;
  const { r, xmm, bus } = m;
  const own = 4 * i.xmm;
  if (op === 0xd6 || i.repeat === 'f3') {
    // Between two SSE registers, or memory.
    if (op === 0x6e || (op === 0xd6 && (!i.narrow || i.repeat !== 'none'))) return i.notModelled();
    const stores = op === 0xd6;
    if (i.memoryOperand === null) {
      const [to, from] = stores ? [4 * i.second, own] : [own, 4 * i.second];
      return i.done(() => {
        xmm.words[to] = xmm.words[from];
        xmm.words[to + 1] = xmm.words[from + 1];
        xmm.words[to + 2] = 0;
        xmm.words[to + 3] = 0;
      });
    }
    const at = addressOf(m, i.memoryOperand);
    if (stores) return i.done(() => bus.writePair(at(), xmm.words[own], xmm.words[own + 1]));
    return i.done(() => {
      bus.readPair(at(), xmm.words, own);
      xmm.words[own + 2] = 0;
      xmm.words[own + 3] = 0;
    });
  }
  if (!i.narrow || i.repeat !== 'none') return i.notModelled();
  const wide = (i.rex & 8) !== 0;
  if (op === 0x6e) {
    const pair = wide ? pairOf(m, i.operand(64), FIRST) : null;
    const get = wide ? () => 0 : getter(m, i.operand(32), 32);
    return i.done(() => {
      pair?.load?.();
      xmm.words[own] = pair === null ? get() : r[pair.index];
      xmm.words[own + 1] = pair === null ? 0 : r[pair.index + 1];
      xmm.words[own + 2] = 0;
      xmm.words[own + 3] = 0;
    });
  }
  if (!wide) {
    const set = setter(m, i.operand(32), 32);
    return i.done(() => set(xmm.words[own]));
  }
  const pair = pairOf(m, i.operand(64), FIRST);
  return i.done(() => {
    r[pair.index] = xmm.words[own];
    r[pair.index + 1] = xmm.words[own + 1];
    pair.store?.();
  });
}

// Numbers

function arithmeticScalar(i: Instruction, double: boolean, compute: (a: number, b: number) => number): X64Decoded {
  const { xmm } = i.machine;
  const at = i.xmm;
  const read = scalarReader(i, double);
  const write = scalarWriter(i, double);
  const own = double ? () => xmm.doubles[2 * at] : () => xmm.singles[4 * at];
  return i.done(() => write(compute(own(), read())), { cycles: 4 });
}

function arithmeticPacked(i: Instruction, double: boolean, compute: (a: number, b: number) => number): X64Decoded {
  const { xmm } = i.machine;
  const scratch = new Scratch();
  const read = reader(i, scratch.words);
  const count = double ? 2 : 4;
  const registers = double ? xmm.doubles : xmm.singles;
  const operands = double ? scratch.doubles : scratch.singles;
  const at = count * i.xmm;
  return i.done(
    () => {
      read();
      for (let n = 0; n < count; n++) registers[at + n] = compute(registers[at + n], operands[n]);
    },
    { cycles: 4 },
  );
}

/** UCOMISS, COMISS and those of doubles. */
function compareScalars(i: Instruction, double: boolean): X64Decoded {
  const { r, xmm } = i.machine;
  const at = i.xmm;
  const read = scalarReader(i, double);
  const own = double ? () => xmm.doubles[2 * at] : () => xmm.singles[4 * at];
  const run = (): void => {
    const a = own();
    const b = read();
    const unordered = Number.isNaN(a) || Number.isNaN(b);
    comparisonFlags(r, unordered || a === b, unordered, unordered || a < b);
  };
  return i.done(run, { setsFlags: true });
}

function convertScalar(i: Instruction, fromDouble: boolean): X64Decoded {
  const read = scalarReader(i, fromDouble);
  const write = scalarWriter(i, !fromDouble);
  return i.done(() => write(fromDouble ? f(read()) : read()), { cycles: 4 });
}

/** CVTPS2PD and CVTPD2PS */
function convertPacked(i: Instruction): X64Decoded {
  const { xmm } = i.machine;
  const fromDouble = i.narrow;
  const scratch = new Scratch();
  const read = reader(i, scratch.words, fromDouble ? 16 : 8);
  const at = i.xmm;
  return i.done(() => {
    read();
    if (fromDouble) {
      const [a, b] = scratch.doubles;
      xmm.doubles[2 * at + 1] = 0;
      xmm.singles[4 * at] = a;
      xmm.singles[4 * at + 1] = b;
    } else {
      const [a, b] = scratch.singles;
      xmm.doubles[2 * at] = a;
      xmm.doubles[2 * at + 1] = b;
    }
  });
}

function fromInteger(i: Instruction, double: boolean): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  const write = scalarWriter(i, double);
  if ((i.rex & 8) === 0) {
    const get = getter(m, i.operand(32), 32);
    return i.done(() => write(get()), { cycles: 4 });
  }
  const pair = pairOf(m, i.operand(64), FIRST);
  return i.done(
    () => {
      pair.load?.();
      const high = r[pair.index + 1];
      const low = r[pair.index] >>> 0;
      // The sum is rounded once, to a double; to a single it must not be rounded twice.
      write(double || Math.abs(high) < 0x200000 ? high * 4294967296 + low : Number((BigInt(high) << 32n) | BigInt(low)));
    },
    { cycles: 4 },
  );
}

/** To the nearest, of two the even one. */
function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** CVTTSD2SI and the like. What does not fit gives the lowest integer. */
function toInteger(i: Instruction, double: boolean, truncates: boolean): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  const read = scalarReader(i, double);
  const rounded = truncates ? Math.trunc : roundEven;
  if ((i.rex & 8) === 0) {
    const set = setter(m, i.fieldOperand(32), 32);
    return i.done(
      () => {
        const value = rounded(read());
        set(value >= -2147483648 && value <= 2147483647 ? value : -2147483648);
      },
      { cycles: 4 },
    );
  }
  const to = i.register;
  return i.done(
    () => {
      const value = rounded(read());
      const fits = value >= -(2 ** 63) && value < 2 ** 63;
      const high = fits ? Math.floor(value / 4294967296) : -2147483648;
      r[to] = fits ? value - high * 4294967296 : 0;
      r[to + 1] = high;
    },
    { cycles: 4 },
  );
}

// Lanes of integers

function lanes(i: Instruction, bytes: 1 | 2 | 4, compute: (a: number, b: number) => number): X64Decoded {
  const { xmm } = i.machine;
  const scratch = new Scratch();
  const read = reader(i, scratch.words);
  const view = (words: Int32Array): Int8Array | Int16Array | Int32Array =>
    bytes === 4 ? words : bytes === 2 ? new Int16Array(words.buffer) : new Int8Array(words.buffer);
  const registers = view(xmm.words);
  const operands = view(scratch.words);
  const count = 16 / bytes;
  const at = count * i.xmm;
  return i.done(() => {
    read();
    for (let n = 0; n < count; n++) registers[at + n] = compute(registers[at + n], operands[n]);
  });
}

function addWideLanes(i: Instruction, subtracts: boolean): X64Decoded {
  const { xmm } = i.machine;
  const scratch = new Scratch();
  const read = reader(i, scratch.words);
  const own = new BigInt64Array(xmm.words.buffer);
  const operands = new BigInt64Array(scratch.words.buffer);
  const at = 2 * i.xmm;
  return i.done(() => {
    read();
    for (let n = 0; n < 2; n++) own[at + n] = subtracts ? own[at + n] - operands[n] : own[at + n] + operands[n];
  });
}

function unpack(i: Instruction, bytes: number, upper: boolean): X64Decoded {
  const { xmm } = i.machine;
  const scratch = new Scratch();
  const read = reader(i, scratch.words);
  const at = 16 * i.xmm;
  const from = upper ? 8 : 0;
  return i.done(() => {
    read();
    const own = xmm.bytes.slice(at + from, at + from + 8);
    for (let n = 0, to = at; n < 8; n += bytes) {
      for (let b = 0; b < bytes; b++) xmm.bytes[to++] = own[n + b];
      for (let b = 0; b < bytes; b++) xmm.bytes[to++] = scratch.bytes[from + n + b];
    }
  });
}

/** PSHUFD */
function shuffle(i: Instruction): X64Decoded {
  const { xmm } = i.machine;
  const scratch = new Scratch();
  const read = reader(i, scratch.words);
  const order = i.unsigned8();
  const at = 4 * i.xmm;
  return i.done(() => {
    read();
    for (let n = 0; n < 4; n++) xmm.words[at + n] = scratch.words[(order >> (2 * n)) & 3];
  });
}

/** SHUFPS and SHUFPD: the lower half from the register itself, the upper from the operand. */
function shufflePacked(i: Instruction, double: boolean): X64Decoded {
  const { xmm } = i.machine;
  const scratch = new Scratch();
  const read = reader(i, scratch.words);
  const order = i.unsigned8();
  const at = 4 * i.xmm;
  return i.done(() => {
    read();
    const own = xmm.words.slice(at, at + 4);
    if (double) {
      for (let n = 0; n < 2; n++) {
        xmm.words[at + n] = own[2 * (order & 1) + n];
        xmm.words[at + 2 + n] = scratch.words[(order & 2) + n];
      }
      return;
    }
    for (let n = 0; n < 4; n++) xmm.words[at + n] = (n < 2 ? own : scratch.words)[(order >> (2 * n)) & 3];
  });
}

/** Shifts of lanes by a constant: PSRLD, PSRAD, PSLLD, PSRLQ, PSLLQ, and of the whole register by bytes, PSRLDQ, PSLLDQ. */
function shiftLanes(i: Instruction, wide: boolean): X64Decoded {
  const { xmm } = i.machine;
  const count = i.unsigned8();
  const operation = i.field;
  const at = i.second;
  if (i.memoryOperand !== null || operation < 2) return i.notModelled();
  if (!wide) {
    const shifts: Record<number, (a: number) => number> = {
      2: a => (count > 31 ? 0 : a >>> count),
      4: a => a >> Math.min(count, 31),
      6: a => (count > 31 ? 0 : a << count),
    };
    const shift = shifts[operation];
    if (shift === undefined) return i.notModelled();
    return i.done(() => {
      for (let n = 4 * at; n < 4 * at + 4; n++) xmm.words[n] = shift(xmm.words[n]);
    });
  }
  const quads = new BigUint64Array(xmm.words.buffer);
  const by = BigInt(count);
  switch (operation) {
    case 2:
      return i.done(() => {
        for (let n = 2 * at; n < 2 * at + 2; n++) quads[n] >>= by;
      });
    case 6:
      return i.done(() => {
        for (let n = 2 * at; n < 2 * at + 2; n++) quads[n] <<= by;
      });
    case 3:
    case 7: {
      const bytes = Math.min(count, 16);
      const left = operation === 7;
      return i.done(() => {
        const own = xmm.bytes.slice(16 * at, 16 * at + 16);
        for (let n = 0; n < 16; n++) xmm.bytes[16 * at + n] = own[left ? n - bytes : n + bytes] ?? 0;
      });
    }
    default:
      return i.notModelled();
  }
}

/** PMOVMSKB: the upper bits of all bytes. */
function moveMask(i: Instruction): X64Decoded {
  const { machine: m } = i;
  const from = 16 * i.second;
  const set = setter(m, i.fieldOperand(32 as Size), 32);
  return i.done(() => {
    let mask = 0;
    for (let n = 0; n < 16; n++) mask |= (m.xmm.bytes[from + n] >> 7) << n;
    set(mask);
  });
}
