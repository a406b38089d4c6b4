/**
 * The real-time clock (RM0090 section 26): calendar with subseconds, two alarms, wake-up timer, smooth calibration, backup
 * registers, calibration output. Time stamps and tamper detection are refused.
 *
 * The calendar is derived from virtual time; only an enabled alarm and the wake-up timer are events. It belongs to the
 * backup domain: a system reset leaves it alone.
 */
import type { Clock, ClockEvent } from '../clock/clock.ts';
import { addSeconds, type CalendarTime, fromBcd, SECONDS_PER_DAY, toBcd } from './calendar.ts';
import { NotModelledError } from './not-modelled.ts';
import { RegisterBlock } from './register-block.ts';

export const RtcRegister = {
  TR: 0x00,
  DR: 0x04,
  CR: 0x08,
  ISR: 0x0c,
  PRER: 0x10,
  WUTR: 0x14,
  CALIBR: 0x18,
  ALRMAR: 0x1c,
  ALRMBR: 0x20,
  WPR: 0x24,
  SSR: 0x28,
  SHIFTR: 0x2c,
  TSTR: 0x30,
  TSDR: 0x34,
  TSSSR: 0x38,
  CALR: 0x3c,
  TAFCR: 0x40,
  ALRMASSR: 0x44,
  ALRMBSSR: 0x48,
  BKP0R: 0x50,
  BKP19R: 0x9c,
} as const;

export const RtcCr = {
  WUCKSEL: 7,
  BYPSHAD: 0x20,
  FMT: 0x40,
  DCE: 0x80,
  ALRAE: 0x100,
  ALRBE: 0x200,
  WUTE: 0x400,
  TSE: 0x800,
  ALRAIE: 0x1000,
  ALRBIE: 0x2000,
  WUTIE: 0x4000,
  ADD1H: 0x1_0000,
  SUB1H: 0x2_0000,
  COSEL: 0x8_0000,
  POL: 0x10_0000,
  OSEL: 0x60_0000,
  COE: 0x80_0000,
} as const;

export const RtcIsr = {
  ALRAWF: 1,
  ALRBWF: 2,
  WUTWF: 4,
  SHPF: 8,
  INITS: 0x10,
  RSF: 0x20,
  INITF: 0x40,
  INIT: 0x80,
  ALRAF: 0x100,
  ALRBF: 0x200,
  WUTF: 0x400,
} as const;

export interface RtcOptions {
  clock: Clock;
  /** Hz of RTCCLK, fractions for a crystal that is off; 0 without a clock. */
  frequency: () => number;
  /** PWR_CR's DBP: whether the backup domain may be written. */
  writable: () => boolean;
  /** An alarm or the wake-up timer has fired: EXTI's line. */
  onAlarm: () => void;
  onWakeup: () => void;
  /** What RTC_OUT (PC13) shows has changed: Hz of a square wave, or 0. */
  onOutput: (frequency: number) => void;
}

/** Seconds of the hundred years after which the calendar repeats, but for the weekday. */
const CENTURY = 36_525 * SECONDS_PER_DAY;

interface Alarm {
  /** CR's enable bit, its interrupt's, and ISR's flag */
  enable: number;
  interrupt: number;
  flag: number;
  value: number;
  subseconds: number;
  event: ClockEvent | undefined;
}

export class Rtc extends RegisterBlock {
  private cr = 0;
  private isr = RtcIsr.ALRAWF | RtcIsr.ALRBWF | RtcIsr.WUTWF;
  private asynchronous = 0x7f;
  private synchronous = 0xff;
  private wutr = 0xffff;
  private calibr = 0;
  private calr = 0;
  private unlocked = 0;
  private readonly backup = new Uint32Array(20);
  private readonly alarms: [Alarm, Alarm] = [
    { enable: RtcCr.ALRAE, interrupt: RtcCr.ALRAIE, flag: RtcIsr.ALRAF, value: 0, subseconds: 0, event: undefined },
    { enable: RtcCr.ALRBE, interrupt: RtcCr.ALRBIE, flag: RtcIsr.ALRBF, value: 0, subseconds: 0, event: undefined },
  ];
  private wakeupEvent: ClockEvent | undefined;

