/** The port's UART driver (ports/stm32/uart.c): set-up, the receive buffer that its interrupt fills, polled transmission. */
import type { UartBus } from '../../../boards/board.ts';
import { excTypes, newException } from '../../objects/exception.ts';
import { UsartCr1, UsartFlag, UsartRegister } from '../../peripherals/usart.ts';
import { raiseLater } from '../../vm/scheduler.ts';
import { now } from '../../vm/service.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { IrqPriority } from '../interrupts.ts';
import { configureAlternate } from './pins.ts';
import { pollUntil, tickDeadline, waitUntilReady } from './time.ts';

export const Flow = { RTS: 0x100, CTS: 0x200 } as const;

const INTERRUPT_ENABLES = UsartCr1.IDLEIE | UsartCr1.RXNEIE | UsartCr1.TCIE | UsartCr1.TXEIE | UsartCr1.PEIE;

export interface UartSettings {
  readonly baudrate: number;
  /** Nine bits in a word, parity included, instead of eight. */
  readonly nineBits: boolean;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
  /** Of `Flow`. */
  readonly flow: number;
}

export class UartDriver {
  enabled = false;
  /** Whether the REPL takes part: the interrupt character raises KeyboardInterrupt. */
  attachedToRepl = false;
  /** Characters are two bytes in buffers. */
  wide = false;
  timeout = 0;
  timeoutChar = 0;
  /** Places of the receive buffer, one more than it holds; 0 without one. */
  bufferLength = 0;
  irqTrigger = 0;
  irqFlags = 0;
  /** Called by the interrupt handler when something of `irqTrigger` has happened. */
  onIrq: (() => void) | undefined;

  private mask = 0xff;
  private buffer: number[] = [];
  private suppressIdle = true;

  constructor(readonly bus: UartBus) {}

  get block() {
    return hardware().chip.usart(this.bus.id);
  }

  private modify(register: number, clear: number, set: number): void {
    const { block } = this;
    block.writeRegister(register, (block.peek(register) & ~clear) | set);
  }

  /** Hz of the bus clock. */
  private get source(): number {
    const { chip } = hardware();
    const { pclk1, pclk2 } = chip.rcc.frequencies;
    return chip.data.peripherals[this.block.name].bus === 'apb2' ? pclk2 : pclk1;
  }

  /** Bits a second that the registers give. */
  get baudrate(): number {
    const divider = this.block.peek(UsartRegister.BRR);
    return divider === 0 ? 0 : Math.floor(this.source / divider);
  }

  init(settings: UartSettings): void {
    const { chip } = hardware();
    const { block, bus } = this;
    const { name } = block;
    chip.rcc.enable(name);
    const kind = name.replace(/\d/g, '');
    configureAlternate(bus.tx, kind, bus.id);
    configureAlternate(bus.rx, kind, bus.id, { pull: 1 });
    if (settings.flow & Flow.RTS && bus.rts !== undefined) configureAlternate(bus.rts, kind, bus.id);
    if (settings.flow & Flow.CTS && bus.cts !== undefined) configureAlternate(bus.cts, kind, bus.id, { pull: 1 });

    const parity = settings.parity === 'none' ? 0 : settings.parity === 'odd' ? UsartCr1.PCE | UsartCr1.PS : UsartCr1.PCE;
    const cr1 = parity | (settings.nineBits ? UsartCr1.M : 0) | UsartCr1.TE | UsartCr1.RE;
    this.modify(UsartRegister.CR1, UsartCr1.UE, 0);
    this.modify(UsartRegister.CR2, 0x7840, settings.stopBits === 2 ? 0x2000 : 0);
    this.modify(UsartRegister.CR1, UsartCr1.M | UsartCr1.PCE | UsartCr1.PS | UsartCr1.OVER8 | INTERRUPT_ENABLES, cr1);
    this.modify(UsartRegister.CR3, 0x072b, settings.flow);
    block.writeRegister(UsartRegister.BRR, this.divider(settings.baudrate));
    this.modify(UsartRegister.CR1, 0, UsartCr1.UE);

    const irq = chip.irq(name);
    chip.nvic.setHandler(irq, () => this.interrupt());
    chip.nvic.enable(irq, IrqPriority.UART);
    this.enabled = true;
    this.attachedToRepl = false;
    this.suppressIdle = true;
    this.wide = settings.nineBits && settings.parity === 'none';
    this.mask = this.wide ? 0x1ff : settings.nineBits || settings.parity === 'none' ? 0xff : 0x7f;
    this.irqTrigger = 0;
    this.onIrq = undefined;
  }

  /** BRR for a rate, rounded as HAL_UART_Init rounds. */
  private divider(baudrate: number): number {
    if (baudrate <= 0) return 0;
    const hundredths = Math.floor((this.source * 25) / (4 * baudrate));
    const mantissa = Math.floor(hundredths / 100);
    const fraction = Math.floor(((hundredths - mantissa * 100) * 16 + 50) / 100);
    return mantissa * 16 + fraction;
  }

