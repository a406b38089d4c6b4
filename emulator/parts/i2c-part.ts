/** What all parts on an I2C bus have in common: pins `scl` and `sda`, and the faults of such a part. */
import { I2cPort, type I2cTarget } from '../peripherals/i2c-bus.ts';
import { Part, type PartBench } from './part.ts';

export abstract class I2cPart extends Part {
  /** The part's place on the bus; `hold` and `release` stretch the clock. */
  protected readonly port: I2cPort;
  private readonly corruption: { readonly value: number };
  private refusals = Infinity;

  constructor(bench: PartBench, name: string) {
    super(bench, name);
    const [scl, sda] = [this.addPin('scl'), this.addPin('sda')];
    const target: I2cTarget = {
      start: (address, read) => this.addressed(address, read) && !this.refuses(),
      write: byte => this.written(byte),
      read: () => this.corrupted(this.nextByte()),
      acknowledged: ack => this.acknowledged(ack),
      stop: () => this.stopped(),
    };
    this.port = new I2cPort(scl, sda, target, bench.netlist.i2cPorts);
    this.addFault('no-ack', {
      description: 'it does not acknowledge its address',
      begin: () => {},
      end: () => {
        this.refusals = Infinity;
      },
    });
    this.addFlagFault('wrong-answers', 'every byte that is read from it is wrong');
    this.corruption = this.addAmountFault('noise', 'bytes that are read from it are now and then wrong', 'share of bytes, 0 to 1');
    this.addFault('clock-stuck', {
      description: 'it holds the clock low',
      begin: () => this.port.hold(),
      end: () => this.port.release(),
    });
    this.addFault('data-stuck', {
      description: 'it holds the data line low',
      begin: () => sda.drive(0),
      end: () => sda.drive(-1),
    });
  }

  /** It does not acknowledge its address the next `count` times. */
  refuse(count: number): void {
    this.refusals = count;
    this.inject('no-ack');
  }

  private refuses(): boolean {
    if (!this.isFaulty('no-ack')) return false;
    if (--this.refusals === 0) this.clear('no-ack');
    return true;
  }

  /** START and an address. @returns true to acknowledge */
  protected abstract addressed(address: number, read: boolean): boolean;
  /** A byte for it. @returns true to acknowledge */
  protected abstract written(byte: number): boolean;
  /** The next byte that it says. */
  protected abstract nextByte(): number;
  /** The controller has acknowledged, or not, what it said. */
  protected acknowledged(_ack: boolean): void {}
  /** The transfer is over. */
  protected stopped(): void {}

  private corrupted(byte: number): number {
    if (this.isFaulty('wrong-answers')) return byte ^ this.random.between(1, 255);
    if (this.corruption.value > 0 && this.random.fraction() < this.corruption.value) return byte ^ (1 << this.random.between(0, 7));
    return byte;
  }
}
