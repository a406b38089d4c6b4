/** The port's driver of the CAN controllers (ports/stm32/can.c): set-up, filters, mailboxes and FIFOs, by polling. */
import type { CanBus } from '../../../boards/board.ts';
import { CanIer, CanMcr, CanMsr, CanRegister } from '../../peripherals/can.ts';
import { CanFilterRegister } from '../../peripherals/can-filter.ts';
import { now } from '../../vm/service.ts';
import { hardware } from '../hardware.ts';
import { IrqPriority } from '../interrupts.ts';
import { NS_PER_MS } from '../waiting.ts';
import type { HalStatus } from './hal-status.ts';
import { configureAlternate } from './pins.ts';
import { pollUntil, tickDeadline, waitUntilReady } from './time.ts';

/** Bits of ESR that say how a controller does. */
export const CanError = { WARNING: 1, PASSIVE: 2, BUS_OFF: 4 } as const;

const TXRQ = 1;
const EXTENDED = 4;
const REMOTE = 2;
const FULL = 8;
const OVERRUN = 0x10;
const RELEASE = 0x20;
/** Bits of TSR for mailbox 0; those of the others are 8 and 16 higher, and EMPTY 1 and 2. */
const Tsr = { COMPLETED: 1, OK: 2, ABORT: 0x80, EMPTY: 1 << 26 } as const;

/** What the HAL waits for a controller to enter or leave its initialisation. */
const INIT_TIMEOUT = 10 * NS_PER_MS;

/** What a receive interrupt is about, as callbacks get it. */
export const CanEvent = { MESSAGE: 0, FULL: 1, OVERFLOW: 2 } as const;

export interface CanSettings {
  /** BTR's LBKM and SILM. */
  readonly mode: number;
  readonly prescaler: number;
  readonly sjw: number;
  readonly bs1: number;
  readonly bs2: number;
  readonly autoRestart: boolean;
}

export interface CanMessage {
  readonly id: number;
  readonly extended: boolean;
  readonly remote: boolean;
  readonly data: Uint8Array;
}

export interface CanFilter {
  readonly bank: number;
  /** Identifiers are listed; without it, there are masks. */
  readonly list: boolean;
  readonly wide: boolean;
  readonly fifo: number;
  readonly words: readonly [number, number];
  readonly active: boolean;
}

export class CanDriver {
  enabled = false;
  mode = 0;
  /** Called by the receive interrupts, and by the error interrupt with what ESR says. */
  onReceive: (fifo: number, event: number) => void = () => {};
  onError: (esr: number) => void = () => {};

  constructor(readonly bus: CanBus) {}

  get block() {
    return hardware().chip.can(this.bus.id);
  }

  private read(register: number): number {
    return this.block.readRegister(register);
  }
  private modify(register: number, clear: number, set: number): void {
    const { block } = this;
    block.writeRegister(register, ((block.readRegister(register) & ~clear) | set) >>> 0);
  }

  init(settings: CanSettings): void {
    const { chip } = hardware();
    const { bus, block } = this;
    // The second controller shares the filters of the first.
    chip.rcc.enable('CAN1');
    chip.rcc.enable(block.name);
    for (const pin of [bus.tx, bus.rx]) configureAlternate(pin, 'CAN', bus.id, { pull: 1 });
    this.modify(CanRegister.MCR, CanMcr.SLEEP, CanMcr.INRQ);
    pollUntil(() => (this.read(CanRegister.MSR) & CanMsr.INAK) !== 0, INIT_TIMEOUT);
    const flags = CanMcr.TTCM | CanMcr.ABOM | CanMcr.AWUM | CanMcr.NART | CanMcr.RFLM | CanMcr.TXFP;
    this.modify(CanRegister.MCR, flags, settings.autoRestart ? CanMcr.ABOM : 0);
    const { mode, prescaler, sjw, bs1, bs2 } = settings;
    const timing = (((sjw - 1) & 3) << 24) | (((bs1 - 1) & 15) << 16) | (((bs2 - 1) & 7) << 20) | ((prescaler - 1) & 0x3ff);
    block.writeRegister(CanRegister.BTR, (mode | timing) >>> 0);
    this.modify(CanRegister.MCR, CanMcr.INRQ, 0);
    pollUntil(() => (this.read(CanRegister.MSR) & CanMsr.INAK) === 0, INIT_TIMEOUT);
    this.modify(CanRegister.IER, 0, CanIer.ERRIE | CanIer.BOFIE | CanIer.EPVIE | CanIer.EWGIE);
    this.handleInterrupt('SCE', () => {
      block.writeRegister(CanRegister.MSR, CanMsr.ERRI);
      this.onError(this.read(CanRegister.ESR));
    });
    this.mode = mode;
    this.enabled = true;
  }