  /** the calendar at `baseTime`, with `baseTicks` of ck_apre already gone in its second */
  private base: CalendarTime = { year: 0, month: 1, day: 1, weekday: 1, hour: 0, minute: 0, second: 0 };
  private baseTime = 0;
  private baseTicks = 0;
  private rate = 0;
  /** what a read of TR or SSR froze until DR is read */
  private frozen: { calendar: CalendarTime; ticks: number } | undefined;

  constructor(private readonly options: RtcOptions) {
    super('RTC');
  }

  /** A system reset leaves the backup domain as it is; only the write protection closes. */
  override reset(): void {
    this.unlocked = 0;
    this.frozen = undefined;
  }

  /** Power-on without a battery, or BDCR's BDRST. */
  resetBackupDomain(): void {
    const { clock } = this.options;
    this.cr = this.calibr = this.calr = 0;
    this.isr = RtcIsr.ALRAWF | RtcIsr.ALRBWF | RtcIsr.WUTWF;
    this.asynchronous = 0x7f;
    this.synchronous = 0xff;
    this.wutr = 0xffff;
    this.backup.fill(0);
    this.base = { year: 0, month: 1, day: 1, weekday: 1, hour: 0, minute: 0, second: 0 };
    this.baseTime = clock.now;
    this.baseTicks = 0;
    this.reset();
    for (const alarm of this.alarms) {
      alarm.value = alarm.subseconds = 0;
      clock.cancel(alarm.event);
    }
    clock.cancel(this.wakeupEvent);
    this.rate = this.tickRate();
    this.options.onOutput(0);
  }

  /** RTCCLK has been chosen, started, stopped, or has drifted. */
  clockChanged(): void {
    this.rebase();
    this.rate = this.tickRate();
    this.scheduleAlarms();
    this.updateOutput();
  }

  /** The calendar now. */
  get calendar(): CalendarTime {
    return this.at(this.options.clock.now).calendar;
  }

  /** Backup register n, from 0 to 19. */
  backupRegister(n: number): number {
    return this.backup[n] ?? 0;
  }

  // --- time ------------------------------------------------------------------------------------------------------

  /** ck_apre in Hz, smooth calibration included (RM0090 section 26.3.11). */
  private tickRate(): number {
    const plus = this.calr & 0x8000 ? 512 : 0;
    const minus = this.calr & 0x1ff;
    const corrected = this.options.frequency() * (1 + (plus - minus) / (0x10_0000 + minus - plus));
    return corrected / (this.asynchronous + 1);
  }

  private get running(): boolean {
    return this.rate > 0 && (this.isr & RtcIsr.INIT) === 0;
  }

  private at(time: number): { calendar: CalendarTime; ticks: number } {
    if (!this.running) return { calendar: this.base, ticks: this.baseTicks };
    // A tick that is due in the same nanosecond has come, whatever the rounding of the division says.
    // Just after it was set, the calendar has not yet started.
    const ticks = this.baseTicks + Math.max(0, Math.floor(((time - this.baseTime) * this.rate) / 1e9 + 1e-6));
    const perSecond = this.synchronous + 1;
    const seconds = Math.floor(ticks / perSecond);
    return { calendar: seconds === 0 ? this.base : addSeconds(this.base, seconds), ticks: ticks - seconds * perSecond };
  }

  private rebase(): void {
    const { now } = this.options.clock;
    const { calendar, ticks } = this.at(now);
    if (this.running) {
      // Keep the part of a tick that has passed: the base moves to the last tick.
      const all = ((now - this.baseTime) * this.rate) / 1e9;
      this.baseTime = now - ((all - Math.floor(all + 1e-6)) * 1e9) / this.rate;
    } else this.baseTime = now;
    this.base = calendar;
    this.baseTicks = ticks;
  }

  /** The first ns at which `ticks` of ck_apre have gone since the base second began. */
  private timeOf(ticks: number): number {
    return Math.ceil(this.baseTime + ((ticks - this.baseTicks) * 1e9) / this.rate - 1e-3);
  }

  // --- registers -------------------------------------------------------------------------------------------------

