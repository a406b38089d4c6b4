import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSeconds, daysInMonth } from './calendar.ts';
import type { Chip } from './chip.ts';
import { ExtiLine } from './exti.ts';
import { FlashCr, FlashRegister, FlashSr } from './flash.ts';
import { PinMode, PinPull } from './gpio.ts';
import { PwrCr, PwrCsr, PwrRegister } from './pwr.ts';
import { ResetFlag } from './rcc.ts';
import { RngRegister } from './rng.ts';
import { RtcRegister as R, RtcCr, RtcIsr } from './rtc.ts';
import { chipOnBench } from './test-bench.ts';
import { TimerRegister as T } from './timer.ts';

const RCC = 0x4002_3800;
const SECOND = 1_000_000_000;

/** LSE chosen and running, the RTC set to 2024-02-28 23:59:50, a Wednesday. */
function clockOnBench() {
  const bench = chipOnBench();
  const { chip, clock } = bench;
  chip.pwr.writeRegister(PwrRegister.CR, PwrCr.DBP);
  chip.space.write32(RCC + 0x70, 1);
  clock.advanceTo(SECOND);
  chip.space.write32(RCC + 0x70, 0x8101);
  const { rtc } = chip;
  unlock(chip);
  rtc.writeRegister(R.ISR, RtcIsr.INIT);
  rtc.writeRegister(R.PRER, 0x7f_00ff);
  rtc.writeRegister(R.TR, 0x23_5950);
  rtc.writeRegister(R.DR, 0x24_6228);
  rtc.writeRegister(R.ISR, 0);
  // it starts four cycles of its clock later
  clock.advanceTo(clock.now + 200_000);
  return { ...bench, rtc };
}

function unlock(chip: Chip) {
  chip.rtc.writeRegister(R.WPR, 0xca);
  chip.rtc.writeRegister(R.WPR, 0x53);
}

