/** MOVS, STOS, LODS, CMPS and SCAS, once or repeated; upwards only: compilers never set the direction flag. */
import { Alu, NARROW, WIDE } from './arithmetic.ts';
import type { Instruction } from './instruction.ts';
import type { X64Decoded, X64Machine } from './machine.ts';
import { addressOf, getter, type MemoryOperand, type Size, setter } from './operands.ts';
import { CYCLES, FIRST, RAX, RCX, RDI, RESULT, RSI, SECOND } from './state.ts';

const at = (base: number): MemoryOperand => ({ kind: 'memory', base, index: -1, scale: 0, displacement: 0 });

export function stringInstruction(i: Instruction): X64Decoded {
  const { machine: m, opcode: op, repeat } = i;
  const { r } = m;
  const size = i.operandSize((op & 1) === 0);
  const { step, compares } = single(m, op, size);
  if (repeat === 'none') return i.done(step, { cycles: 2, ...(compares ? { setsFlags: true } : {}) });
  // With a comparison: repeats while it holds, F3, or does not, F2.
  const goesOn = (): boolean => !compares || ((r[RESULT] | r[RESULT + 1]) === 0) === (repeat === 'f3');
  return i.done(
    () => {
      while ((r[RCX] | r[RCX + 1]) !== 0) {
        step();
        r[CYCLES]++;
        if (r[RCX]-- === 0) r[RCX + 1]--;
        if (!goesOn()) break;
      }
    },
    { cycles: 2 },
  );
}

function single(m: X64Machine, op: number, size: Size): { step: () => void; compares: boolean } {
  const { r, bus } = m;
  const bytes = size / 8;
  const advance = (...registers: readonly number[]): void => {
    for (const register of registers) r[register] += bytes;
  };
  const source = addressOf(m, at(RSI));
  const target = addressOf(m, at(RDI));
  const wide = size === 64;
  const accumulator = { kind: 'register', index: RAX, high: false } as const;
  switch (op & ~1) {
    case 0xa4: {
      const move = wide
        ? () => {
            bus.readPair(source(), r, FIRST);
            bus.writePair(target(), r[FIRST], r[FIRST + 1]);
          }
        : transfer(getter(m, at(RSI), size), setter(m, at(RDI), size));
      return {
        step: () => {
          move();
          advance(RSI, RDI);
        },
        compares: false,
      };
    }
    case 0xaa: {
      const put = wide
        ? () => bus.writePair(target(), r[RAX], r[RAX + 1])
        : transfer(getter(m, accumulator, size), setter(m, at(RDI), size));
      return {
        step: () => {
          put();
          advance(RDI);
        },
        compares: false,
      };
    }
    case 0xac: {
      const get = wide ? () => bus.readPair(source(), r, RAX) : transfer(getter(m, at(RSI), size), setter(m, accumulator, size));
      return {
        step: () => {
          get();
          advance(RSI);
        },
        compares: false,
      };
    }
    case 0xa6: {
      const compare = wide ? WIDE[Alu.Cmp](r, FIRST, SECOND) : narrowCompare(m, at(RSI), at(RDI), size);
      return {
        step: () => {
          if (wide) {
            bus.readPair(source(), r, FIRST);
            bus.readPair(target(), r, SECOND);
          }
          compare();
          advance(RSI, RDI);
        },
        compares: true,
      };
    }
    default: {
      const compare = wide ? WIDE[Alu.Cmp](r, RAX, SECOND) : narrowCompare(m, accumulator, at(RDI), size);
      return {
        step: () => {
          if (wide) bus.readPair(target(), r, SECOND);
          compare();
          advance(RDI);
        },
        compares: true,
      };
    }
  }
}

const transfer = (get: () => number, set: (value: number) => void) => (): void => set(get());

function narrowCompare(m: X64Machine, first: Parameters<typeof getter>[1], second: MemoryOperand, size: Size): () => void {
  const a = getter(m, first, size);
  const b = getter(m, second, size);
  const compare = NARROW[Alu.Cmp](m.r, 32 - size);
  return () => void compare(a(), b());
}
