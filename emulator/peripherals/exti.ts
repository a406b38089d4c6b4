/**
 * External interrupts: edges of pins, and events inside the chip, to interrupts (RM0090 section 12), and the multiplexer in
 * SYSCFG that chooses which port's pin each line watches (section 9).
 */
import type { Bit } from '../trace/level.ts';
import type { GpioPin, GpioPort } from './gpio.ts';
import type { InterruptLine } from './nvic.ts';
import { RegisterBlock } from './register-block.ts';

export const ExtiRegister = { IMR: 0x00, EMR: 0x04, RTSR: 0x08, FTSR: 0x0c, SWIER: 0x10, PR: 0x14 } as const;

/** Lines that are no pins. */
export const ExtiLine = { PVD: 16, RTC_ALARM: 17, OTG_FS_WKUP: 18, ETH_WKUP: 19, OTG_HS_WKUP: 20, TAMPER: 21, RTC_WAKEUP: 22 } as const;

const LINES = 23;

export class Exti extends RegisterBlock {
  private imr = 0;
  private emr = 0;
  private rtsr = 0;
  private ftsr = 0;
  private swier = 0;
  private pr = 0;
  /** lines that are pending and not masked, as their interrupts were last told */
  private active = 0;
  private readonly ports = new Uint8Array(16);
  private readonly watching: { pin: GpioPin; stop: () => void }[] = [];

  /**
   * @param portOf the port of an EXTICR value, if the chip has it
   * @param interruptOf the interrupt of a line; lines 5 to 9 and 10 to 15 share one
   */
  constructor(
    private readonly portOf: (number: number) => GpioPort | undefined,
    private readonly interruptOf: (line: number) => InterruptLine | undefined,
  ) {
    super('EXTI');
  }

  /** Lines whose interrupt is pending, as bits. */
  get pendingLines(): number {
    return this.pr;
  }

  /** Whether an enabled interrupt or an event waits: what wakes the chip from stop mode. */
  get wakes(): boolean {
    return (this.pr & (this.imr | this.emr)) !== 0;
  }

  /** Clears a line's pending bit, as a driver's interrupt handler does. */
  clear(line: number): void {
    this.writeRegister(ExtiRegister.PR, 1 << line);
  }

  /** Sets a line up as a driver does. @param port EXTICR's value for the pin's port, for lines 0 to 15 */
  configure(line: number, options: { port?: number; rising: boolean; falling: boolean; interrupt: boolean; event?: boolean }): void {
    const bit = 1 << line;
    const put = (register: number, on: boolean) => (on ? register | bit : register & ~bit);
    if (options.port !== undefined) this.ports[line] = options.port;
    this.rtsr = put(this.rtsr, options.rising);
    this.ftsr = put(this.ftsr, options.falling);
    this.imr = put(this.imr, options.interrupt);
    this.emr = put(this.emr, options.event ?? false);
    this.rewatch(line);
    this.updateInterrupts();
  }

  /** Enables or disables a line's interrupt. */
  setMask(line: number, enabled: boolean): void {
    this.writeRegister(ExtiRegister.IMR, enabled ? this.imr | (1 << line) : this.imr & ~(1 << line));
  }

  /** An edge of a line's signal: of a pin, or of an event inside the chip. */
  edge(line: number, bit: Bit): void {
    const mask = 1 << line;
    if (((bit === 1 ? this.rtsr : this.ftsr) & mask) === 0) return;
    if ((this.pr & mask) === 0) {
      this.pr |= mask;
      this.updateInterrupts();
    }
  }

  /** Triggers a line by software, as SWIER does. */
  trigger(line: number): void {
    this.writeRegister(ExtiRegister.SWIER, 1 << line);
  }

  /** @internal SYSCFG's choice of port for a line */
  selectPort(line: number, port: number): void {
    if (this.ports[line] === port) return;
    this.ports[line] = port;
    this.rewatch(line);
  }

  /** The number of the port that a line watches. */
  portOfLine(line: number): number {
    return this.ports[line];
  }

  override reset(): void {
    this.imr = this.emr = this.rtsr = this.ftsr = this.swier = this.pr = 0;
    for (let line = 0; line < 16; line++) this.rewatch(line);
    this.updateInterrupts();
  }

  override readRegister(offset: number): number {
    switch (offset) {
      case ExtiRegister.IMR:
        return this.imr;
      case ExtiRegister.EMR:
        return this.emr;
      case ExtiRegister.RTSR:
        return this.rtsr;
      case ExtiRegister.FTSR:
        return this.ftsr;
      case ExtiRegister.SWIER:
        return this.swier;
      case ExtiRegister.PR:
        return this.pr;
    }
    return 0;
  }