describe('RTC', () => {
  it('counts on over midnight into a leap day', () => {
    const { clock, rtc } = clockOnBench();
    clock.advanceTo(clock.now + 12 * SECOND);
    expect(rtc.readRegister(R.TR).toString(16)).toBe('2');
    expect(rtc.readRegister(R.DR).toString(16)).toBe((0x24_0229 | (4 << 13)).toString(16));
  });

  it('has subseconds that count down', () => {
    const { clock, rtc } = clockOnBench();
    clock.advanceTo(clock.now + SECOND / 4);
    expect(rtc.readRegister(R.SSR)).toBe(255 - 64);
  });

  it('freezes time and date together from the first read to the date', () => {
    const { clock, rtc } = clockOnBench();
    clock.advanceTo(clock.now + 9.9 * SECOND);
    expect(rtc.readRegister(R.TR)).toBe(0x23_5959);
    clock.advanceTo(clock.now + SECOND);
    expect(rtc.readRegister(R.DR) & 0x3f).toBe(0x28);
    expect(rtc.readRegister(R.DR) & 0x3f).toBe(0x29);
  });

  it('cannot be set without key, access bit and initialization mode', () => {
    const { chip, rtc } = clockOnBench();
    rtc.writeRegister(R.TR, 0x12_0000);
    rtc.writeRegister(R.WPR, 0xff);
    rtc.writeRegister(R.ISR, RtcIsr.INIT);
    rtc.writeRegister(R.TR, 0x12_0000);
    expect(rtc.readRegister(R.TR) & 0x3f_ff00).toBe(0x23_5900);
    chip.pwr.writeRegister(PwrRegister.CR, 0);
    unlock(chip);
    rtc.writeRegister(R.BKP0R, 1);
    expect(rtc.readRegister(R.BKP0R)).toBe(0);
  });

  it('rings its alarm through EXTI line 17', () => {
    const { chip, clock, rtc } = clockOnBench();
    chip.exti.configure(ExtiLine.RTC_ALARM, { rising: true, falling: false, interrupt: true });
    const rung: number[] = [];
    chip.nvic.setHandler(chip.irq('RTC_Alarm'), () => {
      rung.push(clock.now);
      rtc.writeRegister(R.ISR, ~(RtcIsr.ALRAF | RtcIsr.INIT));
      chip.exti.clear(ExtiLine.RTC_ALARM);
    });
    chip.nvic.enable(chip.irq('RTC_Alarm'), 15);
    rtc.writeRegister(R.ALRMAR, 0x8080_0005 | 0x8000); // each minute's fifth second
    rtc.writeRegister(R.CR, RtcCr.ALRAE | RtcCr.ALRAIE);
    const start = clock.now;
    chip.elapse(140 * SECOND);
    expect(rung.map(time => Math.round((time - start) / SECOND))).toEqual([15, 75, 135]);
  });

  it('meets an alarm on a day of the next month', () => {
    const { clock, rtc } = clockOnBench();
    rtc.writeRegister(R.ALRMAR, 0x0310_2030); // day 3, 10:20:30
    rtc.writeRegister(R.CR, RtcCr.ALRAE);
    clock.advanceToNext();
    expect(rtc.calendar).toMatchObject({ month: 3, day: 3, hour: 10, minute: 20, second: 30 });
    expect(rtc.readRegister(R.ISR) & RtcIsr.ALRAF).not.toBe(0);
  });

  it('wakes up periodically, from divided clock or seconds', () => {
    const { chip, clock, rtc } = clockOnBench();
    chip.exti.configure(ExtiLine.RTC_WAKEUP, { rising: true, falling: false, interrupt: true });
    const times: number[] = [];
    chip.nvic.setHandler(chip.irq('RTC_WKUP'), () => {
      times.push(clock.now);
      rtc.writeRegister(R.ISR, ~(RtcIsr.WUTF | RtcIsr.INIT));
      chip.exti.clear(ExtiLine.RTC_WAKEUP);
    });
    chip.nvic.enable(chip.irq('RTC_WKUP'), 15);
    rtc.writeRegister(R.WUTR, 2047);
    rtc.writeRegister(R.CR, RtcCr.WUTE | RtcCr.WUTIE); // RTCCLK / 16: one second
    const start = clock.now;
    chip.elapse(3.5 * SECOND);
    expect(times.map(time => Math.round((time - start) / 1e6))).toEqual([1000, 2000, 3000]);
    rtc.writeRegister(R.CR, 0);
    rtc.writeRegister(R.WUTR, 4);
    rtc.writeRegister(R.CR, RtcCr.WUTE | RtcCr.WUTIE | 4);
    times.length = 0;
    chip.elapse(11 * SECOND);
    expect(times).toHaveLength(2);
  });

  it('runs fast or slow with its crystal, and calibration makes up for it', () => {
    const { chip, clock, rtc } = clockOnBench();
    chip.setEnvironment({ crystalError: 100 });
    const start = clock.now;
    clock.advanceTo(start + 20_000.5 * SECOND);
    const fast = rtc.calendar.hour * 3600 + rtc.calendar.minute * 60 + rtc.calendar.second;
    expect(fast).toBe(20_000 - 10 + 2);
    unlock(chip);
    rtc.writeRegister(R.CALR, 105); // about 100 ppm slower
    clock.advanceTo(start + 40_000.5 * SECOND);
    const slow = rtc.calendar.hour * 3600 + rtc.calendar.minute * 60 + rtc.calendar.second;
    expect(slow - fast).toBe(20_000);
  });

  it('lives through a reset, and through power-on only with a battery', () => {
    const { chip, rtc } = clockOnBench();
    rtc.writeRegister(R.BKP0R, 0xcafe);
    chip.reset(ResetFlag.SOFTWARE);
    expect(rtc.calendar.year).toBe(24);
    expect(rtc.backupRegister(0)).toBe(0xcafe);
    chip.setEnvironment({ backup: true });
    chip.powerOn();
    expect(rtc.backupRegister(0)).toBe(0xcafe);
    chip.setEnvironment({ backup: false });
    chip.powerOn();
    expect(rtc.backupRegister(0)).toBe(0);
    expect(rtc.calendar.year).toBe(0);
  });

  it('puts 512 Hz on its pin for calibration', () => {
    const { clock, trace, rtc } = clockOnBench();
    rtc.writeRegister(R.CR, RtcCr.COE);
    clock.advanceTo(clock.now + SECOND);
    const { frequency } = trace.net('X18').statistics(clock.now - SECOND / 2, clock.now);
    expect(frequency).toBeCloseTo(512, 1);
    rtc.writeRegister(R.CR, 0);
  });

  it('agrees with the calendar of the ages', () => {
    const date = fc.record({ days: fc.nat(36_524), seconds: fc.nat(86_399), later: fc.nat(100_000_000) });
    fc.assert(
      fc.property(date, ({ days, seconds, later }) => {
        const epoch = Date.UTC(2000, 0, 1) / 1000;
        const of = (at: number) => {
          const utc = new Date(at * 1000);
          return {
            year: utc.getUTCFullYear() - 2000,
            month: utc.getUTCMonth() + 1,
            day: utc.getUTCDate(),
            weekday: utc.getUTCDay() || 7,
            hour: utc.getUTCHours(),
            minute: utc.getUTCMinutes(),
            second: utc.getUTCSeconds(),
          };
        };
        const from = epoch + days * 86_400 + seconds;
        const to = from + later;
        fc.pre(to < Date.UTC(2100, 0, 1) / 1000);
        expect(addSeconds(of(from), later)).toEqual(of(to));
      }),
    );
    expect(daysInMonth(0, 2)).toBe(29);
  });
});

