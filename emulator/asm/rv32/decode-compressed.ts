/** The 16-bit instructions: The RISC-V Instruction Set Manual, volume I, chapter on the extension C, for 32-bit registers. */
import { branch, illegal, into, jump, jumpRegister, load, store } from './decode.ts';
import { type Decoded, Kind, type Rv32Machine } from './machine.ts';
import { RA, SP } from './state.ts';

const WORD = 2;

export function decodeCompressed(m: Rv32Machine, pc: number, h: number): Decoded {
  const { r } = m;
  const funct3 = h >>> 13;
  const rd = (h >>> 7) & 31;
  const rdWindow = 8 + ((h >>> 2) & 7);
  const rsWindow = 8 + ((h >>> 7) & 7);
  /** Six bits with sign. */
  const immediate = (h & 0x1000 ? -32 : 0) | ((h >>> 2) & 31);
  const amount = ((h >>> 7) & 32) | ((h >>> 2) & 31);
  const wordOffset = ((h >>> 7) & 0x38) | ((h >>> 4) & 0x04) | ((h << 1) & 0x40);
  switch ((h & 3) * 8 + funct3) {
    case 0: {
      const offset = ((h >>> 7) & 0x30) | ((h >>> 1) & 0x3c0) | ((h >>> 4) & 0x04) | ((h >>> 2) & 0x08);
      return offset === 0 ? illegal(h, 2) : into(r, rdWindow, () => r[SP] + offset, 2);
    }
    case 2:
      return load(m, WORD, rdWindow, rsWindow, wordOffset, 2);
    case 6:
      return store(m, WORD, rsWindow, rdWindow, wordOffset, 2);
    case 8:
      return into(r, rd, () => r[rd] + immediate, 2);
    case 9:
      return jump(m, (pc + jumpOffset(h)) | 0, RA, (pc + 2) | 0, 2);
    case 10:
      return into(r, rd, () => immediate, 2);
    case 11: {
      if (rd === SP) {
        const offset = ((h & 0x1000 ? -1 : 0) << 9) | ((h >>> 2) & 0x10) | ((h << 1) & 0x40) | ((h << 4) & 0x180) | ((h << 3) & 0x20);
        return offset === 0 ? illegal(h, 2) : into(r, SP, () => r[SP] + offset, 2);
      }
      return immediate === 0 ? illegal(h, 2) : into(r, rd, () => immediate << 12, 2);
    }
    case 12:
      return arithmetic(m, h, rsWindow, rdWindow, immediate, amount);
    case 13:
      return jump(m, (pc + jumpOffset(h)) | 0, 0, 0, 2);
    case 14:
    case 15: {
      const offset = ((h & 0x1000 ? -1 : 0) << 8) | ((h >>> 7) & 0x18) | ((h << 1) & 0xc0) | ((h >>> 2) & 0x06) | ((h << 3) & 0x20);
      return branch(m, funct3 === 6 ? 0 : 1, rsWindow, 0, (pc + offset) | 0, 2);
    }
    case 16:
      return amount > 31 ? illegal(h, 2) : into(r, rd, () => r[rd] << amount, 2);
    case 18:
      return rd === 0 ? illegal(h, 2) : load(m, WORD, rd, SP, ((h >>> 7) & 0x20) | ((h >>> 2) & 0x1c) | ((h << 4) & 0xc0), 2);
    case 20: {
      const rs2 = (h >>> 2) & 31;
      const add = (h & 0x1000) !== 0;
      if (rs2 !== 0) return add ? into(r, rd, () => r[rd] + r[rs2], 2) : into(r, rd, () => r[rs2], 2);
      if (rd === 0) return add ? { run: () => m.requestStop('bkpt'), size: 2, cycles: 1, kind: Kind.Ends } : illegal(h, 2);
      return jumpRegister(m, rd, 0, add ? RA : 0, (pc + 2) | 0, 2);
    }
    case 22:
      return store(m, WORD, SP, (h >>> 2) & 31, ((h >>> 7) & 0x3c) | ((h >>> 1) & 0xc0), 2);
    default:
      return illegal(h, 2);
  }
}

function jumpOffset(h: number): number {
  return (
    ((h & 0x1000 ? -1 : 0) << 11) |
    ((h >>> 7) & 0x10) |
    ((h >>> 1) & 0x300) |
    ((h << 2) & 0x400) |
    ((h >>> 1) & 0x40) |
    ((h << 1) & 0x80) |
    ((h >>> 2) & 0x0e) |
    ((h << 3) & 0x20)
  );
}

function arithmetic({ r }: Rv32Machine, h: number, rd: number, rs2: number, immediate: number, amount: number): Decoded {
  switch ((h >>> 10) & 3) {
    case 0:
      return amount > 31 ? illegal(h, 2) : into(r, rd, () => r[rd] >>> amount, 2);
    case 1:
      return amount > 31 ? illegal(h, 2) : into(r, rd, () => r[rd] >> amount, 2);
    case 2:
      return into(r, rd, () => r[rd] & immediate, 2);
    default:
      if (h & 0x1000) return illegal(h, 2);
      switch ((h >>> 5) & 3) {
        case 0:
          return into(r, rd, () => r[rd] - r[rs2], 2);
        case 1:
          return into(r, rd, () => r[rd] ^ r[rs2], 2);
        case 2:
          return into(r, rd, () => r[rd] | r[rs2], 2);
        default:
          return into(r, rd, () => r[rd] & r[rs2], 2);
      }
  }
}
