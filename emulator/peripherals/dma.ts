/**
 * The DMA controllers (RM0090 section 10): eight streams each, direct mode, circular and double-buffered transfers, memory
 * to memory. FIFO thresholds and bursts change nothing that can be seen here and are only remembered.
 *
 * A transfer happens at once when its request comes: the arbitration's few cycles are not modelled.
 */
import type { AccessSize, AddressSpace } from './address-space.ts';
import type { InterruptLine } from './nvic.ts';
import { RegisterBlock } from './register-block.ts';

/** A stream's CR. */
export const DmaCr = {
  EN: 1,
  DMEIE: 2,
  TEIE: 4,
  HTIE: 8,
  TCIE: 0x10,
  PFCTRL: 0x20,
  DIR: 0xc0,
  CIRC: 0x100,
  PINC: 0x200,
  MINC: 0x400,
  PSIZE: 0x1800,
  MSIZE: 0x6000,
  DBM: 0x4_0000,
  CT: 0x8_0000,
  CHSEL: 0x0e00_0000,
} as const;

/** A stream's flags within its six bits of LISR and HISR. */
export const DmaFlag = { FEIF: 1, DMEIF: 4, TEIF: 8, HTIF: 0x10, TCIF: 0x20 } as const;

const MEMORY_TO_MEMORY = 2;

const SHIFTS = [0, 6, 16, 22];

/** One stream of a controller. */
export class DmaStream {
  cr = 0;
  /** items still to move */
  ndtr = 0;
  par = 0;
  m0ar = 0;
  m1ar = 0;
  fcr = 0x21;
  flags = 0;
  /**
   * The memory side as bytes instead of addresses, for a driver whose buffer lies outside the address space; the memory
   * address register then counts from its beginning.
   */
  buffer: Uint8Array | undefined;

  private reload = 0;
  private index = 0;
  /** a request that came while the stream could not serve it */
  private waiting: Set<string> | undefined;

  constructor(
    private readonly space: AddressSpace,
    private readonly line: InterruptLine,
    /** requests by channel */
    private readonly requests: string[][],
  ) {}

  reset(): void {
    this.cr = this.ndtr = this.par = this.m0ar = this.m1ar = this.flags = this.reload = this.index = 0;
    this.fcr = 0x21;
    this.buffer = undefined;
    this.waiting = undefined;
    this.update();
  }

  /** Whether it is set to serve a request and enabled. */
  serves(request: string): boolean {
    return (this.cr & DmaCr.EN) !== 0 && this.requests[(this.cr >>> 25) & 7].includes(request);
  }

  /** A request: moves one item. */
  request(request: string): void {
    if (!this.requests.some(names => names.includes(request))) return;
    if (this.serves(request)) this.move();
    else (this.waiting ??= new Set()).add(request);
  }

  writeCr(value: number): void {
    const starts = (value & ~this.cr & DmaCr.EN) !== 0;
    const stops = (~value & this.cr & DmaCr.EN) !== 0;
    this.cr = value;
    if (stops) this.flags |= DmaFlag.TCIF;
    if (starts) {
      this.reload = this.ndtr;
      this.index = 0;
      if ((value & DmaCr.DIR) >>> 6 === MEMORY_TO_MEMORY) while (this.cr & DmaCr.EN && this.ndtr > 0) this.move();
      else {
        for (const request of this.requests[(value >>> 25) & 7]) if (this.waiting?.delete(request)) this.move();
      }
    }
    this.update();
  }

  clear(flags: number): void {
    this.flags &= ~flags;
    this.update();
  }

  private move(): void {
    if (this.ndtr === 0) return;
    const { cr } = this;
    const size = (1 << ((cr >>> 11) & 3)) as AccessSize;
    const memorySize = (1 << ((cr >>> 13) & 3)) as AccessSize;
    const peripheral = this.par + (cr & DmaCr.PINC ? this.index * size : 0);
    const memory = (cr & DmaCr.CT ? this.m1ar : this.m0ar) + (cr & DmaCr.MINC ? this.index * memorySize : 0);
    const toMemory = (cr & DmaCr.DIR) >>> 6 !== 1;
    this.index++;
    this.ndtr--;
    const last = this.ndtr === 0;
    const half = this.ndtr === this.reload >> 1;
    try {
      if (toMemory) this.writeMemory(memory, this.space.read(peripheral, size), memorySize);
      else this.space.write(peripheral, this.readMemory(memory, memorySize), size);
    } catch {
      // A bus error disables the stream (RM0090 section 10.3.17).
      this.flags |= DmaFlag.TEIF;
      this.cr &= ~DmaCr.EN;
      this.update();
      return;
    }
    if (half) this.flags |= DmaFlag.HTIF;
    if (last) {
      this.flags |= DmaFlag.TCIF;
      if (cr & DmaCr.DBM) this.cr ^= DmaCr.CT;
      // Memory to memory there is no circular mode (RM0090 section 10.3.8).
      if (cr & (DmaCr.CIRC | DmaCr.DBM) && (cr & DmaCr.DIR) >>> 6 !== MEMORY_TO_MEMORY) {
        this.ndtr = this.reload;
        this.index = 0;
      } else this.cr &= ~DmaCr.EN;
    }
    if (half || last) this.update();
  }

