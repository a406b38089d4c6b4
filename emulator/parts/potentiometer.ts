/** A potentiometer between supply and ground, whose `wiper` gives a voltage. */
import { ConstantVoltage, NoisyVoltage } from '../peripherals/analog-source.ts';
import { Part, type PartBench } from './part.ts';

export class Potentiometer extends Part {
  private readonly position: { readonly value: number };
  private readonly noise: { readonly value: number };

  /** @param resistance ohms from end to end */
  constructor(
    bench: PartBench,
    name: string,
    private readonly resistance = 10_000,
  ) {
    super(bench, name);
    this.addPin('wiper');
    this.position = this.addNumber('position', { description: 'how far it is turned', unit: '%', initial: 50, min: 0, max: 100 }, () =>
      this.update(),
    );
    this.noise = this.addAmountFault('noise', 'the wiper has a bad contact', 'volts of noise either way', () => this.update());
    this.addReading('voltage', { description: 'the voltage at the wiper', unit: 'V', read: () => this.pin('wiper').voltage });
    this.update();
  }

  private update(): void {
    const share = this.position.value / 100;
    const steady = new ConstantVoltage(share * this.bench.netlist.supply);
    const source = this.noise.value > 0 ? new NoisyVoltage(steady, this.noise.value, this.random.seed) : steady;
    this.pin('wiper').setSource(source, Math.max(1, this.resistance * share * (1 - share)));
  }
}
