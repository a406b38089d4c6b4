/**
 * USART1 to USART6 and UART4, UART5 (RM0090 section 30): asynchronous mode with parity, break, half duplex and hardware
 * flow control. Synchronous, IrDA, smartcard, LIN and mute mode are refused.
 *
 * A frame is one waveform on the TX line and one clock event at its end; the receiver has one event a frame. The buffer of
 * received characters that drivers have is not here: the chip holds one character.
 */

import type { Clock, ClockEvent } from '../clock/clock.ts';
import { ByteFlag, type ByteStream } from '../trace/byte-stream.ts';
import type { Trace } from '../trace/trace.ts';
import type { FunctionLine, FunctionLines } from './function-line.ts';
import { NotModelledError } from './not-modelled.ts';
import type { InterruptLine } from './nvic.ts';
import { RegisterBlock } from './register-block.ts';
import { frameLength, frameWaveform, type ReceivedFrame, type SerialFormat, SerialReceiver } from './serial-frame.ts';

export const UsartRegister = { SR: 0x00, DR: 0x04, BRR: 0x08, CR1: 0x0c, CR2: 0x10, CR3: 0x14, GTPR: 0x18 } as const;

export const UsartFlag = {
  PE: 1,
  FE: 2,
  NF: 4,
  ORE: 8,
  IDLE: 0x10,
  RXNE: 0x20,
  TC: 0x40,
  TXE: 0x80,
  LBD: 0x100,
  CTS: 0x200,
} as const;

export const UsartCr1 = {
  SBK: 1,
  RWU: 2,
  RE: 4,
  TE: 8,
  IDLEIE: 0x10,
  RXNEIE: 0x20,
  TCIE: 0x40,
  TXEIE: 0x80,
  PEIE: 0x100,
  PS: 0x200,
  PCE: 0x400,
  WAKE: 0x800,
  M: 0x1000,
  UE: 0x2000,
  OVER8: 0x8000,
} as const;

export const UsartCr3 = { EIE: 1, HDSEL: 8, DMAR: 0x40, DMAT: 0x80, RTSE: 0x100, CTSE: 0x200, CTSIE: 0x400 } as const;

const CR3_REFUSED: [bit: number, feature: string][] = [
  [0x02, 'IrDA mode (CR3.IREN)'],
  [0x20, 'smartcard mode (CR3.SCEN)'],
];
const CR2_REFUSED: [bit: number, feature: string][] = [
  [0x0800, 'synchronous mode (CR2.CLKEN)'],
  [0x4000, 'LIN mode (CR2.LINEN)'],
];

export interface UsartOptions {
  clock: Clock;
  trace: Trace;
  lines: FunctionLines;
  /** Hz of the bus clock. */
  frequency: number;
  interrupt: InterruptLine;
}

export class Usart extends RegisterBlock {
  /** Called when the DMA controller is asked to move a character. */
  onDmaRequest?: (request: 'TX' | 'RX') => void;

  private sr = UsartFlag.TXE | UsartFlag.TC;
  private brr = 0;
  private cr1 = 0;
  private cr2 = 0;
  private cr3 = 0;
  private gtpr = 0;
  private transmitData = 0;
  private receiveData = 0;
  private statusRead = false;

  private readonly clock: Clock;
  private frequency: number;
  private readonly tx: FunctionLine;
  private readonly rx: FunctionLine;
  private readonly rts: FunctionLine;
  private readonly cts: FunctionLine;
  private readonly label: string;
  private readonly receiver: SerialReceiver;
  private stopCts: (() => void) | undefined;
  private listening: FunctionLine | undefined;

  /** when the frame in the shift register ends, in ns, not rounded; 0 if it is idle */
  private shiftEnd = 0;
  private shifting: number | 'idle' | 'break' | undefined;
  private shiftEvent: ClockEvent | undefined;
  private idleEvent: ClockEvent | undefined;

