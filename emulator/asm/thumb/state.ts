/**
 * Where the parts of the processor's state live in its register array.
 *
 * Everything is in one `Int32Array`, so that handlers touch no object fields and no number ever leaves 32 bits. N and Z are kept as the value they were
 * taken from (N is its sign, Z is "it is zero"), because most flag settings are never looked at.
 */
export const SP = 13;
export const LR = 14;
/** While a block runs: the address that follows it, until a branch puts its target there. */
export const PC = 15;
/** The sign of this value is the N flag. */
export const NV = 16;
/** The Z flag is set when this value is zero. */
export const ZV = 17;
/** 0 or 1. */
export const CF = 18;
/** 0 or 1. */
export const VF = 19;
/** Sticky saturation flag, 0 or 1. */
export const QF = 20;
/** The four GE flags, bit 0 is GE[0]. */
export const GE = 21;
/** Cycles spent in the current call of `run`. */
export const CYCLES = 22;
/** FPSCR without its flags N, Z, C, V. */
export const FPSCR = 23;
/** FPSCR's N, Z, C, V in bits 31 to 28. */
export const FPFLAGS = 24;
export const STATE_SIZE = 32;

/** The condition codes in the order of their encoding. */
export const CONDITIONS = ['eq', 'ne', 'cs', 'cc', 'mi', 'pl', 'vs', 'vc', 'hi', 'ls', 'ge', 'lt', 'gt', 'le', 'al', 'al'] as const;

/** Whether condition `cc` (0 to 15) holds. */
export function conditionHolds(r: Int32Array, cc: number): boolean {
  switch (cc) {
    case 0:
      return r[ZV] === 0;
    case 1:
      return r[ZV] !== 0;
    case 2:
      return r[CF] !== 0;
    case 3:
      return r[CF] === 0;
    case 4:
      return r[NV] < 0;
    case 5:
      return r[NV] >= 0;
    case 6:
      return r[VF] !== 0;
    case 7:
      return r[VF] === 0;
    case 8:
      return r[CF] !== 0 && r[ZV] !== 0;
    case 9:
      return r[CF] === 0 || r[ZV] === 0;
    case 10:
      return r[NV] < 0 === (r[VF] !== 0);
    case 11:
      return r[NV] < 0 !== (r[VF] !== 0);
    case 12:
      return r[ZV] !== 0 && r[NV] < 0 === (r[VF] !== 0);
    case 13:
      return r[ZV] === 0 || r[NV] < 0 !== (r[VF] !== 0);
    default:
      return true;
  }
}

/** APSR: N Z C V Q in bits 31 to 27, GE in bits 19 to 16. */
export function readApsr(r: Int32Array): number {
  return (r[NV] & 0x80000000) | (r[ZV] === 0 ? 0x40000000 : 0) | (r[CF] << 29) | (r[VF] << 28) | (r[QF] << 27) | (r[GE] << 16);
}

/** Sets N Z C V from bits 31 to 28. */
export function writeFlags(r: Int32Array, value: number): void {
  r[NV] = value;
  r[ZV] = value & 0x40000000 ? 0 : 1;
  r[CF] = (value >>> 29) & 1;
  r[VF] = (value >>> 28) & 1;
}