  private handleInterrupt(kind: string, handler: () => void): void {
    const { chip } = hardware();
    const irq = chip.irq(`CAN${this.bus.id}_${kind}`);
    chip.nvic.setHandler(irq, handler);
    chip.nvic.enable(irq, IrqPriority.CAN);
  }

  deinit(): void {
    if (!this.enabled) return;
    const { chip } = hardware();
    for (const kind of ['RX0', 'RX1', 'SCE']) chip.nvic.disable(chip.irq(`CAN${this.bus.id}_${kind}`));
    this.block.reset();
    chip.rcc.enable(this.block.name, false);
    this.enabled = false;
  }

  /** Leaves the bus and joins it again. */
  restart(): void {
    this.modify(CanRegister.MCR, 0, CanMcr.INRQ);
    while (!pollUntil(() => (this.read(CanRegister.MSR) & CanMsr.INAK) !== 0, 1e9));
    this.modify(CanRegister.MCR, CanMcr.INRQ, 0);
    while (!pollUntil(() => (this.read(CanRegister.MSR) & CanMsr.INAK) === 0, 1e9));
  }

  get errorState(): number {
    return this.enabled ? this.read(CanRegister.ESR) : 0;
  }

  /** Mailboxes that wait to be sent. */
  get pendingMailboxes(): number {
    const empty = (this.read(CanRegister.TSR) >>> 26) & 7;
    return 3 - ((empty & 1) + ((empty >> 1) & 1) + (empty >> 2));
  }

  private fifoRegister(fifo: number): number {
    return fifo === 0 ? CanRegister.RF0R : CanRegister.RF1R;
  }

  /** Messages in a FIFO. */
  waiting(fifo: number): number {
    return this.enabled ? this.read(this.fifoRegister(fifo)) & 3 : 0;
  }

  get canSend(): boolean {
    return this.enabled && (this.read(CanRegister.TSR) & (7 * Tsr.EMPTY)) !== 0;
  }

  /** Puts a message into a free mailbox, and waits for it to be sent if `timeout` (ms) is not 0. */
  send(message: CanMessage, timeout: number): HalStatus {
    if (!this.enabled) return 'busy';
    const { block } = this;
    const status = this.read(CanRegister.TSR);
    const mailbox = [0, 1, 2].find(index => (status & (Tsr.EMPTY << index)) !== 0);
    if (mailbox === undefined) return 'busy';
    const base = CanRegister.TI0R + 16 * mailbox;
    const { id, extended, remote, data } = message;
    const identifier = ((extended ? ((id & 0x1fff_ffff) << 3) | EXTENDED : (id & 0x7ff) << 21) | (remote ? REMOTE : 0)) >>> 0;
    const word = (at: number) =>
      ((data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16) | ((data[at + 3] ?? 0) << 24)) >>> 0;
    block.writeRegister(base, identifier);
    block.writeRegister(base + 4, data.length);
    block.writeRegister(base + 8, word(0));
    block.writeRegister(base + 12, word(4));
    block.writeRegister(base, (identifier | TXRQ) >>> 0);
    if (timeout === 0) return 'ok';
    const shift = 8 * mailbox;
    const done = (Tsr.COMPLETED | Tsr.OK) << shift;
    const sent = () => (this.read(CanRegister.TSR) & (done | (Tsr.EMPTY << mailbox))) === (done | (Tsr.EMPTY << mailbox));
    if (pollUntil(sent, Math.max(0, tickDeadline(timeout + 1) - now()))) return 'ok';
    block.writeRegister(CanRegister.TSR, (Tsr.ABORT << shift) >>> 0);
    while (!pollUntil(() => (this.read(CanRegister.TSR) & (Tsr.COMPLETED << shift)) !== 0, 1e9));
    return this.read(CanRegister.TSR) & (Tsr.OK << shift) ? 'ok' : 'timeout';
  }