describe('watchdogs', () => {
  it('reset a chip that does not feed them, and nobody can stop them', () => {
    const { chip, clock, resets } = chipOnBench();
    const write = (offset: number, value: number) => chip.space.write32(0x4000_3000 + offset, value);
    write(0, 0x5555);
    write(4, 2); // LSI / 16: 2 kHz
    write(8, 1999);
    write(0, 0xcccc);
    expect(chip.iwdg.timeout).toBe(SECOND);
    for (let i = 0; i < 3; i++) {
      clock.advanceTo(clock.now + 0.9 * SECOND);
      write(0, 0xaaaa);
    }
    expect(resets).toEqual([]);
    write(0, 0);
    clock.advanceTo(clock.now + 1.01 * SECOND);
    expect(resets).toEqual([ResetFlag.INDEPENDENT_WATCHDOG]);
    chip.reset(resets[0]);
    expect(chip.rcc.resetFlags & ResetFlag.INDEPENDENT_WATCHDOG).not.toBe(0);
    expect(clock.nextDue).toBe(Infinity);
  });

  it('of the window kind also bite who feeds too early, and warn first', () => {
    const { chip, clock, resets } = chipOnBench();
    chip.rcc.enable('WWDG');
    const tick = (4096 * 1e9) / 42e6;
    let warned = 0;
    chip.nvic.setHandler(chip.irq('WWDG'), () => {
      warned = clock.now;
      chip.wwdg.writeRegister(8, 0);
    });
    chip.nvic.enable(chip.irq('WWDG'), 0);
    chip.wwdg.writeRegister(4, 0x200 | 0x50);
    chip.wwdg.writeRegister(0, 0xff);
    const start = clock.now;
    chip.elapse(Math.round(63.5 * tick));
    expect(Math.round((warned - start) / tick)).toBe(63);
    chip.wwdg.writeRegister(0, 0xff);
    expect(resets).toEqual([]);
    chip.wwdg.writeRegister(0, 0xff);
    expect(resets).toEqual([ResetFlag.WINDOW_WATCHDOG]);
  });
});

describe('RNG', () => {
  it('gives the same numbers for the same seed, each after its time', () => {
    const numbers = (seed: number) => {
      const { chip, clock } = chipOnBench(undefined, seed);
      chip.rcc.enable('RNG');
      const rng = chip.block('RNG');
      rng.writeRegister(RngRegister.CR, 4);
      expect(rng.readRegister(RngRegister.SR)).toBe(0);
      return Array.from({ length: 4 }, () => {
        clock.advanceTo(clock.now + 1000);
        return rng.readRegister(RngRegister.DR);
      });
    };
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(8));
    expect(new Set(numbers(7)).size).toBe(4);
  });
});

describe('CRC unit', () => {
  it('is the Ethernet polynomial over words', () => {
    const { chip } = chipOnBench();
    chip.rcc.enable('CRC');
    chip.space.write32(0x4002_3008, 1);
    chip.space.write32(0x4002_3000, 0x3132_3334);
    // CRC-32/MPEG-2 of "1234"
    expect(chip.space.read32(0x4002_3000)).toBe(0xa695_c4aa);
  });
});

