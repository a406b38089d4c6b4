/**
 * The Cortex-M4's own registers besides the interrupt controller: SysTick, the system control block, the DWT's cycle
 * counter, the debug unit's identity (PM0214 sections 4.4 to 4.6; ARMv7-M, section C1.8).
 *
 * SysTick and the cycle counter are counters that nobody drives: they are derived from virtual time when they are read.
 */
import type { Clock } from '../clock/clock.ts';
import type { Frequency } from '../clock/frequency.ts';
import { RegisterBlock } from './register-block.ts';

/** A counter of CPU cycles that goes on through changes of the CPU's frequency. */
export class CycleCounter {
  private base = 0;
  private baseTime = 0;

  constructor(
    private readonly clock: Clock,
    private frequency: Frequency,
  ) {}

  /** Cycles since power-on. */
  get count(): number {
    return this.base + this.frequency.ticksIn(this.clock.now - this.baseTime);
  }

  /** The first ns at which `count` will have been reached. */
  timeOf(count: number): number {
    return this.baseTime + this.frequency.durationOf(count - this.base);
  }

  setFrequency(frequency: Frequency): void {
    this.base = this.count;
    this.baseTime = this.clock.now;
    this.frequency = frequency;
  }
}

const SYST_CSR = 0x0;
const SYST_RVR = 0x4;
const SYST_CVR = 0x8;
const SYST_CALIB = 0xc;

/** The 24-bit system timer at 0xE000E010. Its exception is the firmware's millisecond, which is derived from time too. */
export class SysTick extends RegisterBlock {
  private enabled = false;
  private interrupt = false;
  private processorClock = true;
  private load = 0;
  /** the cycle at which the counter last was at its reload value */
  private origin = 0;
  private stopped = 0;
  private wrapsRead = 0;

  constructor(private readonly cycles: CycleCounter) {
    super('SYSTICK');
  }

  /** Starts it as the firmware does: one wrap a millisecond. */
  start(load: number): void {
    this.writeRegister(SYST_RVR, load);
    this.writeRegister(SYST_CVR, 0);
    this.writeRegister(SYST_CSR, 7);
  }

  override reset(): void {
    this.enabled = this.interrupt = false;
    this.processorClock = true;
    this.load = this.stopped = this.wrapsRead = 0;
  }

  override readRegister(offset: number): number {
    switch (offset) {
      case SYST_CSR: {
        const wraps = this.wraps;
        const wrapped = this.enabled && wraps > this.wrapsRead;
        this.wrapsRead = wraps;
        return (wrapped ? 0x1_0000 : 0) | (this.processorClock ? 4 : 0) | (this.interrupt ? 2 : 0) | (this.enabled ? 1 : 0);
      }
      case SYST_RVR:
        return this.load;
      case SYST_CVR:
        return this.value;
      case SYST_CALIB:
        return 0x4000_493e;
    }
    return 0;
  }

  override writeRegister(offset: number, value: number): void {
    switch (offset) {
      case SYST_CSR: {
        const current = this.value;
        this.enabled = (value & 1) === 1;
        this.interrupt = (value & 2) !== 0;
        this.processorClock = (value & 4) !== 0;
        this.resumeAt(current);
        break;
      }
      case SYST_RVR:
        this.load = value & 0xff_ffff;
        break;
      case SYST_CVR:
        this.resumeAt(0);
    }
  }

  private get ticks(): number {
    return Math.floor(this.cycles.count / (this.processorClock ? 1 : 8));
  }

  private get value(): number {
    if (!this.enabled) return this.stopped;
    return (this.load + 1 - ((this.ticks - this.origin) % (this.load + 1))) % (this.load + 1);
  }

  private get wraps(): number {
    return Math.floor((this.ticks - this.origin) / (this.load + 1));
  }

  private resumeAt(value: number): void {
    this.stopped = value;
    this.origin = this.ticks - ((this.load + 1 - value) % (this.load + 1));
    this.wrapsRead = 0;
  }
}

const DWT_CTRL = 0x00;
const DWT_CYCCNT = 0x04;