  /** The next message of a FIFO, and the number of the filter that let it in; undefined if none comes within `timeout` ms. */
  receive(fifo: number, timeout: number): (CanMessage & { filter: number }) | undefined {
    if (!waitUntilReady(() => this.waiting(fifo) > 0, timeout)) return undefined;
    const base = CanRegister.RI0R + 16 * fifo;
    const [identifier, control, low, high] = [0, 4, 8, 12].map(offset => this.read(base + offset));
    const bytes = [low, low >>> 8, low >>> 16, low >>> 24, high, high >>> 8, high >>> 16, high >>> 24];
    this.block.writeRegister(this.fifoRegister(fifo), RELEASE);
    const extended = (identifier & EXTENDED) !== 0;
    return {
      id: extended ? identifier >>> 3 : identifier >>> 21,
      extended,
      remote: (identifier & REMOTE) !== 0,
      data: Uint8Array.from(bytes.slice(0, Math.min(8, control & 15))),
      filter: (control >>> 8) & 0xff,
    };
  }

  /** Interrupts of a FIFO: when it is full or overflows, and if `messages` also when it is not empty. */
  enableReceiveInterrupts(fifo: number, messages: boolean): void {
    const [pending, full, overrun] = receiveEnables(fifo);
    this.modify(CanRegister.IER, 0, (messages ? pending : 0) | full | overrun);
  }

  listen(fifo: number): void {
    this.handleInterrupt(`RX${fifo}`, () => this.receiveInterrupt(fifo));
    this.enableReceiveInterrupts(fifo, true);
  }

  stopListening(fifo: number): void {
    if (!this.enabled) return;
    const [pending, full, overrun] = receiveEnables(fifo);
    this.modify(CanRegister.IER, pending | full | overrun, 0);
  }

  private receiveInterrupt(fifo: number): void {
    const register = this.fifoRegister(fifo);
    const flags = this.read(register);
    const [pendingEnable, fullEnable, overrunEnable] = receiveEnables(fifo);
    const isFull = (flags & FULL) !== 0;
    const isOver = (flags & OVERRUN) !== 0;
    if (isFull) {
      this.modify(CanRegister.IER, fullEnable, 0);
      this.block.writeRegister(register, FULL);
      if (!isOver) this.onReceive(fifo, CanEvent.FULL);
    }
    if (isOver) {
      this.modify(CanRegister.IER, overrunEnable, 0);
      this.block.writeRegister(register, OVERRUN);
      this.onReceive(fifo, CanEvent.OVERFLOW);
    }
    if (isFull || isOver) return;
    this.modify(CanRegister.IER, pendingEnable, 0);
    this.onReceive(fifo, CanEvent.MESSAGE);
  }
}

function receiveEnables(fifo: number): [number, number, number] {
  return fifo === 0 ? [CanIer.FMPIE0, CanIer.FFIE0, CanIer.FOVIE0] : [CanIer.FMPIE1, CanIer.FFIE1, CanIer.FOVIE1];
}

/** HAL_CAN_ConfigFilter: a bank of the filters that both controllers share. `secondStart`: the first bank of the second one. */
export function configureFilter(filter: CanFilter, secondStart: number): void {
  const block = hardware().chip.can(1);
  const { FMR, FM1R, FS1R, FFA1R, FA1R, F0R1 } = CanFilterRegister;
  const bit = 1 << (filter.bank & 31);
  const modify = (register: number, clear: number, set: number) =>
    block.writeRegister(register, ((block.readRegister(register) & ~clear) | set) >>> 0);
  const choose = (register: number, set: boolean) => modify(register, bit, set ? bit : 0);
  modify(FMR, 0, 1);
  modify(FMR, 0x3f00, (secondStart & 0x3f) << 8);
  choose(FA1R, false);
  choose(FS1R, filter.wide);
  block.writeRegister(F0R1 + 8 * filter.bank, filter.words[0] >>> 0);
  block.writeRegister(F0R1 + 8 * filter.bank + 4, filter.words[1] >>> 0);
  choose(FM1R, filter.list);
  choose(FFA1R, filter.fifo !== 0);
  if (filter.active) choose(FA1R, true);
  modify(FMR, 1, 0);
}
