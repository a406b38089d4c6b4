import type { WideBus } from '../memory-bus.ts';
import type { Decoded, StopReason } from '../translating-core.ts';

/** How long instructions take. No particular processor: one of the small ones, in order, with its caches warm. */
export interface X64Timing {
  readonly load: number;
  readonly store: number;
  /** Extra cycles of a jump or a taken branch. */
  readonly refill: number;
  readonly multiply: number;
  readonly divide: number;
}

export const SIMPLE_X64: X64Timing = { load: 2, store: 1, refill: 1, multiply: 3, divide: 25 };

/** What handlers work on. */
export interface X64Machine {
  readonly r: Int32Array;
  readonly xmm: XmmRegisters;
  readonly bus: WideBus;
  readonly timing: X64Timing;
  requestStop(reason: StopReason, detail?: number): void;
}

/** The sixteen registers of SSE, each of sixteen bytes. */
export class XmmRegisters {
  readonly words = new Int32Array(64);
  readonly singles = new Float32Array(this.words.buffer);
  readonly doubles = new Float64Array(this.words.buffer);
  readonly bytes = new Uint8Array(this.words.buffer);
}

/** How an instruction has to do with the flags, so that those that nothing looks at need not be computed. */
export interface X64Decoded extends Decoded {
  /** The same without the flags. */
  readonly quiet?: () => void;
  /** Leaves nothing of the flags that were there before. */
  readonly setsFlags?: boolean;
  readonly readsFlags?: boolean;
}