/** The data watchpoint and trace unit at 0xE0001000: its cycle counter. */
export class Dwt extends RegisterBlock {
  private enabled = false;
  private base = 0;
  private stopped = 0;

  constructor(private readonly cycles: CycleCounter) {
    super('DWT');
  }

  override reset(): void {
    this.enabled = false;
    this.stopped = 0;
  }

  override readRegister(offset: number): number {
    if (offset === DWT_CTRL) return 0x4000_0000 | (this.enabled ? 1 : 0);
    if (offset === DWT_CYCCNT) return this.value;
    return 0;
  }

  override writeRegister(offset: number, value: number): void {
    if (offset === DWT_CTRL) {
      const current = this.value;
      this.enabled = (value & 1) === 1;
      this.setValue(current);
    } else if (offset === DWT_CYCCNT) this.setValue(value);
  }

  private get value(): number {
    return this.enabled ? (this.cycles.count - this.base) % 0x1_0000_0000 : this.stopped;
  }

  private setValue(value: number): void {
    this.stopped = value;
    this.base = this.cycles.count - value;
  }
}

const ICSR = 0x04;
const VTOR = 0x08;
const AIRCR = 0x0c;
const SCR = 0x10;
const CCR = 0x14;
const SHPR1 = 0x18;
const SHPR3 = 0x20;
const SHCSR = 0x24;
const CFSR = 0x28;
const HFSR = 0x2c;
const MMFAR = 0x34;
const BFAR = 0x38;
const CPACR = 0x88;

const VECTKEY = 0x05fa;

/** The system control block at 0xE000ED00. */
export class SystemControl extends RegisterBlock {
  private readonly registers = new Map<number, number>();

  /** @param requestReset called when a program writes AIRCR's SYSRESETREQ */
  constructor(
    private readonly currentException: () => number,
    private readonly requestReset: () => void,
  ) {
    super('SCB');
  }

  /** SCR's SLEEPDEEP: WFI means stop or standby instead of sleep. */
  get sleepDeep(): boolean {
    return ((this.registers.get(SCR) ?? 0) & 4) !== 0;
  }

  /** Notes why a hard fault happened: a precise data bus error at an address. */
  noteBusFault(address: number): void {
    this.registers.set(CFSR, (this.registers.get(CFSR) ?? 0) | 0x8200);
    this.registers.set(BFAR, address);
    this.registers.set(HFSR, 0x4000_0000);
  }

  override reset(): void {
    this.registers.clear();
    this.registers.set(CCR, 0x200);
  }

  override readRegister(offset: number): number {
    if (offset === 0) return 0x410f_c241; // CPUID: Cortex-M4 r0p1
    if (offset === ICSR) return this.currentException() & 0x1ff;
    if (offset === AIRCR) return 0xfa05_0000 | ((this.registers.get(AIRCR) ?? 0) & 0x700);
    return this.registers.get(offset) ?? 0;
  }

  override writeRegister(offset: number, value: number): void {
    switch (offset) {
      case AIRCR:
        if (value >>> 16 !== VECTKEY) return;
        this.registers.set(AIRCR, value & 0x700);
        if (value & 4) this.requestReset();
        break;
      case CFSR:
      case HFSR:
        this.registers.set(offset, (this.registers.get(offset) ?? 0) & ~value);
        break;
      case VTOR:
      case SCR:
      case CCR:
      case SHCSR:
      case MMFAR:
      case BFAR:
      case CPACR:
        this.registers.set(offset, value);
        break;
      default:
        if (offset >= SHPR1 && offset <= SHPR3) this.registers.set(offset, value & 0xf0f0_f0f0);
    }
  }
}

/** The debug unit at 0xE0042000: what the chip is, and bits that it remembers. */
export class DebugUnit extends RegisterBlock {
  private readonly registers = new Map<number, number>();

  constructor(private readonly idCode: number) {
    super('DBGMCU');
  }

  override reset(): void {}

  override readRegister(offset: number): number {
    return offset === 0 ? this.idCode : (this.registers.get(offset) ?? 0);
  }

  override writeRegister(offset: number, value: number): void {
    if (offset === 4 || offset === 8 || offset === 12) this.registers.set(offset, value);
  }
}
