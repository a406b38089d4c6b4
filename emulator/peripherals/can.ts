/**
 * The CAN controllers CAN1 and CAN2 (RM0090 section 32): three transmit mailboxes, two receive FIFOs of three frames, the
 * shared filters, test modes, error counters and states. Time-triggered communication is refused.
 *
 * In normal mode a controller is on the bus of the transceiver that its TX pin is wired to. Without one it hears nobody, and nobody
 * acknowledges what it sends.
 */

import type { Clock, ClockEvent } from '../clock/clock.ts';
import type { Bit } from '../trace/level.ts';
import type { Trace } from '../trace/trace.ts';
import { CanBus, type CanNode } from './can-bus.ts';
import { CanFilterRegister, CanFilters } from './can-filter.ts';
import { bitsWaveform, type CanFrame } from './can-frame.ts';
import type { FunctionLine, FunctionLines } from './function-line.ts';
import type { Net } from './net.ts';
import { NotModelledError } from './not-modelled.ts';
import type { InterruptLine } from './nvic.ts';
import { RegisterBlock } from './register-block.ts';

export const CanRegister = {
  MCR: 0x00,
  MSR: 0x04,
  TSR: 0x08,
  RF0R: 0x0c,
  RF1R: 0x10,
  IER: 0x14,
  ESR: 0x18,
  BTR: 0x1c,
  TI0R: 0x180,
  RI0R: 0x1b0,
  RI1R: 0x1c0,
} as const;

export const CanMcr = { INRQ: 1, SLEEP: 2, TXFP: 4, RFLM: 8, NART: 0x10, AWUM: 0x20, ABOM: 0x40, TTCM: 0x80, RESET: 0x8000 } as const;
export const CanMsr = { INAK: 1, SLAK: 2, ERRI: 4, WKUI: 8, SLAKI: 0x10 } as const;
export const CanIer = {
  TMEIE: 1,
  FMPIE0: 2,
  FFIE0: 4,
  FOVIE0: 8,
  FMPIE1: 0x10,
  FFIE1: 0x20,
  FOVIE1: 0x40,
  EWGIE: 0x100,
  EPVIE: 0x200,
  BOFIE: 0x400,
  LECIE: 0x800,
  ERRIE: 0x8000,
  WKUIE: 0x1_0000,
  SLKIE: 0x2_0000,
} as const;

const LBKM = 0x4000_0000;
const SILM = 0x8000_0000;
const TXRQ = 1;

/** LEC: the last error's code. */
const ErrorCode = { NONE: 0, STUFF: 1, ACKNOWLEDGE: 3, BIT_RECESSIVE: 4 } as const;

/** How a received frame lies in a FIFO: the four registers of its mailbox. */
type Received = [ri: number, rdt: number, low: number, high: number];

interface Mailbox {
  tir: number;
  tdtr: number;
  tdlr: number;
  tdhr: number;
  /** when it was asked for, to send in that order */
  order: number;
}

/** What connects a controller's pins to a bus; made by the transceiver part. */
export interface CanTransceiver {
  readonly bus: CanBus;
  /** The net of its TXD pin. */
  readonly txNet: Net;
  /** Shows the bus on RXD. */
  show(bits: readonly Bit[], start: number, bitTime: number): void;
}

export interface CanOptions {
  clock: Clock;
  trace: Trace;
  lines: FunctionLines;
  /** Hz of the bus clock. */
  frequency: number;
  interrupts: { transmit: InterruptLine; fifo0: InterruptLine; fifo1: InterruptLine; status: InterruptLine };
  /** The filters that another controller has and shares; none if this one has them. */
  filters: CanFilters | undefined;
  /** Transceivers on the bench. */
  transceivers: Set<CanTransceiver>;
}

export class Can extends RegisterBlock implements CanNode {
  private mcr = 0x1_0002;
  private msr = 0x0c02;
  private tsr = 0x1c00_0000;
  private ier = 0;
  private btr = 0x0123_0000;
  private lec = 0;
  private tec = 0;
  private rec = 0;
  private busOff = false;
  private readonly mailboxes: Mailbox[] = Array.from({ length: 3 }, () => ({ tir: 0, tdtr: 0, tdlr: 0, tdhr: 0, order: 0 }));
  private readonly fifos: Received[][] = [[], []];
  private readonly fifoFlags = [0, 0];
  private requests = 0;
  private sending = -1;
  private aborting = false;

