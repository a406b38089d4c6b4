/** LR.W, SC.W and the atomic memory operations. */
import { illegal } from './decode.ts';
import { type Decoded, Kind, type Rv32Machine } from './machine.ts';
import { Cause, Rv32Trap } from './trap.ts';

const OPERATIONS: Record<number, (old: number, value: number) => number> = {
  0: (old, value) => old + value,
  1: (_old, value) => value,
  4: (old, value) => old ^ value,
  8: (old, value) => old | value,
  12: (old, value) => old & value,
  16: (old, value) => Math.min(old, value),
  20: (old, value) => Math.max(old, value),
  24: (old, value) => Math.min(old >>> 0, value >>> 0),
  28: (old, value) => Math.max(old >>> 0, value >>> 0),
};

export function decodeAtomic(m: Rv32Machine, word: number, rd: number, rs1: number, rs2: number): Decoded {
  const { r, bus, timing } = m;
  const funct5 = word >>> 27;
  const address = (cause: Cause): number => {
    const at = r[rs1];
    if (at & 3) throw new Rv32Trap(cause, at);
    return at;
  };
  const memory = (run: () => void): Decoded => ({ run, size: 4, cycles: timing.load + timing.store, kind: Kind.Store });
  if (funct5 === 2) {
    if (rs2 !== 0) return illegal(word, 4);
    return memory(() => {
      const at = address(Cause.LoadMisaligned);
      const value = bus.read32(at);
      m.reservation = at;
      if (rd !== 0) r[rd] = value;
    });
  }
  if (funct5 === 3)
    return memory(() => {
      const at = address(Cause.StoreMisaligned);
      const holds = m.reservation === at;
      if (holds) bus.write32(at, r[rs2]);
      m.reservation = -1;
      if (rd !== 0) r[rd] = holds ? 0 : 1;
    });
  const operation = OPERATIONS[funct5];
  if (operation === undefined) return illegal(word, 4);
  return memory(() => {
    const at = address(Cause.StoreMisaligned);
    const old = bus.read32(at);
    bus.write32(at, operation(old, r[rs2]) | 0);
    if (rd !== 0) r[rd] = old;
  });
}
