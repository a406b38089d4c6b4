/** Faults that a spec injects: each can be taken back by the number it was given. */
import type { BoardMachine } from '../boot/board-machine.ts';
import type { ClockEvent } from '../clock/clock.ts';
import { I2cPart } from '../parts/i2c-part.ts';
import type { BenchParts } from './bench-parts.ts';
import { SessionError } from './error.ts';
import type { Fault } from './handle.ts';
import type { BenchNets } from './nets.ts';

/** Ten percent: no oscillator is worse, an RC one at its limits included. */
const MAX_ERROR = 100_000;
/** How often (ns) an error that grows is followed. */
const DRIFT_STEP = 10_000_000;

/** Names by which parts call it when they do not answer. */
const SILENT = ['silent', 'no-ack', 'jammed', 'broken'];

export class BenchFaults {
  private next = 1;
  private readonly active = new Map<number, () => void>();

  constructor(
    private readonly board: (name: string | undefined) => BoardMachine,
    private readonly parts: BenchParts,
    private readonly nets: () => BenchNets,
    private readonly now: () => number,
  ) {}

  inject(fault: Fault): number {
    const undo = this.begin(fault);
    const id = this.next++;
    this.active.set(id, undo);
    return id;
  }

  clear(id: number): void {
    this.active.get(id)?.();
    this.active.delete(id);
  }

  clearAll(): void {
    for (const id of [...this.active.keys()]) this.clear(id);
  }

  /** A crystal goes wrong: by a constant error, or one that grows. */
  private drift({ board: name, ppm, ppmPerSecond = 0, oscillator = 'main' }: Extract<Fault, { kind: 'drift' }>): () => void {
    const board = this.board(name);
    if (!(Math.abs(ppm) <= MAX_ERROR && Number.isFinite(ppmPerSecond)))
      throw new SessionError(
        'bad-value',
        `an oscillator's error must be from -${MAX_ERROR} to ${MAX_ERROR} ppm, not ${ppm}`,
        [],
        this.now(),
      );
    const { clock } = board.vm;
    const before = oscillator === 'main' ? board.mainCrystalError : board.chip.environment.crystalError;
    const set = (error: number) => {
      if (oscillator === 'main') board.setMainCrystalError(error);
      else board.chip.setEnvironment({ crystalError: error });
    };
    const start = clock.now;
    let event: ClockEvent | undefined;
    const follow = () => {
      const error = ppm + (ppmPerSecond * (clock.now - start)) / 1e9;
      set(Math.min(MAX_ERROR, Math.max(-MAX_ERROR, error)));
      if (ppmPerSecond !== 0) event = clock.after(DRIFT_STEP, follow);
    };
    follow();
    return () => {
      clock.cancel(event);
      set(before);
    };
  }

  private begin(fault: Fault): () => void {
    switch (fault.kind) {
      case 'power-cut-at-write': {
        const medium = this.board(fault.board).medium(fault.medium);
        medium.cutPowerAfter(fault.write - 1, fault.after === undefined ? {} : { bytes: fault.after });
        return () => medium.restorePower();
      }
      case 'medium-error': {
        const medium = this.board(fault.board).medium(fault.medium);
        const which = fault.operation === 'read' ? 'reads' : 'writes';
        medium.faults[which] = fault.count ?? Infinity;
        return () => {
          medium.faults[which] = 0;
        };
      }
      case 'brown-out':
        this.board(fault.board).brownOut(fault.volts, fault.duration);
        return () => {};
      case 'silent': {
        const part = this.parts.part(fault.part);
        const name = SILENT.find(candidate => part.faults.has(candidate));
        if (name === undefined)
          throw new SessionError('unknown-fault', `${fault.part} cannot fall silent`, [...part.faults.keys()], this.now());
        if (fault.count === undefined) part.inject(name);
        else if (part instanceof I2cPart) part.refuse(fault.count);
        else throw new SessionError('not-built', `${fault.part} cannot fall silent a number of times yet`, [], this.now());
        return () => part.clear(name);
      }
      case 'part': {
        const part = this.parts.part(fault.part);
        if (!part.faults.has(fault.fault)) {
          throw new SessionError('unknown-fault', `${fault.part} has no fault "${fault.fault}"`, [...part.faults.keys()], this.now());
        }
        part.inject(fault.fault, typeof fault.value === 'number' ? fault.value : undefined);
        return () => part.clear(fault.fault);
      }
      case 'stuck': {
        this.nets().drive(fault.pin, { kind: 'level', level: fault.level });
        return () => this.nets().release(fault.pin);
      }
      case 'noise': {
        const { volts } = this.nets().read(fault.pin);
        this.nets().drive(fault.pin, { kind: 'voltage', volts, noise: fault.volts });
        return () => this.nets().release(fault.pin);
      }
      case 'drift':
        return this.drift(fault);
    }
  }
}
