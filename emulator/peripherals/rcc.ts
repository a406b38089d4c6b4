/**
 * Reset and clock control (RM0090 section 7): oscillators, PLL, prescalers, which peripherals have a clock, and why the
 * chip was last reset.
 *
 * Everything that counts derives its frequency from here and is told when it changes.
 */

import type { BusName, Chip } from '../../boards/chips/chip.ts';
import type { Clock } from '../clock/clock.ts';
import { type Frequency, frequencyOf } from '../clock/frequency.ts';
import type { LazyPeripherals } from './lazy-peripherals.ts';
import { RegisterBlock } from './register-block.ts';

export const RccRegister = {
  CR: 0x00,
  PLLCFGR: 0x04,
  CFGR: 0x08,
  CIR: 0x0c,
  AHB1RSTR: 0x10,
  AHB2RSTR: 0x14,
  AHB3RSTR: 0x18,
  APB1RSTR: 0x20,
  APB2RSTR: 0x24,
  AHB1ENR: 0x30,
  AHB2ENR: 0x34,
  AHB3ENR: 0x38,
  APB1ENR: 0x40,
  APB2ENR: 0x44,
  AHB1LPENR: 0x50,
  AHB2LPENR: 0x54,
  AHB3LPENR: 0x58,
  APB1LPENR: 0x60,
  APB2LPENR: 0x64,
  BDCR: 0x70,
  CSR: 0x74,
  SSCGR: 0x80,
  PLLI2SCFGR: 0x84,
  DCKCFGR: 0x8c,
} as const;

/** Why the chip was reset: CSR's flags (RM0090 section 7.3.21). */
export const ResetFlag = {
  LOW_POWER: 1 << 31,
  WINDOW_WATCHDOG: 1 << 30,
  INDEPENDENT_WATCHDOG: 1 << 29,
  SOFTWARE: 1 << 28,
  POWER_ON: 1 << 27,
  PIN: 1 << 26,
  BROWN_OUT: 1 << 25,
} as const;

/** Start-up times in ns (DS8626 tables 34 to 41, typical). */
const STARTUP = { HSE: 2_000_000, PLL: 200_000, LSE: 500_000_000, LSI: 40_000 } as const;

const ENABLE: Record<Exclude<BusName, 'core'>, { enable: number; reset: number }> = {
  ahb1: { enable: RccRegister.AHB1ENR, reset: RccRegister.AHB1RSTR },
  ahb2: { enable: RccRegister.AHB2ENR, reset: RccRegister.AHB2RSTR },
  apb1: { enable: RccRegister.APB1ENR, reset: RccRegister.APB1RSTR },
  apb2: { enable: RccRegister.APB2ENR, reset: RccRegister.APB2RSTR },
};

/** Registers that only remember, with their reset values. */
const PLAIN: ReadonlyMap<number, number> = new Map([
  [RccRegister.AHB1LPENR, 0x7e67_91ff],
  [RccRegister.AHB2LPENR, 0xf1],
  [RccRegister.AHB3LPENR, 1],
  [RccRegister.APB1LPENR, 0x36fe_c9ff],
  [RccRegister.APB2LPENR, 0x0007_5f33],
  [RccRegister.CIR, 0],
  [RccRegister.SSCGR, 0],
  [RccRegister.PLLI2SCFGR, 0x2000_3000],
  [RccRegister.DCKCFGR, 0],
]);

/** The frequencies of the moment, in Hz. */
export interface Frequencies {
  sysclk: number;
  hclk: number;
  pclk1: number;
  pclk2: number;
  /** what timers on APB1 and APB2 count: twice the bus clock where the bus is divided */
  timer1: number;
  timer2: number;
  /** the 48 MHz domain: USB, SDIO, RNG; 0 if the PLL is off */
  pll48: number;
  /** the I2S clock; 0 if its PLL is off */
  i2s: number;
}

/** What hangs on BDCR. */
export interface BackupDomain {
  /** PWR's access bit: BDCR cannot be written without it. */
  writable(): boolean;
  /** BDCR resets the domain. */
  reset(): void;
  /** `rtcClock` has changed. */
  rtcClockChanged(): void;
}