  override readRegister(offset: number): number {
    const { now } = this.options.clock;
    if (offset >= RtcRegister.BKP0R && offset <= RtcRegister.BKP19R) return this.backup[(offset - RtcRegister.BKP0R) >> 2];
    switch (offset) {
      case RtcRegister.TR: {
        this.freeze();
        const { calendar } = this.frozen ?? this.at(now);
        const pm = this.cr & RtcCr.FMT && calendar.hour >= 12 ? 1 << 22 : 0;
        const hour = this.cr & RtcCr.FMT ? calendar.hour % 12 || 12 : calendar.hour;
        return pm | (toBcd(hour) << 16) | (toBcd(calendar.minute) << 8) | toBcd(calendar.second);
      }
      case RtcRegister.DR: {
        const { calendar } = this.frozen ?? this.at(now);
        this.frozen = undefined;
        return (toBcd(calendar.year) << 16) | (calendar.weekday << 13) | (toBcd(calendar.month) << 8) | toBcd(calendar.day);
      }
      case RtcRegister.SSR: {
        this.freeze();
        return this.synchronous - (this.frozen ?? this.at(now)).ticks;
      }
      case RtcRegister.CR:
        return this.cr;
      case RtcRegister.ISR:
        return this.isr | (this.isr & RtcIsr.INIT ? RtcIsr.INITF : RtcIsr.RSF) | (this.calendar.year !== 0 ? RtcIsr.INITS : 0);
      case RtcRegister.PRER:
        return (this.asynchronous << 16) | this.synchronous;
      case RtcRegister.WUTR:
        return this.wutr;
      case RtcRegister.CALIBR:
        return this.calibr;
      case RtcRegister.ALRMAR:
        return this.alarms[0].value;
      case RtcRegister.ALRMBR:
        return this.alarms[1].value;
      case RtcRegister.CALR:
        return this.calr;
      case RtcRegister.ALRMASSR:
        return this.alarms[0].subseconds;
      case RtcRegister.ALRMBSSR:
        return this.alarms[1].subseconds;
    }
    return 0;
  }

  private freeze(): void {
    if ((this.cr & RtcCr.BYPSHAD) === 0) this.frozen ??= this.at(this.options.clock.now);
  }

  override peek(offset: number): number {
    const { frozen } = this;
    const value = this.readRegister(offset);
    this.frozen = frozen;
    return value;
  }

  override writeRegister(offset: number, value: number): void {
    if (offset === RtcRegister.WPR) {
      const key = value & 0xff;
      this.unlocked = key === 0xca ? 1 : key === 0x53 && this.unlocked === 1 ? 2 : 0;
      return;
    }
    if (!this.options.writable()) return;
    if (offset >= RtcRegister.BKP0R && offset <= RtcRegister.BKP19R) {
      this.backup[(offset - RtcRegister.BKP0R) >> 2] = value;
      return;
    }
    // ISR's flags and TAFCR are not protected by the key (RM0090 section 26.3.5).
    if (offset === RtcRegister.ISR) {
      this.writeIsr(value);
      return;
    }
    if (offset === RtcRegister.TAFCR) {
      if (value & 0x0d) throw new NotModelledError(this.name, 'tamper detection (TAFCR)');
      return;
    }
    if (this.unlocked !== 2) return;
    const initializing = (this.isr & RtcIsr.INIT) !== 0;
    switch (offset) {
      case RtcRegister.TR:
        if (initializing) this.setTime(value);
        break;
      case RtcRegister.DR:
        if (initializing) this.setDate(value);
        break;
      case RtcRegister.CR:
        this.writeCr(value);
        break;
      case RtcRegister.PRER:
        if (initializing) {
          this.asynchronous = (value >>> 16) & 0x7f;
          this.synchronous = value & 0x7fff;
          this.rate = this.tickRate();
        }
        break;
      case RtcRegister.WUTR:
        if ((this.cr & RtcCr.WUTE) === 0) this.wutr = value & 0xffff;
        break;
      case RtcRegister.CALIBR:
        this.calibr = value & 0x9f;
        break;
      case RtcRegister.ALRMAR:
      case RtcRegister.ALRMBR:
        this.alarms[offset === RtcRegister.ALRMAR ? 0 : 1].value = value;
        this.scheduleAlarms();
        break;
      case RtcRegister.ALRMASSR:
      case RtcRegister.ALRMBSSR:
        this.alarms[offset === RtcRegister.ALRMASSR ? 0 : 1].subseconds = value & 0x0f00_7fff;
        this.scheduleAlarms();
        break;
      case RtcRegister.CALR:
        this.rebase();
        this.calr = value & 0xe1ff;
        this.rate = this.tickRate();
        this.scheduleAlarms();
        break;
      case RtcRegister.SHIFTR:
        this.shift(value);
    }
  }