  /** @param name `USART1`, `UART4` */
  constructor(
    name: string,
    private readonly options: UsartOptions,
  ) {
    super(name);
    const { clock, lines } = options;
    this.clock = clock;
    this.frequency = options.frequency;
    this.tx = lines.get(`${name}_TX`);
    this.rx = lines.get(`${name}_RX`);
    this.rts = lines.get(`${name}_RTS`);
    this.cts = lines.get(`${name}_CTS`);
    this.label = `uart${name.replace(/\D/g, '')}`;
    const received = (frame: ReceivedFrame) => this.receive(frame);
    const started = () => clock.cancel(this.idleEvent);
    this.receiver = new SerialReceiver(clock, 1);
    this.receiver.onFrame = received;
    this.receiver.onStart = started;
  }

  private get sent(): ByteStream {
    return this.options.trace.bytes(`${this.label}.tx`);
  }

  private get received(): ByteStream {
    return this.options.trace.bytes(`${this.label}.rx`);
  }

  override busClockChanged(frequency: number): void {
    this.frequency = frequency;
    this.receiver.bitTime = this.bitTime;
  }

  /** ns of a bit, not rounded. */
  get bitTime(): number {
    const { brr } = this;
    const ticks = this.cr1 & UsartCr1.OVER8 ? (brr >>> 4) * 8 + (brr & 7) : brr;
    return (Math.max(1, ticks) * 1e9) / this.frequency;
  }

  /** The frame's format as CR1 and CR2 have it. */
  get format(): SerialFormat {
    const { cr1, cr2 } = this;
    const parity = cr1 & UsartCr1.PCE ? (cr1 & UsartCr1.PS ? 'odd' : 'even') : 'none';
    const bits = cr1 & UsartCr1.M ? 9 : 8;
    return { dataBits: parity === 'none' ? bits : bits - 1, parity, stopBits: ([1, 0.5, 2, 1.5] as const)[(cr2 >>> 12) & 3] };
  }

  override reset(): void {
    this.sr = UsartFlag.TXE | UsartFlag.TC;
    this.brr = this.cr1 = this.cr2 = this.cr3 = this.gtpr = 0;
    this.transmitData = this.receiveData = 0;
    this.statusRead = false;
    this.clock.cancel(this.shiftEvent);
    this.clock.cancel(this.idleEvent);
    this.shifting = undefined;
    this.update();
  }

  override readRegister(offset: number): number {
    switch (offset) {
      case UsartRegister.SR:
        this.statusRead = true;
        return this.sr;
      case UsartRegister.DR: {
        if (this.statusRead) this.sr &= ~(UsartFlag.PE | UsartFlag.FE | UsartFlag.NF | UsartFlag.ORE | UsartFlag.IDLE);
        this.statusRead = false;
        this.sr &= ~UsartFlag.RXNE;
        this.updateRts();
        this.updateInterrupt();
        return this.receiveData;
      }
    }
    return this.peek(offset);
  }

  override peek(offset: number): number {
    switch (offset) {
      case UsartRegister.SR:
        return this.sr;
      case UsartRegister.DR:
        return this.receiveData;
      case UsartRegister.BRR:
        return this.brr;
      case UsartRegister.CR1:
        return this.cr1;
      case UsartRegister.CR2:
        return this.cr2;
      case UsartRegister.CR3:
        return this.cr3;
      case UsartRegister.GTPR:
        return this.gtpr;
    }
    return 0;
  }

  override writeRegister(offset: number, value: number): void {
    switch (offset) {
      case UsartRegister.SR:
        // TC, RXNE, LBD and CTS are cleared by writing 0; the others are not written.
        this.sr &= value | ~(UsartFlag.TC | UsartFlag.RXNE | UsartFlag.LBD | UsartFlag.CTS);
        this.updateInterrupt();
        return;
      case UsartRegister.DR:
        this.transmit(value & 0x1ff);
        return;
      case UsartRegister.BRR:
        this.brr = value & 0xffff;
        break;
      case UsartRegister.CR1:
        this.writeCr1(value & 0xbfff);
        return;
      case UsartRegister.CR2:
        this.refuse(value, CR2_REFUSED);
        this.cr2 = value & 0x7fff;
        break;
      case UsartRegister.CR3:
        this.refuse(value, CR3_REFUSED);
        this.cr3 = value & 0x0fff;
        break;
      case UsartRegister.GTPR:
        this.gtpr = value & 0xffff;
        return;
      default:
        return;
    }
    this.update();
  }

