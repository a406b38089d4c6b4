/** A push-button between pins `a` and `b`; `b` is at ground unless it is wired elsewhere. */
import { Contact } from './contact.ts';
import { Part, type PartBench } from './part.ts';

/** Ohms by which the far side of the contact is tied to ground; wired to an output, that wins. */
const TIE = 1000;

export class PushButton extends Part {
  private readonly contact: Contact;
  private wanted = false;

  /** @param bounceTime ms for which the contact bounces; tactile switches have 1 to 5 */
  constructor(bench: PartBench, name: string, bounceTime = 0) {
    super(bench, name);
    const a = this.addPin('a');
    const b = this.addPin('b');
    b.setPull(TIE, 0);
    this.contact = new Contact(bench.netlist, bench.clock, this.random, a, b);
    this.contact.bounceTime = bounceTime * 1e6;
    this.addControl('pressed', {
      description: 'whether somebody presses it',
      type: 'boolean',
      get: () => this.wanted,
      set: value => {
        this.wanted = value as boolean;
        this.update();
      },
    });
    this.addNumber('bounce', { description: 'how long the contact bounces', unit: 'ms', initial: bounceTime, min: 0, max: 1000 }, value => {
      this.contact.bounceTime = value * 1e6;
    });
    this.addFlagFault('stuck', 'the contact stays closed', () => this.update());
    this.addFlagFault('dirty', 'the contact never closes', () => this.update());
  }

  press(): void {
    this.set('pressed', true);
  }

  release(): void {
    this.set('pressed', false);
  }

  private update(): void {
    this.contact.set(this.isFaulty('stuck') || (this.wanted && !this.isFaulty('dirty')));
  }
}