  private readonly clock: Clock;
  private readonly tx: FunctionLine;
  private readonly rx: FunctionLine;
  private frequency: number;
  /** Shared by both controllers. */
  readonly filters: CanFilters;
  /** its own bus while nobody else hears: loop-back, and a TX pin that leads to no transceiver */
  private readonly alone: CanBus;
  private bus: CanBus | undefined;
  private transceiver: CanTransceiver | undefined;
  private event: ClockEvent | undefined;

  /** @param number 1 or 2 */
  constructor(
    readonly number: number,
    private readonly options: CanOptions,
  ) {
    super(`CAN${number}`);
    this.clock = options.clock;
    this.frequency = options.frequency;
    this.filters = options.filters ?? new CanFilters();
    this.tx = options.lines.get(`CAN${number}_TX`);
    this.rx = options.lines.get(`CAN${number}_RX`);
    this.alone = new CanBus(this.clock, options.trace.events(`can${number}`));
    this.tx.onRouted(() => this.settleBus());
  }

  override busClockChanged(frequency: number): void {
    this.frequency = frequency;
  }

  // --- as a node of the bus --------------------------------------------------------------------------------------

  get bitTime(): number {
    const quanta = 1 + (((this.btr >>> 16) & 15) + 1) + (((this.btr >>> 20) & 7) + 1);
    return (((this.btr & 0x3ff) + 1) * quanta * 1e9) / this.frequency;
  }

  get isOnBus(): boolean {
    return (this.msr & (CanMsr.INAK | CanMsr.SLAK)) === 0 && !this.busOff;
  }

  get acknowledges(): boolean {
    return (this.btr & SILM) === 0;
  }

  get pendingFrame(): CanFrame | undefined {
    const next = this.nextMailbox;
    // A silent controller does not send to others.
    return next < 0 || (this.btr & SILM && (this.btr & LBKM) === 0) ? undefined : frameOf(this.mailboxes[next]);
  }

  showBits(bits: readonly Bit[], start: number, bitTime: number, own: boolean): void {
    if (own) this.sending = this.nextMailbox;
    const waveform = bitsWaveform(bits, start, bitTime);
    if (own && (this.btr & SILM) === 0) this.tx.play(waveform);
    this.transceiver?.show(bits, start, bitTime);
  }

  sent(): void {
    const mailbox = this.sending;
    this.sending = -1;
    if (this.tec > 0) this.tec--;
    this.lec = ErrorCode.NONE;
    const frame = frameOf(this.mailboxes[mailbox]);
    this.finish(mailbox, 3);
    if (this.btr & LBKM) this.accept(frame);
  }

  lostArbitration(): void {
    const mailbox = this.nextMailbox;
    if (this.mcr & CanMcr.NART) this.finish(mailbox, 1 | 4);
    else this.tsr |= 4 << (8 * mailbox);
  }

  failed(reason: 'acknowledge' | 'bit' | 'stuff'): void {
    const mailbox = this.sending;
    this.sending = -1;
    // A loop-back needs nobody's acknowledgement.
    if (this.btr & LBKM && reason === 'acknowledge') {
      this.sending = mailbox;
      this.sent();
      return;
    }
    this.lec = reason === 'acknowledge' ? ErrorCode.ACKNOWLEDGE : reason === 'bit' ? ErrorCode.BIT_RECESSIVE : ErrorCode.STUFF;
    // An error-passive node that hears no acknowledgement counts no further (ISO 11898-1, rule 3).
    if (!(reason === 'acknowledge' && this.tec >= 128)) this.tec += 8;
    if (this.tec > 255) this.goBusOff();
    if (this.mcr & CanMcr.NART || this.aborting) this.finish(mailbox, 1 | 8);
    this.noteErrors();
    this.update();
  }

  received(frame: CanFrame): void {
    if (this.rec > 0) this.rec = this.rec > 127 ? 127 : this.rec - 1;
    this.lec = ErrorCode.NONE;
    if ((this.btr & LBKM) === 0) this.accept(frame);
    this.update();
  }

