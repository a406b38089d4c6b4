/** The handle's calls on faults. Each begins at once, and can be taken back. */
import { Unwind } from '../boot/unwind.ts';
import type { Bench } from './bench.ts';
import { SessionError } from './error.ts';
import type { Fault } from './handle.ts';
import { boardMachine, mediumOf } from './media-calls.ts';

/** Faults by which parts stop answering, in the words of their models. */
const SILENT = ['silent', 'no-ack'];

export class BenchFaults {
  private readonly active = new Map<number, () => void>();
  private next = 1;

  constructor(private readonly bench: Bench) {}

  inject(fault: Fault): number {
    const id = this.next++;
    this.active.set(id, this.begin(fault));
    if (fault.kind !== 'part' && fault.kind !== 'silent')
      this.bench.trace.events('faults').record(fault.kind, { text: 'pin' in fault ? fault.pin : 'medium' in fault ? fault.medium : '' });
    return id;
  }

  clear(id: number): void {
    this.active.get(id)?.();
    this.active.delete(id);
  }

  clearAll(): void {
    for (const id of [...this.active.keys()]) this.clear(id);
  }

  /** @returns what ends it */
  private begin(fault: Fault): () => void {
    const { bench } = this;
    switch (fault.kind) {
      case 'power-cut-at-write': {
        const machine = boardMachine(bench, fault.board);
        const medium = mediumOf(bench, fault.board, fault.medium);
        if (!(fault.write >= 1)) throw new SessionError('bad-value', `writes are counted from 1, not from ${fault.write}`, [], bench.now);
        medium.cutPowerAfter(fault.write - 1, fault.after === undefined ? { progress: 0.5 } : { bytes: fault.after });
        medium.onPowerLost = () => {
          machine.powerOff();
          // The guest is in the middle of a write: it ends there.
          throw new Unwind('power');
        };
        return () => medium.restorePower();
      }
      case 'medium-error': {
        const { faults } = mediumOf(bench, fault.board, fault.medium);
        const which = fault.operation === 'read' ? 'reads' : 'writes';
        faults[which] = fault.count ?? Infinity;
        return () => {
          faults[which] = 0;
        };
      }
      case 'stuck':
        return bench.pins.stick(fault.pin, fault.level === 'high');
      case 'noise':
        return bench.pins.addNoise(fault.pin, fault.volts);
      case 'part':
        return this.partFault(fault.part, fault.fault, fault.value as number | undefined, fault.count);
      case 'silent': {
        const part = bench.parts.find(fault.part);
        const name = SILENT.find(name => part.faults.has(name));
        if (name === undefined)
          throw new SessionError('unknown-fault', `${fault.part} cannot fall silent`, [...part.faults.keys()], bench.now);
        return this.partFault(
          fault.part,
          name,
          part.faults.get(name)!.amount === undefined ? undefined : (fault.count ?? Infinity),
          fault.count,
        );
      }
      default:
        throw new SessionError('not-built', `the fault "${fault.kind}" is not built yet`, [], bench.now);
    }
  }

  private partFault(name: string, fault: string, amount: number | undefined, count: number | undefined): () => void {
    const part = this.bench.parts.find(name);
    if (!part.faults.has(fault))
      throw new SessionError('unknown-fault', `${name} has no fault "${fault}"`, [...part.faults.keys()], this.bench.now);
    if (count !== undefined && part.faults.get(fault)!.amount === undefined)
      throw new SessionError('not-built', `${name} cannot have "${fault}" a number of times yet`, [], this.bench.now);
    part.inject(fault, amount);
    return () => part.clear(fault);
  }
}

export function faultCalls(bench: Bench): Record<string, (...args: never[]) => unknown> {
  return {
    'faults.inject': (fault: Fault) => bench.faults.inject(fault),
    'faults.clear': (id: number) => bench.faults.clear(id),
    'faults.clearAll': () => bench.faults.clearAll(),
  };
}