  deinit(): void {
    this.enabled = false;
    const { chip } = hardware();
    const { block } = this;
    chip.nvic.disable(chip.irq(block.name));
    block.reset();
    chip.rcc.enable(block.name, false);
  }

  /** Sets the receive buffer's size in places, and empties it. */
  setBuffer(length: number): void {
    this.buffer = [];
    this.bufferLength = length;
    this.modify(UsartRegister.CR1, length === 0 ? UsartCr1.RXNEIE : 0, length === 0 ? 0 : UsartCr1.RXNEIE);
  }

  /** Sets which events call `onIrq`: of UsartFlag, IDLE and RXNE. */
  setTrigger(trigger: number): void {
    if (this.irqTrigger & UsartFlag.IDLE) this.modify(UsartRegister.CR1, UsartCr1.IDLEIE, 0);
    this.irqTrigger = trigger;
    if (trigger & UsartFlag.IDLE) this.modify(UsartRegister.CR1, 0, UsartCr1.IDLEIE);
  }

  private has(flag: number): boolean {
    return this.enabled && (this.block.readRegister(UsartRegister.SR) & flag) !== 0;
  }

  /** Characters that can be read at once; one at least if there is any. */
  get available(): number {
    if (this.buffer.length > 0) return this.buffer.length;
    return this.has(UsartFlag.RXNE) ? 1 : 0;
  }

  waitForInput(ms: number): boolean {
    return waitUntilReady(() => this.buffer.length > 0 || this.has(UsartFlag.RXNE), ms);
  }

  /** The next character; there must be one. */
  read(): number {
    const buffered = this.buffer.shift();
    if (buffered !== undefined) {
      if (this.has(UsartFlag.RXNE)) this.modify(UsartRegister.CR1, 0, UsartCr1.RXNEIE);
      return buffered;
    }
    if (!this.enabled) return 0;
    const data = this.block.readRegister(UsartRegister.DR) & this.mask;
    if (this.irqTrigger & UsartFlag.RXNE) this.modify(UsartRegister.CR1, 0, UsartCr1.RXNEIE);
    if (this.irqTrigger & UsartFlag.IDLE) this.modify(UsartRegister.CR1, 0, UsartCr1.IDLEIE);
    return data;
  }

  get canWrite(): boolean {
    return this.has(UsartFlag.TXE);
  }

  waitForOutput(ms: number): boolean {
    return waitUntilReady(() => this.has(UsartFlag.TXE), ms);
  }

  private poll(flag: number): boolean {
    const limit = 2 * this.timeoutChar;
    if (limit === 0) return this.has(flag);
    return pollUntil(() => this.has(flag), tickDeadline(limit) - now());
  }

  /** Sends characters and waits for the last one. @returns how many were sent, and whether the line took too long */
  write(characters: ArrayLike<number>): { sent: number; timedOut: boolean } {
    for (let sent = 0; sent < characters.length; sent++) {
      if (!this.poll(UsartFlag.TXE)) return { sent, timedOut: true };
      this.block.writeRegister(UsartRegister.DR, characters[sent] & 0x1ff);
    }
    if (characters.length === 0) return { sent: 0, timedOut: false };
    return { sent: characters.length, timedOut: !this.poll(UsartFlag.TC) };
  }

  sendBreak(): void {
    this.modify(UsartRegister.CR1, 0, UsartCr1.SBK);
  }

  private interrupt(): void {
    const { block } = this;
    let flags = block.readRegister(UsartRegister.SR);
    let cleared = false;
    if (flags & UsartFlag.RXNE) {
      if (this.bufferLength !== 0 && this.buffer.length < this.bufferLength - 1) {
        flags = block.readRegister(UsartRegister.SR);
        const data = block.readRegister(UsartRegister.DR) & this.mask;
        cleared = true;
        if (this.attachedToRepl && data === vm.interruptChar) raiseLater(newException(excTypes.KeyboardInterrupt, []));
        else this.buffer.push(data);
      } else this.modify(UsartRegister.CR1, UsartCr1.RXNEIE, 0);
    }
    if (cleared) {
      if (this.irqTrigger & UsartFlag.IDLE) this.modify(UsartRegister.CR1, 0, UsartCr1.IDLEIE);
    } else {
      // Without a read of the data register these flags stay: their interrupts would come at once again.
      if (flags & UsartFlag.IDLE) this.modify(UsartRegister.CR1, UsartCr1.IDLEIE, 0);
      if (flags & UsartFlag.ORE) this.modify(UsartRegister.CR1, UsartCr1.RXNEIE, 0);
    }
    if (this.suppressIdle) flags &= ~UsartFlag.IDLE;
    this.irqFlags = flags;
    if (this.irqTrigger & flags) this.onIrq?.();
    this.suppressIdle = !cleared;
  }

  /** Milliseconds for the first character, and between two: at least a whole character and two ticks. */
  setTimeouts(first: number, between: number, baudrate: number): void {
    this.timeout = first;
    this.timeoutChar = Math.max(between, Math.floor(13_000 / Math.max(1, baudrate)) + 2);
  }
}
