/** The random number generator (RM0090 section 24). Its numbers come from the board's seed. */
import type { Clock } from '../clock/clock.ts';
import { RegisterBlock } from './register-block.ts';
import type { SeededRandom } from './seeded-random.ts';

export const RngRegister = { CR: 0x0, SR: 0x4, DR: 0x8 } as const;

const RNGEN = 4;
const IE = 8;

/** Periods of the 48 MHz clock between two numbers. */
const CYCLES = 40;

export class Rng extends RegisterBlock {
  private control = 0;
  private readyAt = Infinity;
  private value = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: SeededRandom,
    /** Hz of the 48 MHz domain of the moment */
    private readonly frequency: () => number,
    private readonly interrupt: { set(active: boolean): void },
  ) {
    super('RNG');
  }

  override reset(): void {
    this.control = this.value = 0;
    this.readyAt = Infinity;
    this.interrupt.set(false);
  }

  private get ready(): boolean {
    return (this.control & RNGEN) !== 0 && this.clock.now >= this.readyAt;
  }

  override readRegister(offset: number): number {
    if (offset === RngRegister.CR) return this.control;
    if (offset === RngRegister.SR) return this.ready ? 1 : 0;
    if (offset !== RngRegister.DR || !this.ready) return 0;
    this.value = this.random.next32();
    this.prepare();
    return this.value;
  }

  override peek(offset: number): number {
    return offset === RngRegister.DR ? this.value : this.readRegister(offset);
  }

  override writeRegister(offset: number, value: number): void {
    if (offset !== RngRegister.CR) return;
    const starts = (value & ~this.control & RNGEN) !== 0;
    this.control = value & (RNGEN | IE);
    if (starts) this.prepare();
    else this.interrupt.set(this.ready && (this.control & IE) !== 0);
  }

  private prepare(): void {
    const frequency = this.frequency();
    this.readyAt = frequency === 0 ? Infinity : this.clock.now + Math.ceil((CYCLES * 1e9) / frequency);
    this.interrupt.set(false);
    if (this.control & IE && this.readyAt !== Infinity)
      this.clock.at(this.readyAt, () => this.interrupt.set(this.ready && (this.control & IE) !== 0));
  }
}
