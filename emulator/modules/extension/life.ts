/**
 * One life of a project's module on a board: from its import to the next soft reset. It calls the module's code, and is the narrow handle by
 * which that code reaches the board.
 */
import { excTypes, nativeException } from '../../objects/exception.ts';
import { PinMode } from '../../peripherals/gpio.ts';
import { SeededRandom } from '../../peripherals/seeded-random.ts';
import { stdout } from '../../vm/printing.ts';
import { Raise } from '../../vm/raise.ts';
import { now, rebudget, spend } from '../../vm/service.ts';
import type { MpType } from '../../vm/type.ts';
import { typeName } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import { type Root, runIn, type Vm, vm } from '../../vm/vm.ts';
import { hasHardware } from '../hardware.ts';
import { findPin, type MpPin, readPin, writePin } from '../pyb/pin.ts';
import { exceptionFromHost, toHost } from './convert.ts';
import { GuestError, type ModuleBoard, type ModuleDefinition, type ModulePin, markOf } from './definition.ts';
import { ModuleFailure } from './module-failure.ts';

/** What a guest exception was before it became the host's. */
const originals = new WeakMap<object, Raise>();

export class ModuleLife implements ModuleBoard {
  readonly memory = new Map<string, unknown>();
  /** The module's own classes and exceptions, by name. */
  readonly classes = new Map<string, MpType>();
  readonly exceptions = new Map<string, MpType>();
  /** The guest's object for an object of the module. */
  readonly objects = new WeakMap<object, Value>();
  /** Guest functions that the module keeps, and how often. */
  readonly kept = new Map<Value, number>();
  /** What left guest code through the module's own: the module cannot hold it up. */
  private carried: { readonly error: unknown } | undefined;
  private inEvent = false;
  private generator: SeededRandom | undefined;
  private readonly machine: Vm = vm;

  private readonly root: Root = () => this.kept.keys();

  constructor(readonly definition: ModuleDefinition) {
    this.machine.roots.add(this.root);
  }

  /** A soft reset ends it: the machine forgets its roots. Without power nothing of it happens either. */
  private get ended(): boolean {
    return !this.machine.roots.has(this.root) || this.machine.port.runnable === false;
  }

  // Calling the module

  /** Runs code of the module. What it throws becomes the guest's exception, or the failure of the module. */
  run<T>(where: string, code: () => T): T {
    const outer = this.carried;
    this.carried = undefined;
    try {
      const result = invokeModule(code);
      this.throwCarried();
      if (result instanceof Promise)
        throw new ModuleFailure(this.definition.name, where, 'it is async; the board cannot wait for a promise');
      return result;
    } catch (error) {
      this.throwCarried();
      if (error instanceof ModuleFailure) throw error;
      if (markOf(error) === 'error') {
        const original = originals.get(error as object);
        if (original !== undefined) throw original;
        throw new Raise(exceptionFromHost(this, where, error as GuestError));
      }
      throw new ModuleFailure(this.definition.name, where, { thrown: error });
    } finally {
      this.carried = outer;
    }
  }

  private throwCarried(): void {
    if (this.carried !== undefined) throw this.carried.error;
  }

  /** Runs code of the board on behalf of the module. Guest exceptions become the host's; what is to leave the guest is remembered. */
  reach<T>(code: () => T): T {
    try {
      return code();
    } catch (error) {
      if (error instanceof Raise) {
        const { exception } = error;
        const host = new GuestError(typeName(exception), ...nativeException(exception).args.items.map(item => toHost(this, item)));
        originals.set(host, error);
        throw host;
      }
      this.carried ??= { error };
      throw error;
    }
  }

  // ModuleBoard

  get name(): string {
    return this.machine.profile.name;
  }

  get now(): number {
    return this.inEvent ? this.machine.clock.now : now();
  }

  spend(duration: number): void {
    this.notInEvent('spend');
    const ns = Math.round(duration);
    if (!(ns >= 0) || !Number.isSafeInteger(ns)) throw new RangeError(`a duration is 0 ns or more, not ${duration}`);
    this.reach(() => spend(ns));
  }

  random(): number {
    this.generator ??= new SeededRandom(this.machine.port.random32?.() ?? 1);
    return this.generator.fraction();
  }

  print(text: string): void {
    this.notInEvent('print');
    this.reach(() => stdout.write(String(text)));
  }

  pin(name: string): ModulePin {
    if (!hasHardware(this.machine)) throw new Error(`pin: ${this.name} has no pins`);
    const pin: MpPin = this.reach(() => this.inMachine(() => findPin(String(name))));
    return Object.freeze({
      read: () => this.reach(() => (this.inEvent ? pin.gpio.bit : readPin(pin))),
      write: (level: 0 | 1) =>
        this.reach(() => {
          const latch = level ? 1 : 0;
          if (!this.inEvent) now();
          if (pin.gpio.mode !== PinMode.OUTPUT) pin.gpio.configure({ mode: PinMode.OUTPUT, latch });
          else if (this.inEvent) pin.gpio.set(latch);
          else writePin(pin, latch);
        }),
      release: () => this.reach(() => pin.gpio.configure({ mode: PinMode.INPUT })),
    });
  }

  after(duration: number, action: () => void): void {
    const ns = Math.round(duration);
    if (!(ns >= 0) || !Number.isSafeInteger(ns)) throw new RangeError(`a duration is 0 ns or more, not ${duration}`);
    if (typeof action !== 'function') throw new TypeError('after: the action must be a function');
    const { machine } = this;
    machine.clock.at(this.now + ns, () => {
      // After a reset the module begins another life, and nothing of this one is left.
      if (this.ended) return;
      const before = this.inEvent;
      this.inEvent = true;
      try {
        this.run('an action of board.after', action);
      } catch (error) {
        if (!(error instanceof Raise)) throw error;
        throw new ModuleFailure(this.definition.name, 'an action of board.after', 'nobody can catch a guest exception there');
      } finally {
        this.inEvent = before;
      }
    });
    if (!this.inEvent) rebudget();
  }

  /** @throws Error of the module's, when it is inside of `after` */
  notInEvent(what: string): void {
    if (this.inEvent)
      throw new Error(`${what}: not in an action of board.after, where the guest stands between two instructions; schedule it`);
  }

  inMachine<T>(code: () => T): T {
    return vm === this.machine ? code() : runIn(this.machine, code);
  }

  /** A built-in exception's type, or one of the module's own. */
  exceptionType(name: string): MpType | undefined {
    const own = this.exceptions.get(name);
    if (own !== undefined) return own;
    return Object.hasOwn(excTypes, name) ? excTypes[name as keyof typeof excTypes] : undefined;
  }
}

/** A frame of this name ends the module's part of a host stack. */
function invokeModule<T>(code: () => T): T {
  return code();
}

/** The module's life on the running machine. */
export function lifeOf(definition: ModuleDefinition): ModuleLife {
  return vm.volatileStateOf(definition, () => new ModuleLife(definition));
}
