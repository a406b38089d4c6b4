/** A wire between two pins that can be pulled out: `a` and `b`. */
import { Part, type PartBench } from './part.ts';

export class JumperWire extends Part {
  constructor(bench: PartBench, name: string) {
    super(bench, name);
    const wire = bench.netlist.connect(this.addPin('a'), this.addPin('b'));
    let connected = true;
    this.addControl('connected', {
      description: 'whether it is in place',
      type: 'boolean',
      get: () => connected,
      set: value => {
        connected = value as boolean;
        if (connected) wire.connect();
        else wire.disconnect();
      },
    });
  }
}