  disturbed(): void {
    this.lec = ErrorCode.STUFF;
    this.rec = Math.min(255, this.rec + 1);
    this.noteErrors();
    this.update();
  }

  // --- registers -------------------------------------------------------------------------------------------------

  override reset(): void {
    this.mcr = 0x1_0002;
    this.msr = CanMsr.SLAK;
    this.tsr = 0x1c00_0000;
    this.ier = this.lec = this.tec = this.rec = 0;
    this.btr = 0x0123_0000;
    this.busOff = this.aborting = false;
    this.sending = -1;
    for (const fifo of this.fifos) fifo.length = 0;
    this.fifoFlags.fill(0);
    for (const mailbox of this.mailboxes) mailbox.tir &= ~TXRQ;
    this.clock.cancel(this.event);
    if (this.options.filters === undefined) this.filters.reset();
    this.tx.drive(-1);
    this.settleBus();
    this.bus?.link?.announce();
    this.update();
  }

  override readRegister(offset: number): number {
    const { fifos } = this;
    if (offset >= CanFilterRegister.FMR) return this.filters.read(offset);
    if (offset >= CanRegister.RI0R && offset < CanRegister.RI1R + 16) {
      return fifos[(offset - CanRegister.RI0R) >> 4][0]?.[(offset & 15) >> 2] ?? 0;
    }
    if (offset >= CanRegister.TI0R && offset < CanRegister.TI0R + 0x30) {
      const mailbox = this.mailboxes[(offset - CanRegister.TI0R) >> 4];
      return [mailbox.tir, mailbox.tdtr, mailbox.tdlr, mailbox.tdhr][(offset & 15) >> 2];
    }
    switch (offset) {
      case CanRegister.MCR:
        return this.mcr;
      case CanRegister.MSR:
        return this.msr | (this.sending >= 0 ? 0x100 : 0) | 0x400 | (this.rx.bit << 11);
      case CanRegister.TSR:
        return (this.tsr | (Math.max(0, this.freeMailbox) << 24)) >>> 0;
      case CanRegister.RF0R:
      case CanRegister.RF1R: {
        const fifo = (offset - CanRegister.RF0R) >> 2;
        return fifos[fifo].length | this.fifoFlags[fifo];
      }
      case CanRegister.IER:
        return this.ier;
      case CanRegister.ESR:
        return ((this.rec << 24) | (Math.min(255, this.tec) << 16) | (this.lec << 4) | this.stateBits) >>> 0;
      case CanRegister.BTR:
        return this.btr;
    }
    return 0;
  }

  override writeRegister(offset: number, value: number): void {
    if (offset >= CanFilterRegister.FMR) {
      this.filters.write(offset, value);
      return;
    }
    if (offset >= CanRegister.TI0R && offset < CanRegister.TI0R + 0x30) {
      this.writeMailbox((offset - CanRegister.TI0R) >> 4, (offset & 15) >> 2, value);
      return;
    }
    switch (offset) {
      case CanRegister.MCR:
        this.writeMcr(value);
        break;
      case CanRegister.MSR:
        this.msr &= ~(value & (CanMsr.ERRI | CanMsr.WKUI | CanMsr.SLAKI));
        break;
      case CanRegister.TSR:
        this.writeTsr(value);
        break;
      case CanRegister.RF0R:
      case CanRegister.RF1R: {
        const fifo = (offset - CanRegister.RF0R) >> 2;
        this.fifoFlags[fifo] &= ~(value & 0x18);
        if (value & 0x20) this.releaseFifo(fifo);
        break;
      }
      case CanRegister.IER:
        this.ier = value & 0x3_8f7f;
        break;
      case CanRegister.ESR:
        this.lec = (value >>> 4) & 7;
        break;
      case CanRegister.BTR:
        if (this.msr & CanMsr.INAK) this.btr = (value & 0xc37f_03ff) >>> 0;
    }
    this.update();
  }

  /** The flags that are cleared by writing 1 must not be written back by a narrow write. */
  override peek(offset: number): number {
    return offset === CanRegister.MSR || offset === CanRegister.TSR || offset === CanRegister.RF0R || offset === CanRegister.RF1R
      ? 0
      : this.readRegister(offset);
  }

