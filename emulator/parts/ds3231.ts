/**
 * The real-time clock DS3231 on I2C (Maxim data sheet 19-5170 rev. 10): calendar, two alarms and a square wave on its
 * `int/sqw` pin, a thermometer, and a flag that says whether it has ever stopped.
 */
import type { ClockEvent } from '../clock/clock.ts';
import { type CalendarTime, fromBcd, toBcd } from '../peripherals/calendar.ts';
import { BcdClock, hourFromBcd, hourToBcd, timeFromText, timeToText } from './bcd-clock.ts';
import { type PartBench, PartError } from './part.ts';
import { RegisterPart } from './register-part.ts';
import { OpenDrainSquare } from './square-wave.ts';

const CONTROL = 0x0e;
const STATUS = 0x0f;
const AGING = 0x10;
const LAST = 0x12;
const OSF = 0x80;
/** A conversion of the temperature (table "AC electrical characteristics": 125 ms typical). */
const CONVERSION = 125_000_000;

export class Ds3231 extends RegisterPart {
  private readonly calendar: BcdClock;
  private readonly temperature: { readonly value: number };
  private readonly alarms = new Uint8Array(7);
  private settings = 0x1c;
  private status = OSF | 8;
  private aging = 0;
  private twelve = false;
  private century = 0;
  private measured = 0;
  private convertingUntil = 0;
  private shadow: CalendarTime;
  private tick: ClockEvent | undefined;

  /** Pins `scl`, `sda` and `sqw`, which is open drain. */
  constructor(bench: PartBench, name: string) {
    super(bench, name, 0x68);
    this.addPin('sqw');
    this.calendar = new BcdClock(bench.clock);
    this.shadow = this.calendar.time;
    this.temperature = this.addNumber('temperature', { description: 'how warm it is', unit: '°C', initial: 25, min: -40, max: 85 });
    this.measured = this.temperature.value;
    this.addControl('time', {
      description: 'date and time that it shows: 2026-03-01 07:05:09',
      type: 'text',
      get: () => timeToText(this.calendar.time),
      set: value => this.setTime(value as string),
    });
    this.addFault('battery-empty', {
      description: 'its battery was empty: it has stopped, and its time is lost',
      begin: () => {
        this.calendar.time = { year: 0, month: 1, day: 1, weekday: 1, hour: 0, minute: 0, second: 0 };
        this.status |= OSF;
      },
      end: () => {},
    });
    const drift = this.addAmountFault('drift', 'it is too fast', 'ppm', () => {
      this.calendar.drift(drift.value);
      this.nextTick();
    });
    this.nextTick();
  }

  private setTime(text: string): void {
    try {
      this.calendar.time = timeFromText(text);
    } catch (error) {
      throw new PartError(`${this.name}: ${(error as Error).message}`);
    }
    this.status &= ~OSF;
    this.nextTick();
  }

  /** The time is copied at START, so that a transfer reads one moment (section "Clock and calendar"). */
  protected override transferBegins(): void {
    this.shadow = this.calendar.time;
  }

  protected override following(register: number): number {
    if (register !== LAST) return register + 1;
    this.shadow = this.calendar.time;
    return 0;
  }

  protected override selected(byte: number): number {
    return byte % (LAST + 1);
  }

  protected override readRegister(register: number): number {
    const { year, month, day, weekday, hour, minute, second } = this.shadow;
    switch (register) {
      case 0:
        return toBcd(second);
      case 1:
        return toBcd(minute);
      case 2:
        return hourToBcd(hour, this.twelve);
      case 3:
        return weekday;
      case 4:
        return toBcd(day);
      case 5:
        return toBcd(month) | this.century;
      case 6:
        return toBcd(year);
      case CONTROL:
        return this.settings;
      case STATUS:
        return this.status | (this.clock.now < this.convertingUntil ? 4 : 0);
      case AGING:
        return this.aging;
      case 0x11:
        return Math.floor(this.quarters / 4) & 0xff;
      case 0x12:
        return (this.quarters & 3) << 6;
    }
    return this.alarms[register - 7];
  }

  /** Its temperature in quarters of a degree, as last measured: every 64 s, or on request. */
  private get quarters(): number {
    return Math.round(this.measured * 4);
  }

  protected override writeRegister(register: number, value: number): void {
    const { calendar } = this;
    switch (register) {
      case 0:
        calendar.time = { ...calendar.time, second: fromBcd(value & 0x7f) };
        this.nextTick();
        return;
      case 1:
        calendar.change({ minute: fromBcd(value & 0x7f) });
        return;
      case 2:
        this.twelve = (value & 0x40) !== 0;
        calendar.change({ hour: hourFromBcd(value & 0x7f) });
        return;
      case 3:
        calendar.change({ weekday: value & 7 });
        return;
      case 4:
        calendar.change({ day: fromBcd(value & 0x3f) });
        return;
      case 5:
        this.century = value & 0x80;
        calendar.change({ month: fromBcd(value & 0x1f) });
        return;
      case 6:
        calendar.change({ year: fromBcd(value) });
        return;
      case CONTROL:
        if (value & 0x20) this.convert();
        this.settings = value & ~0x20;
        this.output();
        return;
      case STATUS:
        // Flags can only be cleared; only the 32 kHz output is a setting.
        this.status = (this.status & value & (OSF | 3)) | (value & 8);
        this.output();
        return;
      case AGING:
        this.aging = value;
        return;
    }
    if (register >= 7 && register < CONTROL) this.alarms[register - 7] = value;
  }

  private convert(): void {
    this.convertingUntil = this.clock.now + CONVERSION;
    this.clock.after(CONVERSION, () => {
      this.measured = this.temperature.value;
    });
  }

  private nextTick(): void {
    this.clock.cancel(this.tick);
    const next = this.calendar.nextSecond;
    this.tick = Number.isFinite(next) ? this.clock.at(Math.max(next, this.clock.now + 1), () => this.second()) : undefined;
  }

  /** A new second: alarms that match set their flags (table 2). */
  private second(): void {
    const { time } = this.calendar;
    // On the real chip the temperature is measured every 64 s.
    if ((time.minute * 60 + time.second) % 64 === 0) this.convert();
    const [s1, m1, h1, d1, m2, h2, d2] = this.alarms;
    const dayMatches = (register: number) =>
      (register & 0x80) !== 0 || (register & 0x40 ? (register & 15) === time.weekday : fromBcd(register & 0x3f) === time.day);
    const matches = (register: number, value: number) => (register & 0x80) !== 0 || fromBcd(register & 0x7f) === value;
    const hourMatches = (register: number) => (register & 0x80) !== 0 || hourFromBcd(register & 0x7f) === time.hour;
    if (matches(s1, time.second) && matches(m1, time.minute) && hourMatches(h1) && dayMatches(d1)) this.status |= 1;
    if (time.second === 0 && matches(m2, time.minute) && hourMatches(h2) && dayMatches(d2)) this.status |= 2;
    this.output();
    this.nextTick();
  }

  /** The pin: an interrupt while INTCN is set, else a square wave. */
  private output(): void {
    const pin = this.pin('sqw');
    if (this.settings & 4) {
      pin.setDrive(this.status & this.settings & 3 ? 0 : -1);
      return;
    }
    // The falling edge of 1 Hz is the new second.
    pin.play(new OpenDrainSquare(1e9 / [1, 1024, 4096, 8192][(this.settings >> 3) & 3], this.calendar.nextSecond));
  }
}
