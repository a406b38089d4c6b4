/** The board's LEDs as the boot code drives them: pins switched on and off, traced by colour. */
import type { Led } from '../../boards/board.ts';
import type { Chip } from '../peripherals/chip.ts';
import { PinMode } from '../peripherals/gpio.ts';
import { TimerRegister } from '../peripherals/timer.ts';
import { Level } from '../trace/level.ts';

export class Leds {
  constructor(
    private readonly chip: Chip,
    private readonly leds: readonly Led[],
  ) {}

  /** Configures the pins as outputs, all dark (led_init). */
  init(): void {
    for (const led of this.leds) {
      this.chip.pin(led.pin).configure({ mode: PinMode.OUTPUT, latch: led.lit === 1 ? 0 : 1 });
    }
  }

  /** Switches an LED by its number. An LED that the board does not have stays what it is: none. */
  set(id: number, on: boolean): void {
    const led = this.leds.find(candidate => candidate.id === id);
    if (led !== undefined) this.chip.pin(led.pin).set(on === (led.lit === 1) ? 1 : 0);
  }

  show(ids: readonly number[], among: readonly number[]): void {
    for (const id of among) this.set(id, ids.includes(id));
  }

  /** Intensity by colour, 0 to 255. An LED is lit while its pin drives it; a pull-up's current is too small to see. */
  intensities(): Record<string, number> {
    return Object.fromEntries(this.leds.map(led => [led.color, this.intensity(led)]));
  }

  private intensity(led: Led): number {
    const pin = this.chip.pin(led.pin);
    const { pwm } = led;
    if (pwm !== undefined && pin.mode === PinMode.ALTERNATE) {
      const timer = this.chip.timer(pwm.timer);
      const period = timer.readRegister(TimerRegister.ARR) + 1;
      const compare = timer.readRegister(TimerRegister.CCR1 + 4 * (pwm.channel - 1));
      return Math.min(255, Math.round((255 * compare) / period));
    }
    return pin.terminal.level === (led.lit === 1 ? Level.HIGH : Level.LOW) ? 255 : 0;
  }
}
