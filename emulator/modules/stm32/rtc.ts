/**
 * The real-time clock as the firmware brings it up and reads it (ports/stm32/rtc.c). The crystal is started at reset; the first
 * who asks for the time waits until it runs.
 */

import { fromBcd, toBcd } from '../../peripherals/calendar.ts';
import { PwrCr, PwrRegister } from '../../peripherals/pwr.ts';
import { RccRegister } from '../../peripherals/rcc.ts';
import { RtcIsr, RtcRegister } from '../../peripherals/rtc.ts';
import { vm } from '../../vm/vm.ts';
import { secondsOf } from '../calendar.ts';
import { hardware } from '../hardware.ts';
import { NS_PER_S } from '../waiting.ts';
import { pollUntil, ticks } from './time.ts';

const BDCR = { LSEON: 1, LSERDY: 2, SEL_LSE: 0x100, SEL_LSI: 0x200, SEL: 0x300, RTCEN: 0x8000, BDRST: 0x1_0000 } as const;
const LSION = 1;

/** How long the HAL waits for the crystal. */
const CRYSTAL_TIMEOUT = 5 * NS_PER_S;

/** Bits of `info`. */
const Info = { RUNNING_LSE: 0x4_0000, RUNNING_LSI: 0x8_0000, POWER_ON: 0x1_0000, RESET_PIN: 0x2_0000 } as const;

interface RtcState {
  /** What pyb.RTC().info() tells. */
  info: number;
  startTick: number;
  pending: boolean;
  usesCrystal: boolean;
}

const KEY = Symbol('RTC start-up');

const state = () => vm.stateOf<RtcState>(KEY, () => ({ info: 0, startTick: 0, pending: false, usesCrystal: true }));

const rtc = () => hardware().chip.rtc;

function modifyBackup(clear: number, set: number): void {
  const { rcc } = hardware().chip;
  rcc.writeRegister(RccRegister.BDCR, ((rcc.peek(RccRegister.BDCR) & ~clear) | set) >>> 0);
}

/** Lets the backup domain be written. */
function openBackupDomain(): void {
  const { chip } = hardware();
  chip.rcc.enable('PWR');
  chip.pwr.writeRegister(PwrRegister.CR, chip.pwr.peek(PwrRegister.CR) | PwrCr.DBP);
}

/** At reset: a clock that runs is left alone, otherwise its oscillator is started. @param force starts it anew in any case */
export function startRtc(force: boolean): void {
  const { rcc } = hardware().chip;
  const known = state();
  known.pending = false;
  if (!force) known.info = 0;
  openBackupDomain();
  const bdcr = rcc.peek(RccRegister.BDCR);
  const running = (bdcr & (BDCR.RTCEN | BDCR.SEL)) >>> 0;
  const crystal = (bdcr & (BDCR.LSEON | BDCR.LSERDY)) === (BDCR.LSEON | BDCR.LSERDY);
  if (!force && ((running === (BDCR.RTCEN | BDCR.SEL_LSE) && crystal) || running === (BDCR.RTCEN | BDCR.SEL_LSI))) {
    const onCrystal = running === (BDCR.RTCEN | BDCR.SEL_LSE);
    if (!onCrystal) rcc.writeRegister(RccRegister.CSR, rcc.peek(RccRegister.CSR) | LSION);
    known.info |= onCrystal ? Info.RUNNING_LSE : Info.RUNNING_LSI;
    known.info |= (rcc.peek(RccRegister.BDCR) & 7) | ((rcc.peek(RccRegister.CSR) & 3) << 8);
    rcc.clearResetFlags();
    return;
  }
  known.usesCrystal = hardware().hardware.rtc?.source === 'LSE';
  known.startTick = ticks();
  known.info = 0x3f00_0000 | (known.startTick & 0xff_ffff);
  startOscillator(known.usesCrystal);
  known.pending = true;
}

function startOscillator(crystal: boolean): void {
  const { rcc } = hardware().chip;
  const selected = rcc.peek(RccRegister.BDCR) & BDCR.SEL;
  // The clock can only be chosen once after a reset of the domain.
  if (selected !== 0 && selected !== (crystal ? BDCR.SEL_LSE : BDCR.SEL_LSI)) {
    modifyBackup(0, BDCR.BDRST);
    modifyBackup(BDCR.BDRST, 0);
  }
  if (crystal) modifyBackup(0, BDCR.LSEON);
  else rcc.writeRegister(RccRegister.CSR, rcc.peek(RccRegister.CSR) | LSION);
}