  private writeMcr(value: number): void {
    if (value & CanMcr.TTCM) throw new NotModelledError(this.name, 'time-triggered communication (MCR.TTCM)');
    if (value & CanMcr.RESET) {
      this.reset();
      return;
    }
    this.mcr = value & 0x1_00ff;
    if (value & CanMcr.INRQ) {
      this.clock.cancel(this.event);
      if (this.sending < 0) this.msr = (this.msr & ~CanMsr.SLAK) | CanMsr.INAK;
      else this.event = this.clock.after(Math.ceil(130 * this.bitTime), () => this.enterInitialization());
      this.bus?.link?.announce();
    } else if (value & CanMcr.SLEEP) this.msr = (this.msr & ~CanMsr.INAK) | CanMsr.SLAK;
    else if (this.msr & (CanMsr.INAK | CanMsr.SLAK)) {
      // It joins once it has seen eleven recessive bits (RM0090 section 32.4.2).
      const bits = this.busOff ? 128 * 11 : 11;
      this.clock.cancel(this.event);
      this.event = this.clock.after(Math.ceil(bits * this.bitTime), () => this.join());
    }
    this.settleBus();
  }

  private enterInitialization(): void {
    if (this.mcr & CanMcr.INRQ) this.msr = (this.msr & ~CanMsr.SLAK) | CanMsr.INAK;
    this.update();
  }

  private join(): void {
    // While RX is held dominant the eleven recessive bits never come.
    if ((this.btr & LBKM) === 0 && this.rx.pins.length > 0 && this.rx.bit === 0) {
      this.event = this.clock.after(Math.ceil(11 * this.bitTime), () => this.join());
      return;
    }
    this.msr &= ~(CanMsr.INAK | CanMsr.SLAK);
    if (this.busOff) {
      this.busOff = false;
      this.tec = this.rec = 0;
    }
    this.settleBus();
    this.tx.drive(1);
    this.bus?.wake();
    this.update();
  }

  private writeTsr(value: number): void {
    for (let mailbox = 0; mailbox < 3; mailbox++) {
      const flags = (value >>> (8 * mailbox)) & 0xff;
      if (flags & 1) this.tsr &= ~(0x0f << (8 * mailbox));
      if ((flags & 0x80) === 0 || (this.mailboxes[mailbox].tir & TXRQ) === 0) continue;
      // A frame that is on the wire is not cut off; it is not repeated.
      if (this.sending === mailbox) this.aborting = true;
      else this.finish(mailbox, 1);
    }
  }

  // --- transmission ----------------------------------------------------------------------------------------------

  private writeMailbox(number: number, register: number, value: number): void {
    const mailbox = this.mailboxes[number];
    if (mailbox.tir & TXRQ) return;
    if (register === 1) mailbox.tdtr = value & 0xffff_010f;
    else if (register === 2) mailbox.tdlr = value;
    else if (register === 3) mailbox.tdhr = value;
    else {
      mailbox.tir = value;
      if ((value & TXRQ) === 0) return;
      mailbox.order = ++this.requests;
      this.tsr &= ~((1 << (26 + number)) | (0x0f << (8 * number)));
      if (this.isOnBus) this.bus?.wake();
    }
    this.update();
  }

  private get freeMailbox(): number {
    return this.mailboxes.findIndex(mailbox => (mailbox.tir & TXRQ) === 0);
  }

  /** The lowest identifier first, or with TXFP the oldest request. */
  private get nextMailbox(): number {
    let best = -1;
    for (const [number, mailbox] of this.mailboxes.entries()) {
      if ((mailbox.tir & TXRQ) === 0) continue;
      const before = best < 0 ? undefined : this.mailboxes[best];
      if (before === undefined || (this.mcr & CanMcr.TXFP ? mailbox.order < before.order : mailbox.tir >>> 3 < before.tir >>> 3))
        best = number;
    }
    return best;
  }

  /** @param flags RQCP 1, TXOK 2, ALST 4, TERR 8 */
  private finish(mailbox: number, flags: number): void {
    this.mailboxes[mailbox].tir &= ~TXRQ;
    this.tsr |= (flags << (8 * mailbox)) | (1 << (26 + mailbox));
    this.aborting = false;
    this.update();
  }

  // --- reception -------------------------------------------------------------------------------------------------