  private readMemory(address: number, size: AccessSize): number {
    const { buffer } = this;
    if (buffer === undefined) return this.space.read(address, size);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + (buffer[address + i] ?? 0);
    return value;
  }

  private writeMemory(address: number, value: number, size: AccessSize): void {
    const { buffer } = this;
    if (buffer === undefined) {
      this.space.write(address, size === 4 ? value : value & (2 ** (8 * size) - 1), size);
      return;
    }
    for (let i = 0; i < size; i++) buffer[address + i] = value >>> (8 * i);
  }

  private update(): void {
    const { cr, flags } = this;
    this.line.set(
      ((flags & DmaFlag.TCIF) !== 0 && (cr & DmaCr.TCIE) !== 0) ||
        ((flags & DmaFlag.HTIF) !== 0 && (cr & DmaCr.HTIE) !== 0) ||
        ((flags & DmaFlag.TEIF) !== 0 && (cr & DmaCr.TEIE) !== 0) ||
        ((flags & DmaFlag.DMEIF) !== 0 && (cr & DmaCr.DMEIE) !== 0),
    );
  }
}

const knownRequests = new WeakMap<Record<number, string>[], string[][][]>();

/** A stream's requests by channel, worked out once for each chip's data. */
function requestsOf(requests: Record<number, string>[], stream: number): string[][] {
  let byStream = knownRequests.get(requests);
  if (byStream === undefined) {
    byStream = Array.from({ length: 8 }, (_, number) =>
      Array.from({ length: 8 }, (_, channel) => (requests[channel]?.[number] ?? '').split(' ').filter(Boolean)),
    );
    knownRequests.set(requests, byStream);
  }
  return byStream[stream];
}

export class Dma extends RegisterBlock {
  readonly streams: DmaStream[];

  /** @param requests by channel, by stream, as the chip's data has them */
  constructor(name: string, space: AddressSpace, lines: InterruptLine[], requests: Record<number, string>[]) {
    super(name);
    this.streams = lines.map((line, stream) => {
      return new DmaStream(space, line, requestsOf(requests, stream));
    });
  }

  /** A peripheral's request, for whatever stream serves it. */
  request(request: string): void {
    if (!this.clocked) return;
    for (const stream of this.streams) stream.request(request);
  }

  override reset(): void {
    for (const stream of this.streams) stream.reset();
  }

  override readRegister(offset: number): number {
    if (offset < 8) {
      let value = 0;
      for (let i = 0; i < 4; i++) value |= this.streams[(offset >> 2) * 4 + i].flags << SHIFTS[i];
      return value;
    }
    const stream = this.streams[Math.floor((offset - 0x10) / 0x18)];
    if (offset < 0x10 || stream === undefined) return 0;
    return [stream.cr, stream.ndtr, stream.par, stream.m0ar, stream.m1ar, stream.fcr][((offset - 0x10) % 0x18) >> 2];
  }

  override writeRegister(offset: number, value: number): void {
    if (offset >= 8 && offset < 0x10) {
      for (let i = 0; i < 4; i++) this.streams[((offset - 8) >> 2) * 4 + i].clear((value >>> SHIFTS[i]) & 0x3d);
      return;
    }
    const stream = this.streams[Math.floor((offset - 0x10) / 0x18)];
    if (offset < 0x10 || stream === undefined) return;
    // While a stream runs, only its CR can be written (RM0090 section 10.5.5).
    const busy = (stream.cr & DmaCr.EN) !== 0;
    switch (((offset - 0x10) % 0x18) >> 2) {
      case 0:
        stream.writeCr(busy ? (stream.cr & ~0x1f) | (value & 0x1f) : value & 0x0fef_ffff);
        break;
      case 1:
        if (!busy) stream.ndtr = value & 0xffff;
        break;
      case 2:
        if (!busy) stream.par = value;
        break;
      case 3:
        if (!busy || stream.cr & DmaCr.CT) stream.m0ar = value;
        break;
      case 4:
        if (!busy || (stream.cr & DmaCr.CT) === 0) stream.m1ar = value;
        break;
      case 5:
        stream.fcr = value & 0xbf;
    }
  }

  override peek(offset: number): number {
    return offset >= 8 && offset < 0x10 ? 0 : this.readRegister(offset);
  }
}
