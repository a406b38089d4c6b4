/** A display on four-wire SPI: bytes are commands while the line `dc` is low, and data while it is high. */
import { SpiPort } from '../peripherals/spi-bus.ts';
import { Part, type PartBench } from './part.ts';

export abstract class SpiDisplay extends Part {
  /** Pins `sck`, `mosi`, `cs`, `dc` and `res`. */
  constructor(bench: PartBench, name: string) {
    super(bench, name);
    const [sck, mosi, select, dc, reset] = ['sck', 'mosi', 'cs', 'dc', 'res'].map(pin => this.addPin(pin));
    reset.observe(bit => {
      if (bit === 0) this.reset();
    });
    new SpiPort(
      { sck, mosi, miso: undefined, select },
      {
        select: () => {},
        deselect: () => {},
        output: () => 0,
        input: byte => {
          if (this.isFaulty('silent')) return;
          if (dc.bit === 1) this.data(byte);
          else this.command(byte);
        },
      },
      { polarity: 0, phase: 0 },
      bench.netlist.spiPorts,
    );
    this.addFlagFault('silent', 'it ignores everything');
  }

  /** The reset input has gone low. */
  protected abstract reset(): void;

  protected abstract command(byte: number): void;

  protected abstract data(byte: number): void;
}
