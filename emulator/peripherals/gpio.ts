/**
 * General-purpose I/O (RM0090 section 8).
 *
 * The registers are the single truth: `pyb.Pin`, `machine.Pin`, peripherals and `mem32` all read and write these. A pin's
 * terminal drives its net with what the registers say, and IDR reads the net, so that an output that is short-circuited,
 * or an open drain that somebody else holds low, reads as what is there.
 */

import type { PinFunctions } from '../../boards/chips/chip.ts';
import { type Bit, Level } from '../trace/level.ts';
import type { Waveform } from '../trace/waveform.ts';
import type { AccessSize } from './address-space.ts';
import type { FunctionLine, FunctionLines, FunctionPin } from './function-line.ts';
import type { Drive, EdgeObserver, Terminal } from './net.ts';
import { RegisterBlock } from './register-block.ts';

export const GpioRegister = {
  MODER: 0x00,
  OTYPER: 0x04,
  OSPEEDR: 0x08,
  PUPDR: 0x0c,
  IDR: 0x10,
  ODR: 0x14,
  BSRR: 0x18,
  LCKR: 0x1c,
  AFRL: 0x20,
  AFRH: 0x24,
} as const;

/** MODER's two bits. */
export const PinMode = { INPUT: 0, OUTPUT: 1, ALTERNATE: 2, ANALOG: 3 } as const;
export type PinMode = (typeof PinMode)[keyof typeof PinMode];

/** PUPDR's two bits. */
export const PinPull = { NONE: 0, UP: 1, DOWN: 2 } as const;
export type PinPull = (typeof PinPull)[keyof typeof PinPull];

/** Ohms of the internal pull-up and pull-down resistors (DS8626 table 48: 30 to 50 kΩ). */
export const PULL_RESISTANCE = 40_000;

const PULL_CONDUCTANCE = 1 / PULL_RESISTANCE;

/** Reset values that differ from 0 by port: the debug port's pins (RM0090 section 8.4). */
const RESET_VALUES: Record<string, { moder: number; ospeedr: number; pupdr: number }> = {
  A: { moder: 0xa800_0000, ospeedr: 0x0c00_0000, pupdr: 0x6400_0000 },
  B: { moder: 0x0000_0280, ospeedr: 0x0000_00c0, pupdr: 0x0000_0100 },
};

const NO_LINES: FunctionLine[] = [];

/** What a pin needs of its chip. */
export interface PinOwner {
  readonly lines: FunctionLines;
  /** Makes the terminal of a pin, by the CPU's name. */
  makeTerminal(name: string): Terminal;
}

/** One pin of the chip. */
export class GpioPin implements FunctionPin {
  private made: Terminal | undefined;
  private lines: FunctionLine[] = NO_LINES;
  private function = -1;

  /**
   * @param name the CPU's name for it: `PA0`
   * @param functions what the alternate function numbers connect it to
   * @param chip makes a pin's terminal, at its first use: most pins of a board are never touched
   */
  constructor(
    readonly name: string,
    readonly port: GpioPort,
    readonly index: number,
    readonly functions: PinFunctions,
    private readonly chip: PinOwner,
  ) {}

  /** Where it is wired. */
  get terminal(): Terminal {
    if (this.made === undefined) {
      this.made = this.chip.makeTerminal(this.name);
      this.update();
    }
    return this.made;
  }

  get mode(): PinMode {
    return ((this.port.moder >>> (this.index * 2)) & 3) as PinMode;
  }

  get pull(): PinPull {
    return ((this.port.pupdr >>> (this.index * 2)) & 3) as PinPull;
  }

  get openDrain(): boolean {
    return ((this.port.otyper >>> this.index) & 1) === 1;
  }

  /** 0 to 3, slow to fast. */
  get speed(): number {
    return (this.port.ospeedr >>> (this.index * 2)) & 3;
  }

  /** The alternate function number, 0 to 15, whether or not the mode uses it. */
  get alternate(): number {
    return ((this.index < 8 ? this.port.afrl : this.port.afrh) >>> ((this.index & 7) * 4)) & 15;
  }

  /** What the pin's input reads: the net's bit; 0 in analogue mode. */
  get bit(): Bit {
    return this.made === undefined || this.mode === PinMode.ANALOG ? 0 : this.made.bit;
  }

  /** The output latch's bit. */
  get latch(): Bit {
    return ((this.port.odr >>> this.index) & 1) as Bit;
  }

  /** Volts at the pin now. */
  get voltage(): number {
    return this.terminal.voltage;
  }

  /** Sets the output latch, as BSRR does. */
  set(bit: number): void {
    this.port.setLatch(bit ? 1 << this.index : 0, bit ? 0 : 1 << this.index);
  }

  /** Configures the pin as a driver does: all registers at once, with no glitch in between. Turns the port's clock on. */
  configure(options: { mode: PinMode; pull?: PinPull; openDrain?: boolean; alternate?: number; speed?: number; latch?: Bit }): void {
    this.port.configurePin(this, options);
  }