export class Rcc extends RegisterBlock {
  private cr = 0;
  private pllcfgr = 0;
  private cfgr = 0;
  private bdcr = 0;
  private csr = 0;
  private readonly enables = new Map<number, number>();
  private readonly plain = new Map<number, number>();
  private hseReady = 0;
  private pllReady = 0;
  private plli2sReady = 0;
  private lseReady = 0;
  private lsiReady = 0;

  /** The frequencies of the moment, as the registers set them: what a driver reckons with. */
  frequencies!: Frequencies;
  /** What they are in truth: HSE's crystal may be off. */
  actual!: Frequencies;
  private hseError = 0;
  /** The CPU's clock, in truth. */
  cpu!: Frequency;
  /** Called after `frequencies` has changed. */
  readonly onChange: (() => void)[] = [];

  private knownRtcClock = 0;
  private stopped = false;

  /**
   * @param peripherals those whose clocks and resets hang here
   * @param hse the crystal at HSE in Hz; 0 if there is none
   * @param lse the crystal at LSE in Hz; 0 if there is none
   */
  constructor(
    private readonly clock: Clock,
    private readonly chip: Chip,
    private readonly peripherals: LazyPeripherals,
    private readonly hse: number,
    private readonly lse: number,
    private readonly backup: BackupDomain,
  ) {
    super('RCC');
    this.setDefaults();
  }

  /** HSE's crystal is off by so many parts per million from now on; positive is fast. */
  setHseError(ppm: number): void {
    this.hseError = ppm;
    this.actual = this.compute(this.hse * (1 + ppm / 1e6));
    this.cpu = frequencyOf(this.actual.hclk);
    for (const listener of this.onChange) listener();
  }

  /** Turns a peripheral's clock on (or off), as a driver does. */
  enable(name: string, on = true): void {
    const peripheral = this.chip.peripherals[name];
    if (peripheral?.clockBit === undefined || peripheral.bus === 'core') return;
    const { enable } = ENABLE[peripheral.bus];
    const bit = 1 << peripheral.clockBit;
    const value = this.enables.get(enable) ?? 0;
    this.writeRegister(enable, (on ? value | bit : value & ~bit) >>> 0);
  }

  /** Whether a peripheral has a clock. */
  isEnabled(name: string): boolean {
    const peripheral = this.chip.peripherals[name];
    if (peripheral?.clockBit === undefined || peripheral.bus === 'core') return true;
    return (((this.enables.get(ENABLE[peripheral.bus].enable) ?? 0) >>> peripheral.clockBit) & 1) === 1;
  }

  /**
   * Runs the chip from the PLL on HSE at once, without the wait that the firmware's start-up spends, and sets the bus
   * dividers: what SystemClock_Config leaves behind.
   */
  runFromPll(pll: { m: number; n: number; p: number; q: number }, dividers: { ahb: number; apb1: number; apb2: number }): void {
    this.cr = 0x83 | 0x0001_0000 | 0x0100_0000;
    this.hseReady = this.pllReady = this.clock.now;
    this.pllcfgr = pll.m | (pll.n << 6) | ((pll.p / 2 - 1) << 16) | (1 << 22) | (pll.q << 24);
    this.cfgr = 2 | (ahbField(dividers.ahb) << 4) | (apbField(dividers.apb1) << 10) | (apbField(dividers.apb2) << 13);
    this.update();
  }

  /** The clock that the RTC counts, in Hz; 0 if it has none. */
  get rtcClock(): number {
    if ((this.bdcr & 0x8000) === 0) return 0;
    switch ((this.bdcr >>> 8) & 3) {
      case 1:
        return this.bdcr & 1 ? this.lse : 0;
      case 2:
        return this.chip.oscillators.slow;
      case 3:
        return this.hse / Math.max(2, (this.cfgr >>> 16) & 31);
    }
    return 0;
  }

  /** The reset flags, bits of `ResetFlag`, unsigned. */
  get resetFlags(): number {
    return (this.csr & 0xff00_0000) >>> 0;
  }

  /** @internal Adds a reason to the reset flags; power-on replaces them. */
  noteReset(flags: number): void {
    this.csr = (this.csr | flags) >>> 0;
  }

  /** Clears the reset flags, as the firmware does after it has read them. */
  clearResetFlags(): void {
    this.csr &= 0x00ff_ffff;
  }

