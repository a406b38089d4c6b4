/**
 * The real-time clock DS1307 on I2C (Maxim data sheet 100101 rev. 3/15): calendar, 56 bytes of memory, and a square wave on
 * its `sqw` pin. Its oscillator is stopped when power was applied first, until bit 7 of the seconds is cleared.
 */
import { fromBcd, toBcd } from '../peripherals/calendar.ts';
import { BcdClock, hourFromBcd, hourToBcd, timeFromText, timeToText } from './bcd-clock.ts';
import { type PartBench, PartError } from './part.ts';
import { RegisterPart } from './register-part.ts';
import { OpenDrainSquare } from './square-wave.ts';

const CONTROL = 7;
const MEMORY = 8;
const SIZE = 0x40;

export class Ds1307 extends RegisterPart {
  private readonly calendar: BcdClock;
  private readonly memory = new Uint8Array(SIZE - MEMORY);
  private settings = 3;
  private twelve = false;
  private shadow;

  /** Pins `scl`, `sda` and `sqw`, which is open drain. */
  constructor(bench: PartBench, name: string) {
    super(bench, name, 0x68);
    this.addPin('sqw');
    this.calendar = new BcdClock(bench.clock);
    this.calendar.stop(true);
    this.shadow = this.calendar.time;
    this.addControl('time', {
      description: 'date and time that it shows: 2026-03-01 07:05:09; to set it starts it',
      type: 'text',
      get: () => timeToText(this.calendar.time),
      set: value => this.setTime(value as string),
    });
    this.addReading('running', { description: 'whether its oscillator runs', read: () => !this.calendar.isStopped });
    this.addReading('memory', { description: 'its 56 bytes', read: () => this.memory.slice() });
    this.addFault('battery-empty', {
      description: 'its battery was empty: it has stopped, and has lost everything',
      begin: () => {
        this.memory.fill(0);
        this.settings = 3;
        this.calendar.stop(true);
        this.calendar.time = { year: 0, month: 1, day: 1, weekday: 1, hour: 0, minute: 0, second: 0 };
      },
      end: () => {},
    });
    const drift = this.addAmountFault('drift', 'it is too fast', 'ppm', () => this.calendar.drift(drift.value));
  }

  private setTime(text: string): void {
    try {
      this.calendar.stop(false);
      this.calendar.time = timeFromText(text);
    } catch (error) {
      throw new PartError(`${this.name}: ${(error as Error).message}`);
    }
  }

  protected override transferBegins(): void {
    this.shadow = this.calendar.time;
  }

  protected override selected(byte: number): number {
    return byte % SIZE;
  }

  protected override following(register: number): number {
    return (register + 1) % SIZE;
  }

  protected override readRegister(register: number): number {
    const { year, month, day, weekday, hour, minute, second } = this.shadow;
    const fields = [
      toBcd(second) | (this.calendar.isStopped ? 0x80 : 0),
      toBcd(minute),
      hourToBcd(hour, this.twelve),
      weekday,
      toBcd(day),
      toBcd(month),
      toBcd(year),
      this.settings,
    ];
    return register < MEMORY ? fields[register] : this.memory[register - MEMORY];
  }

  protected override writeRegister(register: number, value: number): void {
    const { calendar } = this;
    if (register >= MEMORY) this.memory[register - MEMORY] = value;
    else if (register === CONTROL) {
      this.settings = value & 0x93;
      this.output();
    } else if (register === 0) {
      calendar.time = { ...calendar.time, second: fromBcd(value & 0x7f) };
      calendar.stop((value & 0x80) !== 0);
    } else if (register === 2) {
      this.twelve = (value & 0x40) !== 0;
      calendar.change({ hour: hourFromBcd(value & 0x7f) });
    } else {
      const field = ({ 1: 'minute', 3: 'weekday', 4: 'day', 5: 'month', 6: 'year' } as const)[register as 1 | 3 | 4 | 5 | 6];
      calendar.change({ [field]: fromBcd(value) });
    }
  }

  private output(): void {
    const pin = this.pin('sqw');
    if ((this.settings & 0x10) === 0 || this.calendar.isStopped) pin.setDrive(this.settings & 0x80 ? -1 : 0);
    else pin.play(new OpenDrainSquare(1e9 / [1, 4096, 8192, 32768][this.settings & 3], this.calendar.nextSecond));
  }
}