  observe(observer: EdgeObserver): () => void {
    return this.terminal.observe(observer);
  }

  functionChanged(): void {
    this.update();
  }

  /** @internal Drives the terminal with what the registers say. */
  update(): void {
    const { port, index, mode } = this;
    const wanted = mode === PinMode.ALTERNATE ? this.alternate : -1;
    if (wanted !== this.function) this.route(wanted);
    if (this.override !== undefined) {
      this.terminal.configure(-1, this.override, 0, 0);
      return;
    }
    if (mode === PinMode.ANALOG) {
      this.driveAnalog();
      return;
    }
    let drive: Drive = -1;
    let waveform: Waveform | undefined;
    if (mode === PinMode.OUTPUT) drive = ((port.odr >>> index) & 1) as Bit;
    else if (mode === PinMode.ALTERNATE) {
      for (const line of this.lines) {
        if (line.waveform === undefined && line.output < 0) continue;
        waveform = line.waveform;
        drive = line.output;
        break;
      }
    }
    if ((port.otyper >>> index) & 1) {
      if (drive === 1) drive = -1;
      if (waveform !== undefined) waveform = new OpenDrain(waveform);
    }
    const pull = (port.pupdr >>> (index * 2)) & 3;
    const pulled = pull === PinPull.UP || pull === PinPull.DOWN;
    // A pin that nobody has touched floats, and there is nothing to record.
    if (this.made === undefined && drive < 0 && waveform === undefined && !pulled) return;
    this.terminal.configure(drive, waveform, pulled ? PULL_CONDUCTANCE : 0, pull === PinPull.UP ? this.terminal.netlist.supply : 0);
  }

  /** Set while something drives the pin whatever its mode is: the RTC's output on PC13. */
  override?: Waveform;

  /** Set while the DAC drives the pin in analogue mode. */
  analogDriver?: () => void;

  private driveAnalog(): void {
    if (this.analogDriver !== undefined) this.analogDriver();
    else this.made?.configure(-1, undefined, 0, 0);
  }

  private route(number: number): void {
    const before = this.lines;
    this.function = number;
    const names = number < 0 ? undefined : this.functions.af[number];
    this.lines = names === undefined ? NO_LINES : names.split('/').map(name => this.chip.lines.get(name));
    for (const line of before) line.detach(this);
    for (const line of this.lines) line.attach(this);
  }
}

/** A port of sixteen pins and its registers. */
export class GpioPort extends RegisterBlock {
  moder = 0;
  otyper = 0;
  ospeedr = 0;
  pupdr = 0;
  odr = 0;
  afrl = 0;
  afrh = 0;
  /** Pins of the port by number; undefined where the package or chip has none. */
  readonly pins: (GpioPin | undefined)[] = new Array(16).fill(undefined);

  private locked = 0;
  private lockStep = 0;
  private lockMask = 0;
  private lockKey = false;
  private readonly resetValues: { moder: number; ospeedr: number; pupdr: number };

  /** @param letter `A` to `I` */
  constructor(readonly letter: string) {
    super(`GPIO${letter}`);
    this.resetValues = RESET_VALUES[letter] ?? { moder: 0, ospeedr: 0, pupdr: 0 };
  }

  /** @internal */
  add(pin: GpioPin): void {
    this.pins[pin.index] = pin;
  }

  override reset(): void {
    this.moder = this.resetValues.moder;
    this.ospeedr = this.resetValues.ospeedr;
    this.pupdr = this.resetValues.pupdr;
    this.otyper = this.odr = this.afrl = this.afrh = 0;
    this.locked = this.lockStep = this.lockMask = 0;
    this.lockKey = false;
    this.updatePins(0xffff);
  }

  /** Sets and clears bits of the output latch at once; set wins. Bit masks. */
  setLatch(set: number, clear: number): void {
    const odr = ((this.odr & ~clear) | set) & 0xffff;
    const changed = odr ^ this.odr;
    if (changed === 0) return;
    this.odr = odr;
    for (let index = 31 - Math.clz32(changed), left = changed; left !== 0; index = 31 - Math.clz32(left)) {
      left &= ~(1 << index);
      if (((this.moder >>> (index * 2)) & 3) === PinMode.OUTPUT) this.pins[index]?.update();
    }
  }

  /** @internal used by `GpioPin.configure` */
  configurePin(
    pin: GpioPin,
    options: { mode: PinMode; pull?: PinPull; openDrain?: boolean; alternate?: number; speed?: number; latch?: Bit },
  ): void {
    const { index } = pin;
    this.clocked = true;
    if ((this.locked >>> index) & 1) return;
    const { mode, pull, openDrain, alternate, speed, latch } = options;
    const field = (register: number, value: number | undefined) =>
      value === undefined ? register : ((register & ~(3 << (index * 2))) | ((value & 3) << (index * 2))) >>> 0;
    this.moder = field(this.moder, mode);
    this.pupdr = field(this.pupdr, pull);
    this.ospeedr = field(this.ospeedr, speed);
    if (openDrain !== undefined) this.otyper = (this.otyper & ~(1 << index)) | (openDrain ? 1 << index : 0);
    if (latch !== undefined) this.odr = (this.odr & ~(1 << index)) | (latch << index);
    if (alternate !== undefined) {
      const shift = (index & 7) * 4;
      const merged = (register: number) => ((register & ~(15 << shift)) | ((alternate & 15) << shift)) >>> 0;
      if (index < 8) this.afrl = merged(this.afrl);
      else this.afrh = merged(this.afrh);
    }
    pin.update();
  }

