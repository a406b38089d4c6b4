/** The two watchdogs: independent (RM0090 section 21) and window (section 22). Once started, neither can be stopped. */
import type { Clock, ClockEvent } from '../clock/clock.ts';
import { RegisterBlock } from './register-block.ts';

export const IwdgRegister = { KR: 0x0, PR: 0x4, RLR: 0x8, SR: 0xc } as const;

export class IndependentWatchdog extends RegisterBlock {
  private prescaler = 0;
  private reload = 0xfff;
  private unlocked = false;
  private started = false;
  private event: ClockEvent | undefined;

  /**
   * @param frequency Hz of LSI
   * @param bite called when it was not fed in time: resets the chip
   */
  constructor(
    private readonly clock: Clock,
    private readonly frequency: number,
    private readonly bite: () => void,
  ) {
    super('IWDG');
  }

  /** ns from one feeding to the reset. */
  get timeout(): number {
    return Math.round(((this.reload + 1) * (4 << Math.min(this.prescaler, 6)) * 1e9) / this.frequency);
  }

  get isRunning(): boolean {
    return this.started;
  }

  override reset(): void {
    this.clock.cancel(this.event);
    this.prescaler = 0;
    this.reload = 0xfff;
    this.unlocked = this.started = false;
  }

  override readRegister(offset: number): number {
    if (offset === IwdgRegister.PR) return this.prescaler;
    if (offset === IwdgRegister.RLR) return this.reload;
    return 0;
  }

  override writeRegister(offset: number, value: number): void {
    if (offset === IwdgRegister.KR) {
      const key = value & 0xffff;
      this.unlocked = key === 0x5555;
      if (key === 0xcccc) this.started = true;
      if (this.started && (key === 0xcccc || key === 0xaaaa)) this.feed();
    } else if (this.unlocked && offset === IwdgRegister.PR) this.prescaler = value & 7;
    else if (this.unlocked && offset === IwdgRegister.RLR) this.reload = value & 0xfff;
  }

  private feed(): void {
    const due = this.clock.now + this.timeout;
    if (this.event === undefined) this.event = this.clock.at(due, () => this.bite());
    else this.clock.reschedule(this.event, due);
  }
}

export const WwdgRegister = { CR: 0x0, CFR: 0x4, SR: 0x8 } as const;

const WDGA = 0x80;
const T6 = 0x40;
const EWI = 0x200;

export class WindowWatchdog extends RegisterBlock {
  private active = false;
  private window = 0x7f;
  private prescaler = 0;
  private early = false;
  private warned = 0;
  private counter = 0x7f;
  private since = 0;
  private event: ClockEvent | undefined;

  /**
   * @param frequency Hz of the bus clock of the moment
   * @param bite called when it was fed too early or too late
   */
  constructor(
    private readonly clock: Clock,
    private readonly frequency: () => number,
    private readonly interrupt: { set(active: boolean): void },
    private readonly bite: () => void,
  ) {
    super('WWDG');
  }

  override reset(): void {
    this.clock.cancel(this.event);
    this.active = this.early = false;
    this.window = this.counter = 0x7f;
    this.prescaler = this.warned = 0;
    this.interrupt.set(false);
  }

  private get tick(): number {
    return (4096 * (1 << this.prescaler) * 1e9) / this.frequency();
  }

  private get value(): number {
    if (!this.active) return this.counter;
    return this.counter - Math.floor((this.clock.now - this.since) / this.tick + 1e-9);
  }

  override readRegister(offset: number): number {
    if (offset === WwdgRegister.CR) return (this.active ? WDGA : 0) | (this.value & 0x7f);
    if (offset === WwdgRegister.CFR) return (this.early ? EWI : 0) | (this.prescaler << 7) | this.window;
    return this.warned;
  }

  override writeRegister(offset: number, value: number): void {
    if (offset === WwdgRegister.CR) {
      if (this.active && (this.value > this.window || (value & T6) === 0)) {
        this.bite();
        return;
      }
      if (value & WDGA) this.active = true;
      this.counter = value & 0x7f;
      this.since = this.clock.now;
      this.watch();
    } else if (offset === WwdgRegister.CFR) {
      this.window = value & 0x7f;
      this.prescaler = (value >> 7) & 3;
      if (value & EWI) this.early = true;
      this.watch();
    } else if (offset === WwdgRegister.SR) {
      this.warned &= value;
      this.interrupt.set(this.warned !== 0 && this.early);
    }
  }

  /** At 0x40 it warns, one tick later it resets. */
  private watch(): void {
    this.clock.cancel(this.event);
    if (!this.active) return;
    const at = (value: number) => Math.ceil(this.since + (this.counter - value) * this.tick);
    this.event = this.clock.at(at(0x40), () => {
      this.warned = 1;
      this.interrupt.set(this.early);
      this.event = this.clock.at(at(0x3f), () => this.bite());
    });
  }
}