  private writeIsr(value: number): void {
    const flags = RtcIsr.ALRAF | RtcIsr.ALRBF | RtcIsr.WUTF;
    this.isr = (this.isr & ~flags) | (this.isr & value & flags);
    if (this.unlocked !== 2) return;
    const init = value & RtcIsr.INIT;
    if (init === (this.isr & RtcIsr.INIT)) return;
    if (init) {
      this.rebase();
      this.isr |= RtcIsr.INIT;
    } else {
      this.isr &= ~RtcIsr.INIT;
      // The calendar starts four RTCCLK cycles later (RM0090 section 26.3.5).
      this.baseTicks = 0;
      this.baseTime = this.options.clock.now + (4e9 / this.options.frequency() || 0);
    }
    this.scheduleAlarms();
  }

  private writeCr(value: number): void {
    if (value & RtcCr.TSE) throw new NotModelledError(this.name, 'time stamps (CR.TSE)');
    if (value & RtcCr.DCE) throw new NotModelledError(this.name, 'coarse calibration (CR.DCE)');
    const wasWaking = this.cr & RtcCr.WUTE;
    this.cr = value & 0x00ff_ffff & ~(RtcCr.ADD1H | RtcCr.SUB1H);
    if (value & (RtcCr.ADD1H | RtcCr.SUB1H)) {
      this.rebase();
      const hour = (this.base.hour + (value & RtcCr.ADD1H ? 1 : 23)) % 24;
      this.base = { ...this.base, hour };
    }
    this.scheduleAlarms();
    if (this.cr & RtcCr.WUTE && !wasWaking) this.startWakeup();
    else if ((this.cr & RtcCr.WUTE) === 0) this.options.clock.cancel(this.wakeupEvent);
    this.updateOutput();
  }

  private setTime(value: number): void {
    let hour = fromBcd((value >>> 16) & 0x3f);
    if (this.cr & RtcCr.FMT) hour = (hour % 12) + (value & (1 << 22) ? 12 : 0);
    this.base = { ...this.base, hour, minute: fromBcd((value >>> 8) & 0x7f), second: fromBcd(value & 0x7f) };
  }

  private setDate(value: number): void {
    this.base = {
      ...this.base,
      year: fromBcd((value >>> 16) & 0xff),
      weekday: (value >>> 13) & 7,
      month: fromBcd((value >>> 8) & 0x1f),
      day: fromBcd(value & 0x3f),
    };
  }

  /** Moves the clock by fractions of a second (RM0090 section 26.3.8). */
  private shift(value: number): void {
    this.rebase();
    this.baseTicks -= value & 0x7fff;
    if (value & 0x8000_0000) this.baseTicks += this.synchronous + 1;
    while (this.baseTicks < 0) {
      this.baseTicks += this.synchronous + 1;
      // a century, less a second: the calendar comes round to where it was
      this.base = addSeconds(this.base, CENTURY - 1);
      this.base.weekday = ((this.base.weekday - 1 + 7 - ((CENTURY / SECONDS_PER_DAY) % 7)) % 7) + 1;
    }
    this.scheduleAlarms();
  }

  // --- alarms and the wake-up timer ------------------------------------------------------------------------------

