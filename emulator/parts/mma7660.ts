/**
 * The three-axis accelerometer MMA7660FC (data sheet MMA7660FC rev. 7), on the pyboard at I2C address 0x4C.
 *
 * It measures in active mode only, at the rate of its SR register; in between, and in standby, its registers stand still.
 * Wired, its supply pin switches it: without supply it does not answer, and comes back with its registers reset.
 */
import { I2cPart } from './i2c-part.ts';
import type { PartBench } from './part.ts';

export const Mma7660Register = {
  XOUT: 0,
  YOUT: 1,
  ZOUT: 2,
  TILT: 3,
  SRST: 4,
  SPCNT: 5,
  INTSU: 6,
  MODE: 7,
  SR: 8,
  PDET: 9,
  PD: 10,
} as const;

/** Counts for 1 g: 32 counts are 1.5 g. */
const COUNTS_PER_G = 64 / 3;

/** Samples a second by SR's AMSR. */
const RATES = [120, 64, 32, 16, 8, 4, 2, 1];

const ACTIVE = 1;
const TAP = 0x20;
const SHAKE = 0x80;
const INTSU_FRONT_BACK = 1;
const INTSU_UP_DOWN = 2;
const INTSU_TAP = 4;
const INTSU_SHAKE = 0xe0;

type Vector = readonly [x: number, y: number, z: number];

export class Mma7660 extends I2cPart {
  private readonly registers = new Uint8Array(11);
  private pointer = 0;
  private expectsPointer = false;
  private activeSince = 0;
  private acceleration: Vector = [0, 0, 1];
  private before: Vector = [0, 0, 1];
  private changedAt = 0;
  private events = 0;
  private reportedTilt = 0;
  private readonly noise: { readonly value: number };
  private readonly drift: { readonly value: number };

  constructor(
    bench: PartBench,
    name: string,
    private readonly address = 0x4c,
  ) {
    super(bench, name);
    const supply = this.addPin('avdd');
    this.addPin('int');
    supply.observe(() => this.powerLost());
    for (const [index, axis] of ['x', 'y', 'z'].entries()) {
      const initial = index === 2 ? 1 : 0;
      this.addNumber(axis, { description: `acceleration along ${axis}`, unit: 'g', initial, min: -8, max: 8 }, value => {
        const next = [...this.acceleration] as [number, number, number];
        next[index] = value;
        this.accelerate(next);
      });
    }
    for (const [control, flag] of [
      ['tapped', TAP],
      ['shaken', SHAKE],
    ] as const) {
      this.addControl(control, {
        description: `whether it was just ${control}; over as soon as TILT is read`,
        type: 'boolean',
        get: () => (this.events & flag) !== 0,
        set: value => {
          this.events = value ? this.events | flag : this.events & ~flag;
          this.signal();
        },
      });
    }
    this.noise = this.addAmountFault('acceleration-noise', 'what it measures is noisy', 'g either way');
    this.drift = this.addAmountFault('drift', 'what it measures is off', 'g');
    this.addReading('active', { description: 'whether it measures', read: () => this.isActive });
    this.addReading('rate', { description: 'measurements a second', unit: 'Hz', read: () => this.rate });
  }

  private get isActive(): boolean {
    return this.powered && (this.registers[Mma7660Register.MODE] & ACTIVE) !== 0;
  }

  private get rate(): number {
    return RATES[this.registers[Mma7660Register.SR] & 7];
  }

  private accelerate(next: Vector): void {
    this.measure();
    this.before = this.acceleration;
    this.acceleration = next;
    this.changedAt = this.clock.now;
    this.signal();
  }

  /** Whether it has a supply: the pin is high, or is not wired, and then the supply is always there. */
  private get powered(): boolean {
    const supply = this.pin('avdd');
    return supply.net.terminals.length < 2 || supply.bit === 1;
  }

  private powerLost(): void {
    if (this.powered) return;
    this.registers.fill(0);
    this.events = this.reportedTilt = 0;
    this.pin('int').drive(-1);
  }

  /** Brings the output registers up to the last measurement before now. */
  private measure(): void {
    if (!this.isActive) return;
    const period = 1e9 / this.rate;
    const count = Math.floor((this.clock.now - this.activeSince) / period);
    if (count < 1) return;
    const sampledAt = this.activeSince + count * period;
    const measured = sampledAt >= this.changedAt ? this.acceleration : this.before;
    for (let axis = 0; axis < 3; axis++) {
      const noise = this.noise.value === 0 ? 0 : (this.random.fraction() * 2 - 1) * this.noise.value;
      const counts = Math.round((measured[axis] + this.drift.value + noise) * COUNTS_PER_G);
      this.registers[axis] = Math.max(-32, Math.min(31, counts)) & 0x3f;
    }
    this.registers[Mma7660Register.TILT] = this.tiltOf(measured) | this.events;
  }

  /** TILT's orientation: which way is down (data sheet table 12). */
  private tiltOf([x, y, z]: Vector): number {
    const face = z > 0.5 ? 1 : z < -0.5 ? 2 : 0;
    let side = 0;
    if (Math.abs(z) < 0.8) {
      if (Math.abs(x) > Math.abs(y)) side = x < 0 ? 1 : 2;
      else if (Math.abs(y) > 0.3) side = y < 0 ? 5 : 6;
    }
    return (side << 2) | face;
  }

  /** Pulls the interrupt pin low if what has happened is enabled in INTSU; reading TILT lets it go. */
  private signal(): void {
    if (!this.isActive) return;
    const enabled = this.registers[Mma7660Register.INTSU];
    const tilt = this.tiltOf(this.acceleration);
    const changed = tilt ^ this.reportedTilt;
    const asks =
      ((changed & 3) !== 0 && (enabled & INTSU_FRONT_BACK) !== 0) ||
      ((changed & 0x1c) !== 0 && (enabled & INTSU_UP_DOWN) !== 0) ||
      ((this.events & TAP) !== 0 && (enabled & INTSU_TAP) !== 0) ||
      ((this.events & SHAKE) !== 0 && (enabled & INTSU_SHAKE) !== 0);
    const high = (this.registers[Mma7660Register.MODE] & 0x80) !== 0;
    if (asks) this.pin('int').drive(high ? 1 : 0);
  }

  protected override addressed(address: number, read: boolean): boolean {
    if (address !== this.address || !this.powered) return false;
    this.expectsPointer = !read;
    return true;
  }

  protected override written(byte: number): boolean {
    if (this.expectsPointer) {
      this.pointer = byte;
      this.expectsPointer = false;
      return true;
    }
    const register = this.pointer++;
    if (register < Mma7660Register.SPCNT || register > Mma7660Register.PD) return true;
    // In active mode only MODE can be written.
    if (this.isActive && register !== Mma7660Register.MODE) return true;
    this.measure();
    const wasActive = this.isActive;
    this.registers[register] = byte;
    if (this.isActive && !wasActive) {
      this.activeSince = this.clock.now;
      this.reportedTilt = this.tiltOf(this.acceleration);
    }
    return true;
  }

  protected override nextByte(): number {
    this.measure();
    const register = this.pointer++ % 11;
    const value = this.registers[register];
    if (register === Mma7660Register.TILT) {
      this.events = 0;
      this.reportedTilt = this.tiltOf(this.acceleration);
      this.pin('int').drive(-1);
    }
    return value;
  }
}
