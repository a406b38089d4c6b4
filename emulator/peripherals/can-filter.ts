/**
 * The acceptance filters that the two CAN controllers share (RM0090 section 32.7.4): 28 banks, each of one or two
 * identifiers with masks, or of two or four plain ones, assigned to one of two FIFOs.
 */
import type { CanFrame } from './can-frame.ts';

export const CanFilterRegister = { FMR: 0x200, FM1R: 0x204, FS1R: 0x20c, FFA1R: 0x214, FA1R: 0x21c, F0R1: 0x240, END: 0x320 } as const;

const BANKS = 28;

export class CanFilters {
  fmr = 0x2a1c_0e01;
  /** 1: identifier list, 0: identifier and mask */
  fm1r = 0;
  /** 1: one 32-bit filter, 0: two of 16 bits */
  fs1r = 0;
  /** the FIFO of each bank */
  ffa1r = 0;
  /** active banks */
  fa1r = 0;
  readonly banks = new Uint32Array(2 * BANKS);

  reset(): void {
    this.fmr = 0x2a1c_0e01;
    this.fm1r = this.fs1r = this.ffa1r = this.fa1r = 0;
    this.banks.fill(0);
  }

  /** The first bank of the second controller. */
  get secondStart(): number {
    return (this.fmr >>> 8) & 0x3f;
  }

  read(offset: number): number {
    switch (offset) {
      case CanFilterRegister.FMR:
        return this.fmr;
      case CanFilterRegister.FM1R:
        return this.fm1r;
      case CanFilterRegister.FS1R:
        return this.fs1r;
      case CanFilterRegister.FFA1R:
        return this.ffa1r;
      case CanFilterRegister.FA1R:
        return this.fa1r;
    }
    return this.banks[(offset - CanFilterRegister.F0R1) >> 2] ?? 0;
  }

  write(offset: number, value: number): void {
    const mask = (1 << BANKS) - 1;
    const initializing = (this.fmr & 1) === 1;
    if (offset === CanFilterRegister.FMR) this.fmr = (this.fmr & ~0x3f01) | (value & 0x3f01);
    else if (offset === CanFilterRegister.FM1R && initializing) this.fm1r = value & mask;
    else if (offset === CanFilterRegister.FS1R && initializing) this.fs1r = value & mask;
    else if (offset === CanFilterRegister.FFA1R && initializing) this.ffa1r = value & mask;
    else if (offset === CanFilterRegister.FA1R) this.fa1r = value & mask;
    else if (offset >= CanFilterRegister.F0R1 && offset < CanFilterRegister.END) {
      const index = (offset - CanFilterRegister.F0R1) >> 2;
      if (initializing || ((this.fa1r >>> (index >> 1)) & 1) === 0) this.banks[index] = value;
    }
  }

  /**
   * Where a frame goes.
   * @param second whether it was received by the second controller
   * @returns the FIFO and the filter match index, or undefined if no active filter accepts it
   */
  match(frame: CanFrame, second: boolean): { fifo: 0 | 1; index: number } | undefined {
    if (this.fmr & 1) return undefined;
    const first = second ? this.secondStart : 0;
    const end = second ? BANKS : this.secondStart;
    const wide = wideOf(frame);
    const narrow = narrowOf(frame);
    const counts = [0, 0];
    let best: { fifo: 0 | 1; index: number; rank: number } | undefined;
    for (let bank = first; bank < end; bank++) {
      const fifo = ((this.ffa1r >>> bank) & 1) as 0 | 1;
      const list = ((this.fm1r >>> bank) & 1) === 1;
      const single = ((this.fs1r >>> bank) & 1) === 1;
      const [one, two] = [this.banks[2 * bank], this.banks[2 * bank + 1]];
      const filters = single ? (list ? 2 : 1) : list ? 4 : 2;
      const number = counts[fifo];
      // Inactive banks count too for the index of those behind them.
      counts[fifo] += filters;
      if (((this.fa1r >>> bank) & 1) === 0) continue;
      let hit = -1;
      if (single && list) hit = one >>> 1 === wide >>> 1 ? 0 : two >>> 1 === wide >>> 1 ? 1 : -1;
      else if (single) hit = ((one ^ wide) & two & ~1) === 0 ? 0 : -1;
      else {
        const halves = [one & 0xffff, one >>> 16, two & 0xffff, two >>> 16];
        if (list) hit = halves.indexOf(narrow);
        else if (((halves[0] ^ narrow) & halves[1]) === 0) hit = 0;
        else if (((halves[2] ^ narrow) & halves[3]) === 0) hit = 1;
      }
      if (hit < 0) continue;
      // 32 bits go before 16, lists before masks, low numbers before high ones.
      const rank = (single ? 0 : 2) + (list ? 0 : 1);
      if (best === undefined || rank < best.rank) best = { fifo, index: number + hit, rank };
    }
    return best && { fifo: best.fifo, index: best.index };
  }
}

/** The frame's identifier as a 32-bit filter has it: STID, EXID, IDE, RTR, 0. */
export function wideOf(frame: CanFrame): number {
  const id = frame.extended ? frame.id << 3 : frame.id << 21;
  return (id | (frame.extended ? 4 : 0) | (frame.remote ? 2 : 0)) >>> 0;
}

/** As a 16-bit filter has it: STID, RTR, IDE, the top of EXID. */
function narrowOf(frame: CanFrame): number {
  const base = frame.extended ? frame.id >>> 18 : frame.id;
  const upper = frame.extended ? (frame.id >>> 15) & 7 : 0;
  return ((base << 5) | (frame.remote ? 0x10 : 0) | (frame.extended ? 8 : 0) | upper) & 0xffff;
}
