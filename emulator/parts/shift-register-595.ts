/** The shift register 74HC595 (Texas Instruments data sheet SCLS041): eight outputs behind a latch, to be chained by `qh`. */
import type { Bit } from '../trace/level.ts';
import { Part, type PartBench } from './part.ts';

const OUTPUTS = ['qa', 'qb', 'qc', 'qd', 'qe', 'qf', 'qg', 'qh'] as const;
const PULL = 100_000;

export class ShiftRegister595 extends Part {
  private shifting = 0;
  private latched = 0;

  /** Pins `ser`, `srclk`, `rclk`, `srclr`, `oe`, `qa` to `qh`, and `qh'`. `srclr` is high, and `oe` low, unless wired. */
  constructor(bench: PartBench, name: string) {
    super(bench, name);
    const ser = this.addPin('ser');
    for (const output of OUTPUTS) this.addPin(output);
    this.addPin("qh'").setDrive(0);
    const [clear, enable] = [this.addPin('srclr'), this.addPin('oe')];
    clear.setPull(PULL, bench.netlist.supply);
    enable.setPull(PULL, 0);
    this.addPin('srclk').observe(bit => {
      if (bit === 1 && clear.bit === 1) this.shift(ser.bit);
    });
    this.addPin('rclk').observe(bit => {
      if (bit === 0) return;
      this.latched = this.shifting;
      this.update();
    });
    clear.observe(bit => {
      if (bit === 1) return;
      this.shifting = 0;
      this.pin("qh'").setDrive(0);
    });
    enable.observe(() => this.update());
    this.addReading('outputs', { description: 'what its latch holds, qa lowest', read: () => this.latched });
    this.addReading('enabled', { description: 'whether its outputs drive', read: () => enable.bit === 0 });
    this.update();
  }

  private shift(bit: Bit): void {
    this.shifting = ((this.shifting << 1) | bit) & 0xff;
    // The next in the chain sees the old bit at this edge, and the new one at the next.
    this.clock.after(20, () => this.pin("qh'").setDrive((this.shifting >> 7) as Bit));
  }

  private update(): void {
    const enabled = this.pin('oe').bit === 0;
    for (const [bit, output] of OUTPUTS.entries()) this.pin(output).setDrive(enabled ? (((this.latched >> bit) & 1) as Bit) : -1);
  }
}