  private accept(frame: CanFrame): void {
    const target = this.filters.match(frame, this.number === 2);
    if (target === undefined) return;
    const fifo = this.fifos[target.fifo];
    const id = frame.extended ? ((frame.id << 3) | 4) >>> 0 : (frame.id << 21) >>> 0;
    const word = (at: number) => {
      let value = 0;
      for (let i = 3; i >= 0; i--) value = value * 256 + (frame.data[at + i] ?? 0);
      return value;
    };
    const received: Received = [(id | (frame.remote ? 2 : 0)) >>> 0, (target.index << 8) | frame.dlc, word(0), word(4)];
    if (fifo.length === 3) {
      this.fifoFlags[target.fifo] |= 0x10;
      if (this.mcr & CanMcr.RFLM) return;
      fifo[2] = received;
    } else fifo.push(received);
    if (fifo.length === 3) this.fifoFlags[target.fifo] |= 8;
    this.update();
  }

  private releaseFifo(fifo: number): void {
    this.fifos[fifo].shift();
  }

  // --- errors and the bus ----------------------------------------------------------------------------------------

  private get stateBits(): number {
    const worst = Math.max(this.tec, this.rec);
    return (worst >= 96 ? 1 : 0) | (worst >= 128 ? 2 : 0) | (this.busOff ? 4 : 0);
  }

  private noteErrors(): void {
    const { ier } = this;
    const state = this.stateBits;
    const asked =
      (ier & CanIer.LECIE && this.lec !== 0) ||
      (ier & CanIer.EWGIE && state & 1) ||
      (ier & CanIer.EPVIE && state & 2) ||
      (ier & CanIer.BOFIE && state & 4);
    if (asked) this.msr |= CanMsr.ERRI;
  }

  private goBusOff(): void {
    this.busOff = true;
    for (const [number, mailbox] of this.mailboxes.entries()) if (mailbox.tir & TXRQ) this.finish(number, 1 | 8);
    if ((this.mcr & CanMcr.ABOM) === 0) return;
    this.event = this.clock.after(Math.ceil(128 * 11 * this.bitTime), () => this.join());
  }

  /** Joins the bus that its pins lead to, or its own. */
  private settleBus(): void {
    const txNet = this.tx.pins[0]?.terminal.net;
    this.transceiver = undefined;
    if ((this.btr & LBKM) === 0 && txNet !== undefined) {
      for (const candidate of this.options.transceivers) if (candidate.txNet === txNet) this.transceiver = candidate;
    }
    const bus = this.transceiver?.bus ?? this.alone;
    if (bus === this.bus) return;
    this.bus?.remove(this);
    this.bus = bus;
    bus.add(this);
  }

  private update(): void {
    const { ier, fifos, fifoFlags, options } = this;
    const { transmit, fifo0, fifo1, status } = options.interrupts;
    transmit.set((ier & CanIer.TMEIE) !== 0 && (this.tsr & 0x0001_0101) !== 0);
    const waits = (fifo: number, shift: number) =>
      (((ier >>> shift) & 2) !== 0 && fifos[fifo].length > 0) ||
      (((ier >>> shift) & 4) !== 0 && (fifoFlags[fifo] & 8) !== 0) ||
      (((ier >>> shift) & 8) !== 0 && (fifoFlags[fifo] & 0x10) !== 0);
    fifo0.set(waits(0, 0));
    fifo1.set(waits(1, 3));
    status.set(
      ((ier & CanIer.ERRIE) !== 0 && (this.msr & CanMsr.ERRI) !== 0) || ((ier & CanIer.SLKIE) !== 0 && (this.msr & CanMsr.SLAKI) !== 0),
    );
  }
}

function frameOf({ tir, tdtr, tdlr, tdhr }: Mailbox): CanFrame {
  const extended = (tir & 4) !== 0;
  const dlc = tdtr & 15;
  const bytes = Uint8Array.from({ length: 8 }, (_, i) => ((i < 4 ? tdlr : tdhr) >>> (8 * (i & 3))) & 0xff);
  const remote = (tir & 2) !== 0;
  return {
    id: extended ? tir >>> 3 : tir >>> 21,
    extended,
    remote,
    dlc,
    data: remote ? new Uint8Array(0) : bytes.slice(0, Math.min(8, dlc)),
  };
}