  /** A system reset: everything but the backup domain and the reset flags. */
  override reset(): void {
    const before = this.frequencies as Frequencies | undefined;
    this.setDefaults();
    this.peripherals.each((block, { name }) => {
      block.clocked = this.isEnabled(name);
    });
    if (before !== undefined && !this.stopped && isEqual(before, this.frequencies)) return;
    for (const listener of this.onChange) listener();
  }

  /** Power-on: the flags, and unless a battery keeps it, the backup domain as well. */
  powerOn(backup: boolean): void {
    this.csr = 0;
    if (!backup) this.bdcr = 0;
  }

  override readRegister(offset: number): number {
    const now = this.clock.now;
    switch (offset) {
      case RccRegister.CR:
        return (
          this.cr |
          ((this.cr & 1) << 1) |
          (this.cr & 0x1_0000 && now >= this.hseReady ? 0x2_0000 : 0) |
          (this.cr & 0x100_0000 && now >= this.pllReady ? 0x200_0000 : 0) |
          (this.cr & 0x400_0000 && now >= this.plli2sReady ? 0x800_0000 : 0)
        );
      case RccRegister.PLLCFGR:
        return this.pllcfgr;
      case RccRegister.CFGR:
        return (this.cfgr & ~0xc) | ((this.cfgr & 3) << 2);
      case RccRegister.BDCR:
        return this.bdcr | (this.bdcr & 1 && this.lse > 0 && now >= this.lseReady ? 2 : 0);
      case RccRegister.CSR:
        return this.csr | (this.csr & 1 && now >= this.lsiReady ? 2 : 0);
    }
    return this.enables.get(offset) ?? this.plain.get(offset) ?? 0;
  }

  override writeRegister(offset: number, value: number): void {
    switch (offset) {
      case RccRegister.CR: {
        const rising = value & ~this.cr;
        if (rising & 0x1_0000) this.hseReady = this.hse > 0 ? this.readyIn(STARTUP.HSE) : Infinity;
        if (rising & 0x100_0000) this.pllReady = this.readyIn(STARTUP.PLL);
        if (rising & 0x400_0000) this.plli2sReady = this.readyIn(STARTUP.PLL);
        this.cr = value & 0x050d_00f9;
        break;
      }
      case RccRegister.PLLCFGR:
        // The PLL cannot be changed while it runs (RM0090 section 7.3.2).
        if ((this.cr & 0x100_0000) === 0) this.pllcfgr = value;
        break;
      case RccRegister.CFGR:
        this.cfgr = value;
        break;
      case RccRegister.BDCR:
        if (!this.backup.writable()) return;
        if (value & ~this.bdcr & 1) this.lseReady = this.readyIn(STARTUP.LSE);
        if (value & 0x1_0000) {
          this.bdcr = 0;
          this.backup.reset();
        } else this.bdcr = value & 0x1_8305;
        break;
      case RccRegister.CSR:
        if (value & ~this.csr & 1) this.lsiReady = this.readyIn(STARTUP.LSI);
        this.csr = (this.csr & ~1) | (value & 1);
        if (value & (1 << 24)) this.clearResetFlags();
        break;
      default:
        if (!this.writeGate(offset, value) && PLAIN.has(offset)) this.plain.set(offset, value);
    }
    this.update();
  }

  /** Enable and reset registers. @returns whether it was one */
  private writeGate(offset: number, value: number): boolean {
    for (const bus of Object.keys(ENABLE) as (keyof typeof ENABLE)[]) {
      const { enable, reset } = ENABLE[bus];
      if (offset !== enable && offset !== reset) continue;
      this.enables.set(offset, value);
      this.peripherals.each((block, place) => {
        if (place.bus !== bus || place.clockBit === undefined) return;
        const on = ((value >>> place.clockBit) & 1) === 1;
        if (offset === enable) block.clocked = on;
        else if (on) block.reset();
      });
      return true;
    }
    if (offset === RccRegister.AHB3ENR || offset === RccRegister.AHB3RSTR) this.enables.set(offset, value);
    return false;
  }

