/**
 * Stop and standby mode (RM0090 sections 5.3.4 and 5.3.5), which a WFI enters while SCR's SLEEPDEEP is set.
 *
 * In stop mode every clock but the RTC's stands still, and an EXTI line wakes the chip on HSI. In standby everything but
 * the backup domain is lost; an RTC event, a rising edge of the wake-up pin or a reset ends it, and the chip boots.
 */
import { type Bit, Level } from '../trace/level.ts';
import type { Waveform } from '../trace/waveform.ts';
import type { Chip } from './chip.ts';
import { ExtiLine } from './exti.ts';

/** How a deep sleep ended: woken; `limit` reached; or nothing in the board's future will ever wake it. */
export type SleepEnd = 'woken' | 'limit' | 'forever';

export class DeepSleep {
  private standby = false;
  private wokenFromStandby = false;
  private stopPin: (() => void) | undefined;

  constructor(private readonly chip: Chip) {}

  /** Whether the chip is in standby: nothing runs until it wakes and boots. */
  get inStandby(): boolean {
    return this.standby;
  }

  /**
   * Stop mode, until an EXTI line's interrupt or event is pending.
   * @param limit ns from now at which to look up from it without waking
   */
  stop(limit = Infinity): SleepEnd {
    const { chip } = this;
    if (!chip.rcc.isStopped) chip.rcc.stopClocks();
    const end = this.sleep(() => chip.exti.wakes, limit);
    if (end === 'woken') chip.rcc.wakeFromStop();
    return end;
  }

  /**
   * Standby, until a wake-up event. When it has come, the chip has been reset with the standby flag set: boot it.
   * @param limit ns from now at which to look up from it without waking
   */
  enterStandby(limit = Infinity): SleepEnd {
    const { chip } = this;
    if (!this.standby) {
      const wakes = chip.pwr.wakeupPinEnabled;
      chip.reset(0);
      chip.loseMemory();
      chip.rcc.stopClocks();
      this.standby = true;
      this.wokenFromStandby = false;
      if (wakes) this.stopPin = chip.findPin('PA0')?.observe((bit: Bit) => bit === 1 && this.wakeFromStandby());
    }
    const end = this.sleep(() => this.wokenFromStandby, limit);
    if (end !== 'woken') return end;
    this.stopPin?.();
    this.stopPin = undefined;
    this.standby = false;
    chip.rcc.wakeFromStop();
    chip.reset(0);
    chip.rcc.clearResetFlags();
    chip.pwr.noteWakeup(true);
    return end;
  }

  /** @internal A reset from outside ends either mode. */
  abandon(): void {
    this.stopPin?.();
    this.stopPin = undefined;
    this.standby = false;
    if (this.chip.rcc.isStopped) this.chip.rcc.wakeFromStop();
  }

  /** @internal An alarm or the wake-up timer: a pulse on its EXTI line, and the end of standby. */
  rtcEvent(line: number): void {
    if (this.standby) this.wakeFromStandby();
    else this.chip.exti.edge(line === ExtiLine.RTC_ALARM ? ExtiLine.RTC_ALARM : ExtiLine.RTC_WAKEUP, 1);
  }

  private wakeFromStandby(): void {
    this.wokenFromStandby = true;
  }

  private sleep(woken: () => boolean, limit: number): SleepEnd {
    const { clock } = this.chip;
    const end = clock.now + limit;
    while (!woken()) {
      if (Math.min(end, clock.nextDue) === Infinity) return 'forever';
      clock.sleep(end);
      if (!woken() && clock.now >= end) return 'limit';
    }
    return 'woken';
  }
}

/** A square wave of any frequency in Hz, rising at `start`. */
export function squareWave(start: number, frequency: number): Waveform {
  const half = 5e8 / frequency;
  const halves = (time: number) => Math.floor((time - start) / half + 1e-9);
  return {
    levelAt: time => (halves(time) % 2 === 0 ? Level.HIGH : Level.LOW),
    nextEdge: time => Math.ceil(start + (halves(time) + 1) * half - 1e-6),
  };
}