describe('flash interface', () => {
  it('erases and programs after its keys, and takes its time', () => {
    const { chip, clock } = chipOnBench();
    const { flash, space } = chip;
    flash.writeRegister(FlashRegister.CR, FlashCr.PG);
    expect(flash.readRegister(FlashRegister.CR)).toBe(FlashCr.LOCK);
    flash.writeRegister(FlashRegister.KEYR, 0x4567_0123);
    flash.writeRegister(FlashRegister.KEYR, 0xcdef_89ab);
    flash.writeRegister(FlashRegister.CR, FlashCr.PG | (2 << 8));
    space.write32(0x080e_0000, 0x1234_5678);
    expect(flash.readRegister(FlashRegister.SR) & FlashSr.BSY).not.toBe(0);
    clock.advanceTo(clock.now + 16_000);
    expect(flash.readRegister(FlashRegister.SR) & FlashSr.BSY).toBe(0);
    expect(space.read32(0x080e_0000)).toBe(0x1234_5678);
    space.write32(0x080e_0000, 0xffff_0000);
    expect(space.read32(0x080e_0000)).toBe(0x1234_0000);
    clock.advanceTo(clock.now + 16_000);
    flash.writeRegister(FlashRegister.CR, FlashCr.SER | (11 << 3) | FlashCr.STRT);
    expect(space.read32(0x080e_0000)).toBe(0xffff_ffff);
    clock.advanceTo(clock.now + SECOND);
    expect(flash.readRegister(FlashRegister.SR) & FlashSr.BSY).toBe(0);
  });

  it('says what was wrong with a write', () => {
    const { chip } = chipOnBench();
    chip.space.write32(0x0800_0000, 0);
    expect(chip.flash.readRegister(FlashRegister.SR)).toBe(FlashSr.PGSERR);
  });
});

describe('deep sleep', () => {
  it('stops the clocks until an EXTI line wakes the chip on HSI', () => {
    const { chip, clock } = chipOnBench();
    chip.rcc.enable('TIM2');
    const timer = chip.timer(2);
    timer.writeRegister(T.CR1, 1);
    chip.pin('X17').configure({ mode: PinMode.INPUT, pull: PinPull.UP });
    chip.exti.configure(3, { port: 1, rising: false, falling: true, interrupt: true });
    clock.advanceTo(1000);
    const button = chip.netlist.terminal('button');
    chip.netlist.connect(button, chip.pin('X17').terminal);
    clock.at(5 * SECOND, () => button.setDrive(0));
    const before = timer.readRegister(T.CNT);
    const cycles = chip.cycles.count;
    expect(chip.deepSleep.stop(SECOND)).toBe('limit');
    expect(chip.deepSleep.stop()).toBe('woken');
    expect(clock.now).toBe(5 * SECOND);
    expect(timer.readRegister(T.CNT)).toBe(before);
    expect(chip.cycles.count).toBe(cycles);
    expect(chip.rcc.frequencies.hclk).toBe(16e6);
  });

  it('in standby loses everything but the backup domain, and boots when the RTC wakes it', () => {
    const { chip, clock, rtc } = clockOnBench();
    chip.space.write32(0x2000_0000, 0x1234);
    rtc.writeRegister(R.BKP0R, 77);
    rtc.writeRegister(R.WUTR, 9);
    rtc.writeRegister(R.CR, RtcCr.WUTE | RtcCr.WUTIE | 4);
    const start = clock.now;
    expect(chip.deepSleep.enterStandby()).toBe('woken');
    expect(Math.round((clock.now - start) / SECOND)).toBe(10);
    expect(chip.pwr.standbyFlag).toBe(true);
    expect(chip.pwr.readRegister(PwrRegister.CSR) & PwrCsr.WUF).toBe(1);
    expect(chip.space.read32(0x2000_0000)).toBe(0);
    expect(rtc.backupRegister(0)).toBe(77);
  });

  it('is woken from standby by the wake-up pin, or by nothing at all', () => {
    const { chip, clock } = chipOnBench();
    expect(chip.deepSleep.enterStandby()).toBe('forever');
    const other = chipOnBench();
    other.chip.pwr.writeRegister(PwrRegister.CSR, PwrCsr.EWUP);
    const key = other.chip.netlist.terminal('key');
    other.chip.netlist.connect(key, other.chip.pin('X1').terminal);
    key.setDrive(0);
    other.clock.at(SECOND, () => key.setDrive(1));
    expect(other.chip.deepSleep.enterStandby()).toBe('woken');
    expect(other.clock.now).toBe(SECOND);
    expect(clock.now).toBeLessThan(SECOND);
  });
});

describe('voltage detector', () => {
  it('warns through EXTI line 16', () => {
    const { chip } = chipOnBench();
    chip.exti.configure(ExtiLine.PVD, { rising: true, falling: false, interrupt: true });
    chip.pwr.writeRegister(PwrRegister.CR, PwrCr.PVDE | (5 << 5));
    chip.setEnvironment({ supply: 2.6 });
    expect(chip.pwr.readRegister(PwrRegister.CSR) & PwrCsr.PVDO).not.toBe(0);
    expect(chip.exti.pendingLines).toBe(1 << 16);
  });
});