  /** When an oscillator that takes `duration` ns to start is ready. An event then lets those look who poll for it. */
  private readyIn(duration: number): number {
    return this.clock.after(duration, () => {}).time;
  }

  private setDefaults(): void {
    this.cr = 0x81;
    this.pllcfgr = 0x2400_3010;
    this.cfgr = 0;
    this.enables.clear();
    this.enables.set(RccRegister.AHB1ENR, 0x0010_0000);
    this.plain.clear();
    for (const [offset, value] of PLAIN) this.plain.set(offset, value);
    this.computeAll();
  }

  private computeAll(): void {
    this.frequencies = this.compute(this.hse);
    this.actual = this.hseError === 0 ? this.frequencies : this.compute(this.hse * (1 + this.hseError / 1e6));
    this.cpu = frequencyOf(this.actual.hclk);
  }

  /**
   * Stop mode: everything that hangs on HSI, HSE and the PLL stands still until `wakeFromStop` (RM0090 section 5.3.4).
   */
  stopClocks(): void {
    this.stopped = true;
    for (const listener of this.onChange) listener();
  }

  /** The chip wakes on HSI. */
  wakeFromStop(): void {
    this.stopped = false;
    this.cr = 0x81 | (this.cr & 0xf8);
    this.cfgr &= ~3;
    this.computeAll();
    for (const listener of this.onChange) listener();
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  private update(): void {
    if (this.rtcClock !== this.knownRtcClock) {
      this.knownRtcClock = this.rtcClock;
      this.backup.rtcClockChanged();
    }
    const next = this.compute(this.hse);
    const before = this.frequencies;
    if (isEqual(next, before)) return;
    this.computeAll();
    for (const listener of this.onChange) listener();
  }

  /** @param hse Hz of the crystal at HSE */
  private compute(hse: number): Frequencies {
    const { internal } = this.chip.oscillators;
    const source = this.pllcfgr & (1 << 22) ? hse : internal;
    const vco = (source / Math.max(2, this.pllcfgr & 63)) * ((this.pllcfgr >>> 6) & 511);
    const pllOn = (this.cr & 0x100_0000) !== 0;
    const pll = pllOn ? vco / ((((this.pllcfgr >>> 16) & 3) + 1) * 2) : 0;
    const chosen = [internal, hse, pll, internal][this.cfgr & 3];
    // A switch to a clock that does not run leaves the chip on HSI.
    const sysclk = Math.round(chosen > 0 ? chosen : internal);
    const hclk = Math.round(sysclk / ahbDivider((this.cfgr >>> 4) & 15));
    const divider1 = apbDivider((this.cfgr >>> 10) & 7);
    const divider2 = apbDivider((this.cfgr >>> 13) & 7);
    const plli2s = this.plain.get(RccRegister.PLLI2SCFGR) ?? 0;
    const i2sVco = (source / Math.max(2, this.pllcfgr & 63)) * ((plli2s >>> 6) & 511);
    return {
      sysclk,
      hclk,
      pclk1: Math.round(hclk / divider1),
      pclk2: Math.round(hclk / divider2),
      timer1: Math.round(hclk / divider1) * (divider1 === 1 ? 1 : 2),
      timer2: Math.round(hclk / divider2) * (divider2 === 1 ? 1 : 2),
      pll48: pllOn ? Math.round(vco / Math.max(2, (this.pllcfgr >>> 24) & 15)) : 0,
      i2s: this.cr & 0x400_0000 ? Math.round(i2sVco / Math.max(2, (plli2s >>> 28) & 7)) : 0,
    };
  }
}

function ahbDivider(field: number): number {
  return field < 8 ? 1 : [2, 4, 8, 16, 64, 128, 256, 512][field - 8];
}

function apbDivider(field: number): number {
  return field < 4 ? 1 : 2 << (field - 4);
}

function ahbField(divider: number): number {
  return divider === 1 ? 0 : 8 + [2, 4, 8, 16, 64, 128, 256, 512].indexOf(divider);
}

function apbField(divider: number): number {
  return divider === 1 ? 0 : 4 + [2, 4, 8, 16].indexOf(divider);
}

function isEqual(a: Frequencies, b: Frequencies): boolean {
  return (Object.keys(a) as (keyof Frequencies)[]).every(name => a[name] === b[name]);
}