/** Waits for the oscillator and sets the clock up, if that is still to be done. Without a crystal the slow RC oscillator takes over. */
export function finishRtc(): void {
  const known = state();
  if (!known.pending) return;
  const { rcc } = hardware().chip;
  known.info = 0;
  if (known.usesCrystal && !pollUntil(() => (rcc.peek(RccRegister.BDCR) & BDCR.LSERDY) !== 0, CRYSTAL_TIMEOUT)) {
    known.usesCrystal = false;
    known.startTick = ticks();
    startOscillator(false);
  }
  modifyBackup(BDCR.SEL, (known.usesCrystal ? BDCR.SEL_LSE : BDCR.SEL_LSI) | BDCR.RTCEN);
  unlocked(() => initialize(() => rtc().writeRegister(RtcRegister.PRER, (0x7f << 16) | 0xff)));
  known.info = 0x2000_0000 | (known.usesCrystal ? 0x1000_0000 : 0) | ((ticks() - known.startTick) & 0xffff);
  setDate(15, 1, 1, 4);
  setTime(0, 0, 0);
  const flags = rcc.resetFlags;
  if (flags & 0x0800_0000) known.info |= Info.POWER_ON;
  if (flags & 0x0400_0000) known.info |= Info.RESET_PIN;
  rcc.clearResetFlags();
  known.pending = false;
}

export const rtcInfo = (): number => state().info;

/** Runs `action` with the registers' write protection off. */
export function unlocked(action: () => void): void {
  const block = rtc();
  block.writeRegister(RtcRegister.WPR, 0xca);
  block.writeRegister(RtcRegister.WPR, 0x53);
  action();
  block.writeRegister(RtcRegister.WPR, 0xff);
}

function initialize(action: () => void): void {
  const block = rtc();
  block.writeRegister(RtcRegister.ISR, 0xffff_ffff);
  action();
  block.writeRegister(RtcRegister.ISR, ~RtcIsr.INIT >>> 0);
}

const bcd = (value: number) => toBcd(value & 0xff) & 0xff;

/** @param year of the century @param weekday 1 is Monday */
export function setDate(year: number, month: number, day: number, weekday: number): void {
  const value = (bcd(year) << 16) | ((weekday & 7) << 13) | (bcd(month) << 8) | bcd(day);
  unlocked(() => initialize(() => rtc().writeRegister(RtcRegister.DR, (value & 0x00ff_ff3f) >>> 0)));
}

export function setTime(hour: number, minute: number, second: number): void {
  const value = (bcd(hour) << 16) | (bcd(minute) << 8) | bcd(second);
  unlocked(() => initialize(() => rtc().writeRegister(RtcRegister.TR, value & 0x7f_7f7f)));
}

export interface RtcTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Counts down from 255 to 0 in a second. */
  readonly subseconds: number;
}

/** The time, as the shadow registers have it. */
export function readRtc(): RtcTime {
  const block = rtc();
  const subseconds = block.readRegister(RtcRegister.SSR);
  const time = block.readRegister(RtcRegister.TR);
  const date = block.readRegister(RtcRegister.DR);
  return {
    year: 2000 + fromBcd((date >>> 16) & 0xff),
    month: fromBcd((date >>> 8) & 0x1f),
    day: fromBcd(date & 0x3f),
    weekday: (date >>> 13) & 7,
    hour: fromBcd((time >>> 16) & 0x3f),
    minute: fromBcd((time >>> 8) & 0x7f),
    second: fromBcd(time & 0x7f),
    subseconds,
  };
}

/** Seconds since 1970 and the ns of the second, for `time` and the filesystems. Waits for the clock if it is not up yet. */
export function rtcWallClock(): { seconds: number; ns: number } {
  finishRtc();
  const { year, month, day, hour, minute, second, subseconds } = readRtc();
  return { seconds: secondsOf(year, month, day, hour, minute, second), ns: ((255 - subseconds) & 0xff) * 3_906_250 };
}