  private scheduleAlarms(): void {
    const { clock } = this.options;
    for (const alarm of this.alarms) {
      clock.cancel(alarm.event);
      if ((this.cr & alarm.enable) === 0 || !this.running) continue;
      const time = this.nextAlarm(alarm);
      if (time === undefined) continue;
      alarm.event = clock.at(Math.max(time, clock.now), () => {
        this.isr |= alarm.flag;
        if (this.cr & alarm.interrupt) this.options.onAlarm();
        this.scheduleAlarms();
      });
    }
  }

  /** When the calendar next meets an alarm, strictly after now; undefined if it does not within two years. */
  private nextAlarm(alarm: Alarm): number | undefined {
    const { now } = this.options.clock;
    const perSecond = this.synchronous + 1;
    const comparedBits = Math.min(15, (alarm.subseconds >>> 24) & 15);
    const mask = (1 << comparedBits) - 1;
    // Subseconds count down; an alarm without any compared bits is due when the second begins.
    const tickOffset = comparedBits === 0 ? 0 : (this.synchronous - (alarm.subseconds & 0x7fff)) & mask;
    const elapsed = Math.floor((this.baseTicks + Math.floor(((now - this.baseTime) * this.rate) / 1e9 + 1e-6)) / perSecond);
    for (let second = elapsed; ; ) {
      const calendar = addSeconds(this.base, second);
      const skip = this.secondsToMatch(alarm.value, calendar);
      if (second + skip > elapsed + 2 * 366 * SECONDS_PER_DAY) return undefined;
      if (skip > 0) {
        second += skip;
        continue;
      }
      for (let tick = tickOffset; tick < perSecond; tick += comparedBits === 0 ? perSecond : mask + 1) {
        const time = this.timeOf(second * perSecond + tick);
        if (time > now) return time;
      }
      second++;
    }
  }

  /** 0 if an alarm's fields agree with the calendar, else a number of seconds that may be skipped. */
  private secondsToMatch(value: number, calendar: CalendarTime): number {
    const toMidnight = SECONDS_PER_DAY - (calendar.hour * 3600 + calendar.minute * 60 + calendar.second);
    if ((value & 0x8000_0000) === 0) {
      const day = value & 0x4000_0000 ? (value >>> 24) & 15 : fromBcd((value >>> 24) & 0x3f);
      if (day !== (value & 0x4000_0000 ? calendar.weekday : calendar.day)) return toMidnight;
    }
    if ((value & 0x80_0000) === 0) {
      let hour = fromBcd((value >>> 16) & 0x3f);
      if (this.cr & RtcCr.FMT) hour = (hour % 12) + (value & (1 << 22) ? 12 : 0);
      if (hour !== calendar.hour) return 3600 - calendar.minute * 60 - calendar.second;
    }
    if ((value & 0x8000) === 0 && fromBcd((value >>> 8) & 0x7f) !== calendar.minute) return 60 - calendar.second;
    if ((value & 0x80) === 0 && fromBcd(value & 0x7f) !== calendar.second) return 1;
    return 0;
  }

  private startWakeup(): void {
    const { clock } = this.options;
    const period = this.wakeupPeriod;
    if (period === Infinity) return;
    let next = clock.now + period;
    this.wakeupEvent = clock.at(Math.round(next), () => {
      this.isr |= RtcIsr.WUTF;
      if (this.cr & RtcCr.WUTIE) this.options.onWakeup();
      next += period;
      clock.reschedule(this.wakeupEvent!, Math.round(next));
    });
  }

  /** ns between two wake-ups. */
  private get wakeupPeriod(): number {
    const select = this.cr & RtcCr.WUCKSEL;
    const frequency = this.options.frequency();
    if (frequency === 0) return Infinity;
    if (select < 4) return ((this.wutr + 1) * [16, 8, 4, 2][select] * 1e9) / frequency;
    const second = ((this.synchronous + 1) * 1e9) / this.rate;
    return (this.wutr + 1 + (select >= 6 ? 0x1_0000 : 0)) * second;
  }

  private updateOutput(): void {
    if ((this.cr & RtcCr.COE) === 0) this.options.onOutput(0);
    else if (this.cr & RtcCr.COSEL) this.options.onOutput(this.rate / (this.synchronous + 1));
    else this.options.onOutput(this.options.frequency() / 64);
  }
}
