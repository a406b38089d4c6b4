/** A mechanical rotary encoder: two contacts to ground, `a` and `b`, whose quadrature says which way it is turned. */
import { Contact } from './contact.ts';
import { Part, type PartBench, PartError } from './part.ts';

/** Open and closed of a and b on the way through one detent, clockwise: a leads. */
const SEQUENCE: [a: boolean, b: boolean][] = [
  [false, false],
  [true, false],
  [true, true],
  [false, true],
];

const TIE = 1000;

export class RotaryEncoder extends Part {
  private readonly contacts: Contact[] = [];
  private readonly stepTime: { readonly value: number };
  private position = 0;
  private quarter = 0;
  private turning = false;
  private target = 0;

  /** @param bounceTime ms for which each contact bounces */
  constructor(bench: PartBench, name: string, bounceTime = 0) {
    super(bench, name);
    for (const pin of ['a', 'b']) {
      const ground = bench.netlist.terminal(`${name}.${pin}.ground`);
      ground.setPull(TIE, 0);
      this.contacts.push(new Contact(bench.netlist, bench.clock, this.random, this.addPin(pin), ground));
    }
    this.bounce(bounceTime);
    this.stepTime = this.addNumber('detent-time', {
      description: 'how long it takes to turn one detent',
      unit: 'ms',
      initial: 20,
      min: 0.01,
      max: 10_000,
    });
    this.addNumber('bounce', { description: 'how long the contacts bounce', unit: 'ms', initial: bounceTime, min: 0, max: 10 }, value =>
      this.bounce(value),
    );
    this.addControl('position', {
      description: 'detents clockwise from where it was at first; it turns there by and by',
      type: 'number',
      get: () => this.target,
      set: value => this.turnTo(value as number),
    });
    this.addReading('position', { description: 'detents clockwise from where it was at first', read: () => this.position });
    this.addFlagFault('skips', 'one contact does not close');
  }

  private bounce(milliseconds: number): void {
    for (const contact of this.contacts) contact.bounceTime = milliseconds * 1e6;
  }

  private turnTo(position: number): void {
    if (!Number.isInteger(position)) throw new PartError(`${this.name}: it only rests at whole detents, not at ${position}`);
    this.target = position;
    if (!this.turning) this.turn();
  }

  private turn(): void {
    this.turning = this.quarter !== this.target * 4;
    if (!this.turning) return;
    this.quarter += Math.sign(this.target * 4 - this.quarter);
    const [a, b] = SEQUENCE[((this.quarter % 4) + 4) % 4];
    this.contacts[0].set(a);
    this.contacts[1].set(b && !this.isFaulty('skips'));
    if (this.quarter % 4 === 0) this.position = this.quarter / 4;
    this.clock.after(Math.max(1, Math.round((this.stepTime.value * 1e6) / 4)), () => this.turn());
  }
}
