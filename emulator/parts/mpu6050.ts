/**
 * The accelerometer and gyroscope MPU-6050 on I2C (MPU-6000 and MPU-6050 product specification PS-MPU-6000A rev. 3.4, and
 * register map RM-MPU-6000A rev. 4.2). It sleeps until it is woken, samples at its rate, and can say so on its interrupt
 * pin. Its FIFO, motion detection and auxiliary bus are not modelled.
 */
import type { ClockEvent } from '../clock/clock.ts';
import type { PartBench } from './part.ts';
import { high, low, RegisterPart, toInt16 } from './register-part.ts';

const Register = {
  SMPLRT_DIV: 0x19,
  CONFIG: 0x1a,
  GYRO_CONFIG: 0x1b,
  ACCEL_CONFIG: 0x1c,
  INT_PIN_CFG: 0x37,
  INT_ENABLE: 0x38,
  INT_STATUS: 0x3a,
  DATA: 0x3b,
  PWR_MGMT_1: 0x6b,
  PWR_MGMT_2: 0x6c,
  WHO_AM_I: 0x75,
} as const;

/** Registers that keep what is written, and nothing else: offsets, FIFO and auxiliary bus settings. */
const WRITABLE = new Set([...range(0x0d, 0x1f), ...range(0x23, 0x34), 0x37, 0x38, ...range(0x63, 0x69), 0x6a, 0x6b, 0x6c]);

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const AXES = ['x', 'y', 'z'] as const;

/** Time until the gyroscope gives values after sleep (PS, section 6.2: 30 ms). */
const START = 30_000_000;
/** An interrupt that is not latched (RM, section 4.16). */
const PULSE = 50_000;

export class Mpu6050 extends RegisterPart {
  private readonly acceleration: { readonly value: number }[];
  private readonly rotation: { readonly value: number }[];
  private readonly temperature: { readonly value: number };
  private readonly drift: { readonly value: number };
  private registers = new Uint8Array(0x80);
  private data = new Uint8Array(14);
  private shadow = new Uint8Array(14);
  private ready = false;
  /** when the first sample was, or will be, and the number of the latest that was taken */
  private since = 0;
  private taken = -1;
  private event: ClockEvent | undefined;
  private pulse: ClockEvent | undefined;

  /** Pins `scl`, `sda` and `int`. */
  constructor(bench: PartBench, name: string, address = 0x68) {
    super(bench, name, address);
    this.addPin('int');
    this.acceleration = AXES.map(axis =>
      this.addNumber(axis, { description: `acceleration along ${axis}`, unit: 'g', initial: axis === 'z' ? 1 : 0, min: -16, max: 16 }),
    );
    this.rotation = AXES.map(axis =>
      this.addNumber(`turn-${axis}`, { description: `rate of turn around ${axis}`, unit: '°/s', initial: 0, min: -2000, max: 2000 }),
    );
    this.temperature = this.addNumber('temperature', { description: 'how warm it is', unit: '°C', initial: 25, min: -40, max: 85 });
    this.addReading('awake', { description: 'whether it measures', read: () => this.isAwake });
    this.drift = this.addAmountFault('drift', 'its zero is off', 'g, and 10 °/s for each');
    this.reset();
  }

  private reset(): void {
    this.registers = new Uint8Array(0x80);
    this.registers[Register.PWR_MGMT_1] = 0x40;
    this.data = new Uint8Array(14);
    this.ready = false;
    this.clock.cancel(this.event);
    this.signal(false);
  }

  private get isAwake(): boolean {
    return (this.registers[Register.PWR_MGMT_1] & 0x40) === 0;
  }

  /** ns between two samples: 8 kHz without its low-pass filter, else 1 kHz, divided (RM, section 4.4). */
  private get period(): number {
    const filter = this.registers[Register.CONFIG] & 7;
    return ((filter === 0 || filter === 7 ? 125_000 : 1_000_000) * (1 + this.registers[Register.SMPLRT_DIV])) | 0;
  }

  protected override transferBegins(read: boolean): void {
    if (!read) return;
    this.sample();
    this.shadow = this.data.slice();
  }

  protected override readRegister(register: number): number {
    if (register >= Register.DATA && register < Register.DATA + 14) return this.shadow[register - Register.DATA];
    switch (register) {
      case Register.WHO_AM_I:
        return 0x68;
      case Register.INT_STATUS: {
        const { ready } = this;
        this.ready = false;
        this.signal(false);
        return ready ? 1 : 0;
      }
    }
    return this.registers[register] ?? 0;
  }

  protected override writeRegister(register: number, value: number): void {
    if (register === Register.PWR_MGMT_1 && value & 0x80) {
      this.reset();
      return;
    }
    // While it sleeps its other registers can be written all the same (RM, section 4.28).
    const slept = !this.isAwake;
    if (WRITABLE.has(register)) this.registers[register] = value;
    if (register === Register.INT_PIN_CFG) this.signal(false);
    if (register === Register.PWR_MGMT_1 && slept && this.isAwake) this.beginAt(this.clock.now + START);
    else if (register === Register.SMPLRT_DIV || register === Register.CONFIG) this.beginAt(Math.max(this.since, this.clock.now));
    this.arm();
  }

  /** Samples come from then on, a period apart. */
  private beginAt(time: number): void {
    this.since = time;
    this.taken = -1;
  }

  /** Samples are events only while somebody is to be interrupted: at 8 kHz they would be most of what happens on a bench. */
  private arm(): void {
    this.clock.cancel(this.event);
    if (!this.isAwake || (this.registers[Register.INT_ENABLE] & 1) === 0) return;
    const index = Math.max(0, Math.floor((this.clock.now - this.since) / this.period) + 1);
    this.event = this.clock.at(this.since + index * this.period, () => {
      this.sample();
      this.signal(true);
      this.arm();
    });
  }

  /** Takes the latest sample, if it has not been taken. */
  private sample(): void {
    const index = Math.floor((this.clock.now - this.since) / this.period);
    if (!this.isAwake || index < 0 || index === this.taken) return;
    this.taken = index;
    // Full scales of ±2, 4, 8 and 16 g, and ±250, 500, 1000 and 2000 °/s.
    const perG = 16384 >> ((this.registers[Register.ACCEL_CONFIG] >> 3) & 3);
    const perDegree = 131 / (1 << ((this.registers[Register.GYRO_CONFIG] >> 3) & 3));
    const standby = this.registers[Register.PWR_MGMT_2];
    const words = [
      ...this.acceleration.map(({ value }, axis) => (standby & (0x20 >> axis) ? 0 : toInt16((value + this.drift.value) * perG))),
      toInt16((this.temperature.value - 36.53) * 340),
      ...this.rotation.map(({ value }, axis) => (standby & (4 >> axis) ? 0 : toInt16((value + this.drift.value * 10) * perDegree))),
    ];
    this.data = Uint8Array.from(words.flatMap(word => [high(word), low(word)]));
    this.ready = true;
  }

  /** The interrupt pin: high or low active, push-pull or open drain, a pulse or until it is read. */
  private signal(active: boolean): void {
    const configuration = this.registers[Register.INT_PIN_CFG];
    this.clock.cancel(this.pulse);
    const level = active !== ((configuration & 0x80) !== 0) ? 1 : 0;
    this.pin('int').setDrive(configuration & 0x40 && level === 1 ? -1 : level);
    if (active && (configuration & 0x20) === 0) this.pulse = this.clock.after(PULSE, () => this.signal(false));
  }
}