  /** The inputs of all pins. */
  get idr(): number {
    let bits = 0;
    for (let index = 0; index < 16; index++) {
      const pin = this.pins[index];
      if (pin !== undefined && pin.bit === 1) bits |= 1 << index;
    }
    return bits;
  }

  override readRegister(offset: number): number {
    switch (offset) {
      case GpioRegister.MODER:
        return this.moder;
      case GpioRegister.OTYPER:
        return this.otyper;
      case GpioRegister.OSPEEDR:
        return this.ospeedr;
      case GpioRegister.PUPDR:
        return this.pupdr;
      case GpioRegister.IDR:
        return this.idr;
      case GpioRegister.ODR:
        return this.odr;
      case GpioRegister.LCKR:
        return this.readLock();
      case GpioRegister.AFRL:
        return this.afrl;
      case GpioRegister.AFRH:
        return this.afrh;
    }
    return 0;
  }

  override peek(offset: number): number {
    return offset === GpioRegister.LCKR ? this.lockMask : offset === GpioRegister.BSRR ? 0 : this.readRegister(offset);
  }

  override writeRegister(offset: number, value: number): void {
    switch (offset) {
      case GpioRegister.MODER:
        this.moder = this.keepLocked(this.moder, value, 2);
        break;
      case GpioRegister.OTYPER:
        this.otyper = this.keepLocked(this.otyper, value & 0xffff, 1);
        break;
      case GpioRegister.OSPEEDR:
        this.ospeedr = this.keepLocked(this.ospeedr, value, 2);
        return;
      case GpioRegister.PUPDR:
        this.pupdr = this.keepLocked(this.pupdr, value, 2);
        break;
      case GpioRegister.ODR:
        this.setLatch(value & 0xffff, ~value & 0xffff);
        return;
      case GpioRegister.BSRR:
        this.setLatch(value & 0xffff, value >>> 16);
        return;
      case GpioRegister.LCKR:
        this.writeLock(value);
        return;
      case GpioRegister.AFRL:
        this.afrl = this.keepLocked(this.afrl, value, 4, 0);
        break;
      case GpioRegister.AFRH:
        this.afrh = this.keepLocked(this.afrh, value, 4, 8);
        break;
      default:
        return;
    }
    this.updatePins(0xffff);
  }

  /** BSRR is write-only, and its halves are registers of their own. */
  protected override writeNarrow(offset: number, value: number, size: AccessSize): void {
    if ((offset & ~3) === GpioRegister.BSRR) this.writeRegister(GpioRegister.BSRR, (value << ((offset & 3) * 8)) >>> 0);
    else super.writeNarrow(offset, value, size);
  }

  private updatePins(mask: number): void {
    for (let index = 0; index < 16; index++) if ((mask >>> index) & 1) this.pins[index]?.update();
  }

  private keepLocked(old: number, value: number, bits: number, firstPin = 0): number {
    if (this.locked === 0) return value;
    let kept = 0;
    for (let field = 0; field < 32 / bits; field++) {
      if ((this.locked >>> (firstPin + field)) & 1) kept |= ((1 << bits) - 1) << (field * bits);
    }
    return ((old & kept) | (value & ~kept)) >>> 0;
  }

  /** The lock sequence: the key bit written 1, 0, 1 with the same mask, then read (RM0090 section 8.4.8). */
  private writeLock(value: number): void {
    if (this.lockKey) return;
    const key = (value >>> 16) & 1;
    const mask = value & 0xffff;
    if (this.lockStep > 0 && mask !== this.lockMask) this.lockStep = 0;
    this.lockMask = mask;
    if (key === [1, 0, 1][this.lockStep]) this.lockStep++;
    else this.lockStep = key;
  }

  private readLock(): number {
    if (this.lockStep === 3 && !this.lockKey) {
      this.lockKey = true;
      this.locked = this.lockMask;
    }
    return (this.lockKey ? 0x1_0000 : 0) | this.lockMask;
  }
}

/** A push-pull waveform through an output that can only pull down. */
class OpenDrain implements Waveform {
  constructor(private readonly waveform: Waveform) {}

  get duty(): number | undefined {
    return this.waveform.duty;
  }

  get finite(): boolean {
    return this.waveform.finite === true;
  }

  levelAt(time: number): Level {
    const level = this.waveform.levelAt(time);
    return level === Level.HIGH ? Level.FLOATING_HIGH : level;
  }

  nextEdge(time: number): number {
    return this.waveform.nextEdge(time);
  }
}