  private writeCr1(value: number): void {
    if (value & UsartCr1.RWU) throw new NotModelledError(this.name, 'mute mode (CR1.RWU)');
    const rising = value & ~this.cr1;
    this.cr1 = value;
    this.update();
    if (value & UsartCr1.UE && value & UsartCr1.TE) {
      // Enabling the transmitter sends an idle frame first (RM0090 section 30.3.2).
      if (rising & (UsartCr1.TE | UsartCr1.UE) && this.shifting === undefined) this.shift('idle');
      if (value & UsartCr1.SBK && this.shifting === undefined) this.shift('break');
    }
  }

  // --- transmitter -----------------------------------------------------------------------------------------------

  private get transmitting(): boolean {
    return (this.cr1 & (UsartCr1.UE | UsartCr1.TE)) === (UsartCr1.UE | UsartCr1.TE);
  }

  private transmit(value: number): void {
    if (this.statusRead) this.sr &= ~UsartFlag.TC;
    this.statusRead = false;
    this.transmitData = value;
    this.sr &= ~(UsartFlag.TXE | UsartFlag.TC);
    if (this.transmitting && this.shifting === undefined) this.next();
    this.updateInterrupt();
  }

  /** The shift register is free: takes the next thing to send, if there is one and the other side lets it. */
  private next(): void {
    if (this.cr1 & UsartCr1.SBK) this.shift('break');
    else if ((this.sr & UsartFlag.TXE) === 0 && this.isClearToSend) {
      const value = this.transmitData;
      this.sr |= UsartFlag.TXE;
      this.shift(value);
    }
    this.updateInterrupt();
  }

  private get isClearToSend(): boolean {
    return (this.cr3 & UsartCr3.CTSE) === 0 || this.cts.bit === 0;
  }

  private shift(what: number | 'idle' | 'break'): void {
    const { clock, bitTime, format } = this;
    // Frames that follow each other without a pause stay on one exact grid.
    const start = this.shiftEnd > clock.now - 1 && this.shiftEnd <= clock.now ? this.shiftEnd : clock.now;
    this.shifting = what;
    let bits = frameLength(format);
    if (what === 'idle') bits = this.cr1 & UsartCr1.M ? 11 : 10;
    else if (what === 'break') {
      bits = (this.cr1 & UsartCr1.M ? 11 : 10) + 1;
      this.tx.play(frameWaveform(0, { dataBits: bits - 2, parity: 'none', stopBits: 1 }, start, bitTime));
    } else {
      const mask = (1 << format.dataBits) - 1;
      this.tx.play(frameWaveform(what & mask, format, start, bitTime));
    }
    this.shiftEnd = start + bits * bitTime;
    this.shiftEvent = clock.at(Math.ceil(this.shiftEnd), () => this.shifted());
    if (typeof what === 'number' && this.cr3 & UsartCr3.DMAT) this.onDmaRequest?.('TX');
  }

  private shifted(): void {
    const what = this.shifting;
    this.shifting = undefined;
    if (what === 'break') this.cr1 &= ~UsartCr1.SBK;
    if (typeof what === 'number') this.sent.record(what & ((1 << this.format.dataBits) - 1));
    else if (what === 'break') this.sent.record(0, ByteFlag.BREAK);
    if (!this.transmitting) {
      this.update();
      return;
    }
    this.next();
    if (this.shifting !== undefined) return;
    if (this.sr & UsartFlag.TXE && what !== 'idle') this.sr |= UsartFlag.TC;
    this.tx.drive(this.cr3 & UsartCr3.HDSEL ? -1 : 1);
    this.updateInterrupt();
  }

  // --- receiver --------------------------------------------------------------------------------------------------

  private receive(frame: ReceivedFrame): void {
    let flags = 0;
    if (frame.parityError) flags |= ByteFlag.PARITY_ERROR;
    if (frame.framingError) flags |= frame.isBreak ? ByteFlag.BREAK : ByteFlag.FRAMING_ERROR;
    if (frame.noise) flags |= ByteFlag.NOISE;
    if (this.sr & UsartFlag.RXNE) {
      this.sr |= UsartFlag.ORE;
      flags |= ByteFlag.OVERRUN;
    } else {
      const parityBit = this.format.parity === 'none' ? 0 : 1 << this.format.dataBits;
      this.receiveData = frame.value | (parityBit && this.parityBitOf(frame) ? parityBit : 0);
      this.sr |= UsartFlag.RXNE;
    }
    if (frame.parityError) this.sr |= UsartFlag.PE;
    if (frame.framingError) this.sr |= UsartFlag.FE;
    if (frame.noise) this.sr |= UsartFlag.NF;
    this.received.record(frame.value, flags);
    this.watchIdle();
    this.updateRts();
    this.updateInterrupt();
    if (this.cr3 & UsartCr3.DMAR && this.sr & UsartFlag.RXNE) this.onDmaRequest?.('RX');
  }

