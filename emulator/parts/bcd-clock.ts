/** A calendar that counts by itself in a clock chip with a battery: what DS1307 and DS3231 have in common. */
import type { Clock } from '../clock/clock.ts';
import { addSeconds, type CalendarTime, fromBcd, toBcd } from '../peripherals/calendar.ts';

const SECOND = 1_000_000_000;

export class BcdClock {
  private base: CalendarTime = { year: 0, month: 1, day: 1, weekday: 1, hour: 0, minute: 0, second: 0 };
  private since: number;
  private stopped = false;
  /** ppm by which its crystal is fast */
  private error = 0;

  constructor(private readonly clock: Clock) {
    this.since = clock.now;
  }

  /** ns of one of its seconds. */
  private get length(): number {
    return SECOND / (1 + this.error / 1e6);
  }

  /** Seconds since the calendar was set, fractions included. */
  private get elapsed(): number {
    return this.stopped ? 0 : (this.clock.now - this.since) / this.length;
  }

  get time(): CalendarTime {
    return addSeconds(this.base, Math.floor(this.elapsed + 1e-9));
  }

  /** Sets the calendar, and starts a second. */
  set time(time: CalendarTime) {
    this.base = time;
    this.since = this.clock.now;
  }

  /** Changes fields without a new beginning of the second. */
  change(fields: Partial<CalendarTime>): void {
    const { elapsed } = this;
    this.base = { ...this.time, ...fields };
    this.since = this.clock.now - (elapsed - Math.floor(elapsed + 1e-9)) * this.length;
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  /** Stops or starts its oscillator. */
  stop(stopped: boolean): void {
    if (stopped === this.stopped) return;
    this.base = this.time;
    this.since = this.clock.now;
    this.stopped = stopped;
  }

  /** Makes its crystal fast, or slow. */
  drift(ppm: number): void {
    this.change({});
    this.error = ppm;
    this.since = this.clock.now;
  }

  /** Virtual time at which its next second begins; Infinity while it is stopped. */
  get nextSecond(): number {
    if (this.stopped) return Infinity;
    return Math.ceil(this.since + (Math.floor(this.elapsed + 1e-9) + 1) * this.length);
  }
}

/** Hours as a clock chip has them: 0 to 23, or 1 to 12 with a bit for the afternoon, when bit 6 is set. */
export function hourToBcd(hour: number, twelve: boolean): number {
  if (!twelve) return toBcd(hour);
  return 0x40 | (hour >= 12 ? 0x20 : 0) | toBcd(hour % 12 === 0 ? 12 : hour % 12);
}

export function hourFromBcd(value: number): number {
  if ((value & 0x40) === 0) return fromBcd(value & 0x3f);
  return (fromBcd(value & 0x1f) % 12) + (value & 0x20 ? 12 : 0);
}

/** `2026-03-01 07:05:09` and back. @throws RangeError if it is no date and time from 2000 to 2099 */
export function timeToText({ year, month, day, hour, minute, second }: CalendarTime): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `20${two(year)}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

export function timeFromText(text: string): CalendarTime {
  const match = /^20(\d\d)-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)$/.exec(text);
  if (match === null) throw new RangeError(`"${text}" is no time from 2000 to 2099 such as 2026-03-01 07:05:09`);
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  const date = new Date(Date.UTC(2000 + year, month - 1, day, hour, minute, second));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    throw new RangeError(`"${text}" is no time that there is`);
  }
  return { year, month, day, weekday: ((date.getUTCDay() + 6) % 7) + 1, hour, minute, second };
}