  override writeRegister(offset: number, value: number): void {
    value &= (1 << LINES) - 1;
    switch (offset) {
      case ExtiRegister.IMR:
        this.imr = value;
        break;
      case ExtiRegister.EMR:
        this.emr = value;
        break;
      case ExtiRegister.RTSR:
      case ExtiRegister.FTSR:
        if (offset === ExtiRegister.RTSR) this.rtsr = value;
        else this.ftsr = value;
        for (let line = 0; line < 16; line++) this.rewatch(line);
        break;
      case ExtiRegister.SWIER:
        // A masked line keeps its bit until it is written 0 (tests/ports/stm32/extint.py, on hardware).
        this.pr |= value & ~this.swier & this.imr;
        this.swier = value;
        break;
      case ExtiRegister.PR:
        this.pr &= ~value;
        this.swier &= ~value;
    }
    this.updateInterrupts();
  }

  /** PR is cleared by writing 1: a narrow write must not write back the ones that it reads. */
  override peek(offset: number): number {
    return offset === ExtiRegister.PR || offset === ExtiRegister.SWIER ? 0 : this.readRegister(offset);
  }

  /** A pin's edges become events only while a trigger is selected for its line. */
  private rewatch(line: number): void {
    const wanted = ((this.rtsr | this.ftsr) >>> line) & 1 ? this.portOf(this.ports[line])?.pins[line] : undefined;
    const watched = this.watching[line];
    if (watched?.pin === wanted) return;
    watched?.stop();
    delete this.watching[line];
    if (wanted !== undefined) this.watching[line] = { pin: wanted, stop: wanted.observe(bit => this.edge(line, bit)) };
  }

  private updateInterrupts(): void {
    const active = this.pr & this.imr;
    if (active === this.active) return;
    this.active = active;
    for (let line = 0; line < 5; line++) this.interruptOf(line)?.set(((active >>> line) & 1) === 1);
    this.interruptOf(5)?.set((active & 0x03e0) !== 0);
    this.interruptOf(10)?.set((active & 0xfc00) !== 0);
    for (let line = 16; line < LINES; line++) this.interruptOf(line)?.set(((active >>> line) & 1) === 1);
  }
}

export const SyscfgRegister = { MEMRMP: 0x00, PMC: 0x04, EXTICR1: 0x08, EXTICR4: 0x14, CMPCR: 0x20 } as const;

/** The system configuration controller: chooses ports for EXTI, remaps address 0, and the rest it remembers. */
export class Syscfg extends RegisterBlock {
  private memrmp = 0;
  private pmc = 0;
  private cmpcr = 0;

  /** @param onRemap called with MEM_MODE, which says what answers at address 0: 0 flash, 1 system memory, 3 SRAM */
  constructor(
    private readonly exti: Exti,
    private readonly onRemap: (mode: number) => void,
  ) {
    super('SYSCFG');
  }

  override reset(): void {
    this.memrmp = this.pmc = this.cmpcr = 0;
    for (let line = 0; line < 16; line++) this.exti.selectPort(line, 0);
    this.onRemap(0);
  }

  override readRegister(offset: number): number {
    if (offset === SyscfgRegister.MEMRMP) return this.memrmp;
    if (offset === SyscfgRegister.PMC) return this.pmc;
    // The compensation cell is ready as soon as it is on.
    if (offset === SyscfgRegister.CMPCR) return this.cmpcr | (this.cmpcr & 1 ? 0x100 : 0);
    if (offset < SyscfgRegister.EXTICR1 || offset > SyscfgRegister.EXTICR4) return 0;
    let value = 0;
    for (let i = 0; i < 4; i++) value |= this.exti.portOfLine(offset - SyscfgRegister.EXTICR1 + i) << (i * 4);
    return value;
  }

  override writeRegister(offset: number, value: number): void {
    if (offset === SyscfgRegister.MEMRMP) {
      this.memrmp = value & 3;
      this.onRemap(this.memrmp);
    } else if (offset === SyscfgRegister.PMC) this.pmc = value;
    else if (offset === SyscfgRegister.CMPCR) this.cmpcr = value & 1;
    else if (offset >= SyscfgRegister.EXTICR1 && offset <= SyscfgRegister.EXTICR4) {
      for (let i = 0; i < 4; i++) this.exti.selectPort(offset - SyscfgRegister.EXTICR1 + i, (value >>> (i * 4)) & 15);
    }
  }
}