  /** The received parity bit stays in DR as the most significant bit. */
  private parityBitOf(frame: ReceivedFrame): boolean {
    let odd = this.format.parity === 'odd';
    for (let rest = frame.value; rest !== 0; rest >>>= 1) if (rest & 1) odd = !odd;
    return odd !== frame.parityError;
  }

  /** The line is idle after one frame's time without a start bit. */
  private watchIdle(): void {
    const bits = this.cr1 & UsartCr1.M ? 11 : 10;
    this.clock.cancel(this.idleEvent);
    this.idleEvent = this.clock.after(Math.round((bits + 0.5) * this.bitTime), () => {
      this.sr |= UsartFlag.IDLE;
      this.updateInterrupt();
    });
  }

  // --- what depends on the registers -----------------------------------------------------------------------------

  private update(): void {
    const { cr1, cr3 } = this;
    const enabled = (cr1 & UsartCr1.UE) !== 0;
    const halfDuplex = (cr3 & UsartCr3.HDSEL) !== 0;
    if (this.shifting === undefined) this.tx.drive(enabled && cr1 & UsartCr1.TE && !halfDuplex ? 1 : -1);
    const input = enabled && cr1 & UsartCr1.RE ? (halfDuplex ? this.tx : this.rx) : undefined;
    this.receiver.bitTime = this.bitTime;
    this.receiver.format = this.format;
    if (input !== this.listening) {
      this.listening = input;
      if (input === undefined) {
        this.receiver.silence();
        this.clock.cancel(this.idleEvent);
      } else this.receiver.listen(input);
    }
    const watchCts = enabled && (cr3 & UsartCr3.CTSE) !== 0;
    if (watchCts !== (this.stopCts !== undefined)) {
      this.stopCts?.();
      this.stopCts = watchCts ? this.cts.observe(() => this.ctsChanged()) : undefined;
    }
    this.updateRts();
    this.updateInterrupt();
    if (cr3 & UsartCr3.DMAT && this.transmitting && this.sr & UsartFlag.TXE) this.onDmaRequest?.('TX');
  }

  private ctsChanged(): void {
    this.sr |= UsartFlag.CTS;
    if (this.transmitting && this.shifting === undefined) this.next();
    this.updateInterrupt();
  }

  /** RTS is low while there is room for a character. */
  private updateRts(): void {
    const on = this.cr1 & UsartCr1.UE && this.cr3 & UsartCr3.RTSE;
    this.rts.drive(on ? (this.sr & UsartFlag.RXNE ? 1 : 0) : -1);
  }

  private updateInterrupt(): void {
    const { sr, cr1, cr3 } = this;
    const errors = UsartFlag.FE | UsartFlag.NF | UsartFlag.ORE;
    this.options.interrupt.set(
      ((sr & cr1 & (UsartFlag.TXE | UsartFlag.TC | UsartFlag.RXNE | UsartFlag.IDLE)) !== 0 && (cr1 & UsartCr1.UE) !== 0) ||
        ((sr & UsartFlag.ORE) !== 0 && (cr1 & UsartCr1.RXNEIE) !== 0) ||
        ((sr & UsartFlag.PE) !== 0 && (cr1 & UsartCr1.PEIE) !== 0) ||
        ((sr & UsartFlag.CTS) !== 0 && (cr3 & UsartCr3.CTSIE) !== 0) ||
        ((sr & errors) !== 0 && (cr3 & (UsartCr3.EIE | UsartCr3.DMAR)) === (UsartCr3.EIE | UsartCr3.DMAR)),
    );
  }

  private refuse(value: number, refused: [number, string][]): void {
    for (const [bit, feature] of refused) if (value & bit) throw new NotModelledError(this.name, feature);
  }
}
