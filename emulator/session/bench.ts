/** A bench in its worker: boards on one clock, and the calls of the host's handle carried out at exact virtual instants. */

import { HardFault } from '../asm/runtime/hard-fault.ts';
import { BoardDefinitionError } from '../board/check-board.ts';
import { BoardMachine } from '../boot/board-machine.ts';
import { createMachine, type MachineContext, type MachineSetup } from '../boot/create-machine.ts';
import type { Machine } from '../boot/machine.ts';
import type { HostMount } from '../boot/process-job.ts';
import { Unwind } from '../boot/unwind.ts';
import { Clock, type ClockEvent } from '../clock/clock.ts';
import type { ModuleDefinition } from '../modules/extension/definition.ts';
import { ModuleFailure } from '../modules/extension/module-failure.ts';
import type { PartBench } from '../parts/part.ts';
import { SeededRandom } from '../peripherals/seeded-random.ts';
import { MemoryFiles } from '../storage/memory-files.ts';
import type { PosixFiles } from '../storage/posix-files.ts';
import { Trace } from '../trace/trace.ts';
import { placeOf } from '../vm/frame.ts';
import { BenchFaults } from './bench-faults.ts';
import { BenchFirmware, guardedFirmware } from './bench-firmware.ts';
import { BenchParts } from './bench-parts.ts';
import { type BenchCalls, benchCalls } from './calls.ts';
import { type Watch, watch } from './condition.ts';
import { Coupling, type CouplingSetup } from './coupling.ts';
import { SessionError } from './error.ts';
import type { AdvanceResult, BenchSetup, BoardState, Condition, RunOptions } from './handle.ts';
import { HostTree } from './host-tree.ts';
import { BenchMedia, fillMedium, makeCard } from './media.ts';
import { BenchNets } from './nets.ts';
import { addOnBoardParts } from './on-board.ts';
import type { CallMessage } from './protocol.ts';
import { TraceView } from './trace-view.ts';
import { BenchUsb, BenchUsbDrive } from './usb.ts';

/** What the worker does for the bench. */
export interface BenchHost {
  nextCall(milliseconds?: number): CallMessage | undefined;
  perform(call: CallMessage): void;
  output(board: string, port: string, bytes: Uint8Array): void;
  /** Asks a part that is written in the host, and waits for its answer. */
  ask(part: string, method: string, args: readonly unknown[]): unknown;
  /** Host time in milliseconds. */
  now(): number;
  answer(id: number, value: unknown): void;
  /** Rejects a call. */
  fail(id: number, error: SessionError): void;
  /** What a file has defined by `defineModule`; it was loaded before. */
  modules(file: string): readonly ModuleDefinition[];
}

interface Advance {
  readonly id: number;
  /** When the call ends at the latest. */
  readonly limit: number;
  readonly watch: Watch | undefined;
  /** A free run paces itself by host time. */
  readonly pace?: { readonly mode: 'real' | 'fast'; startVirtual: number; startHost: number };
}

/** @throws SessionError for a board that is not there, or a definition that is wrong */
function madeMachine(name: string, setup: MachineSetup, context: MachineContext): Machine {
  try {
    return createMachine(name, setup, context);
  } catch (error) {
    if (error instanceof BoardDefinitionError) throw new SessionError('bad-definition', error.message);
    if (error instanceof RangeError) throw new SessionError('unknown-board', error.message);
    throw error;
  }
}

/** How often a free run looks for calls of the host, in virtual time. */
const POLL_NS = 5_000_000;
const POLL_CONDITION_NS = 1_000_000;

export class Bench {
  readonly clock = new Clock();
  readonly trace = new Trace(this.clock);
  readonly boards = new Map<string, Machine>();
  /** Taken-up positions of the serial cursors: `board/port`. */
  readonly cursors = new Map<string, number>();
  private current: Advance | undefined;
  private pauseEvent: ClockEvent | undefined;
  private closed = false;
  private readonly calls: BenchCalls;
  readonly nets: BenchNets;
  readonly parts: BenchParts;
  private readonly view: TraceView;
  private readonly random: SeededRandom;
  /** What keeps this board in step with the others of its bench, if there are others. */
  private readonly coupling: Coupling | undefined;
  /** The call under way has not begun for this board. */
  private fresh = false;
  /** What the call under way is to end with, if not with an answer. */
  private failure: SessionError | undefined;
  /** This board's part of the next call's condition. */
  private prepared: Watch | undefined;

  /** @param coupling to the other boards of a bench: each has a worker, and a Bench, of its own */
  constructor(
    readonly setup: BenchSetup,
    readonly host: BenchHost,
    coupling?: CouplingSetup,
  ) {
    if (setup.boards.length > 1) throw new SessionError('wrong-state', 'a worker holds one board');
    for (const board of setup.boards) {
      const name = board.name ?? (typeof board.board === 'string' ? board.board : 'board');
      const modules = (board.modules ?? []).flatMap(file => host.modules(file));
      const machine = madeMachine(name, { ...(board as MachineSetup), modules }, this.context());
      this.boards.set(name, machine);
      if (machine instanceof BoardMachine) {
        const hardFault = (cause: string) => this.noteHardFault(machine, cause, placeOf(machine.vm.frame));
        machine.vm.onHardFault = hardFault;
        if (board.flash !== undefined) fillMedium(machine.flashMedium, board.flash, machine.board.hardware?.flash.label);
        if (board.sd !== undefined) machine.insertCard(makeCard(board.sd));
        if (board.drift !== undefined) machine.setMainCrystalError(board.drift);
        const { firmware } = board;
        if (firmware !== undefined) guardedFirmware(0, () => machine.programFirmware(firmware));
      } else if (board.firmware !== undefined) throw new SessionError('bad-image', `${name} is a process, and takes no firmware file`);
      machine.onChange(() => {
        for (const listener of this.stateListeners) listener();
      });
      for (const [port, console] of machine.consoles) console.onOutput(bytes => host.output(name, port, bytes));
    }
    this.random = new SeededRandom(setup.seed ?? 1);
    if (coupling !== undefined) this.coupling = this.couple(coupling);
    const now = () => this.clock.now;
    this.parts = new BenchParts(
      () => this.partBench(),
      () => this.nets,
      now,
      (part, method, ...args) => host.ask(part, method, args),
    );
    this.nets = new BenchNets(this.hardwareBoards(), this.parts.parts, now);
    this.view = new TraceView(this.trace, () => [...this.boards.keys()], this.ledNames());
    const boards = [...this.hardwareBoards().values()];
    for (const board of boards) addOnBoardParts(board, this.partBench(), this.parts, boards.length > 1 ? `${board.name}.` : '');
    for (const part of setup.parts ?? []) this.parts.attach(part);
    for (const wire of setup.wires ?? []) this.nets.wire(wire);
    this.calls = benchCalls(this);
  }

  private couple(setup: CouplingSetup): Coupling {
    const bench = this;
    return new Coupling(setup, {
      clock: this.clock,
      machine: this.hardwareBoards().values().next().value,
      get met() {
        return bench.current?.watch?.met();
      },
      ended: () => {
        this.finish(this.current?.watch?.met() === true ? 'met' : 'limit');
        this.waitForTime();
        this.fresh = false;
        if (this.closed) throw new Unwind('end');
      },
    });
  }

  /** Makes a net of this board's pins joint with those of other boards. */
  join(id: number, pins: readonly string[], others: readonly (readonly [board: number, name: string])[]): void {
    this.coupling!.join(
      id,
      pins.map(pin => this.nets.terminal(pin)),
      others,
    );
  }

  leave(id: number): void {
    this.coupling!.leave(id);
  }

  private context(): MachineContext {
    return {
      clock: this.clock,
      trace: this.trace,
      seed: this.setup.seed ?? 1,
      idle: until => this.idle(until),
      files: hostFiles,
    };
  }

  get now(): number {
    return this.clock.now;
  }

  private hardwareBoards(): ReadonlyMap<string, BoardMachine> {
    return new Map([...this.boards].filter((entry): entry is [string, BoardMachine] => entry[1] instanceof BoardMachine));
  }

  private hardwareBoard(name: string | undefined): BoardMachine {
    const machine = this.board(name);
    if (machine instanceof BoardMachine) return machine;
    throw new SessionError('wrong-state', `${machine.name} is a process and has no hardware`, [], this.now);
  }

  private partBench(): PartBench {
    const board = this.hardwareBoards().values().next().value;
    if (board === undefined) throw new SessionError('wrong-state', 'no board on this bench has pins to wire a part to', [], this.now);
    return { clock: this.clock, trace: this.trace, netlist: board.chip.netlist, random: this.random };
  }

  /** The trace's names of LED pins. */
  /** Calls back at each edge of an LED's pin. Returns what stops it. */
  onLedChange(machine: Machine, name: string, listener: () => void): () => void {
    const led = machine instanceof BoardMachine ? machine.board.hardware!.leds.find(({ color }) => color === name) : undefined;
    return led === undefined ? () => {} : (machine as BoardMachine).chip.pin(led.pin).observe(listener);
  }

  private ledNames(): Map<string, { color: string; lit: number }> {
    const names = new Map<string, { color: string; lit: number }>();
    for (const machine of this.hardwareBoards().values()) {
      for (const led of machine.board.hardware!.leds)
        names.set(machine.chip.pin(led.pin).terminal.name, { color: led.color, lit: led.lit });
    }
    return names;
  }

  /** What the handle's sub-objects call, by prefix. */
  instruments(): Record<string, { object: object; methods: readonly string[] }> {
    const now = () => this.now;
    const usb = new BenchUsb(name => this.hardwareBoard(name), now);
    for (const board of this.hardwareBoards().values()) usb.watch(board);
    return {
      pins: { object: this.nets, methods: ['drive', 'release', 'read'] },
      parts: { object: this.parts, methods: ['kinds', 'list', 'attach', 'attachHost', 'detach', 'control', 'reading', 'image'] },
      trace: { object: this.view, methods: ['events', 'levels', 'vcd', 'jsonLines', 'mark'] },
      faults: {
        object: new BenchFaults(
          name => this.hardwareBoard(name),
          this.parts,
          () => this.nets,
          now,
        ),
        methods: ['inject', 'clear', 'clearAll'],
      },
      media: {
        object: new BenchMedia(name => this.hardwareBoard(name), now),
        methods: ['insertCard', 'removeCard', 'image', 'setImage', 'readFile', 'writeFile', 'removeFile', 'list', 'check', 'corrupt'],
      },
      firmware: { object: new BenchFirmware(name => this.hardwareBoard(name), now), methods: ['begin', 'state', 'finish'] },
      usb: { object: usb, methods: ['connect', 'interfaces', 'hidReports', 'sendHid'] },
      'usb.drive': {
        object: new BenchUsbDrive(name => this.hardwareBoard(name), now),
        methods: ['readBlocks', 'writeBlocks', 'list', 'readFile', 'writeFile', 'removeFile', 'flush', 'eject'],
      },
    };
  }

  describe(): unknown {
    return this.calls.describe();
  }

  board(name: string | undefined): Machine {
    const machine = name === undefined ? [...this.boards.values()][0] : this.boards.get(name);
    if (machine === undefined)
      throw new SessionError('unknown-board', `no board "${name}" on this bench`, [...this.boards.keys()], this.now);
    return machine;
  }

  /** Carries out a call. Those that let time pass answer when it has passed. */
  call(call: CallMessage, reply: (value: unknown) => void): void {
    const { method, args } = call;
    this.coupling?.hear();
    switch (method) {
      case 'watch':
        this.prepared?.end();
        this.prepared = args[0] === undefined ? undefined : watch(this, args[0] as Condition);
        reply(undefined);
        return;
      case 'advanceTogether':
        this.fresh = true;
        this.current = { id: call.id, limit: Infinity, watch: this.prepared };
        this.prepared = undefined;
        return;
      case 'advance':
        this.begin({ id: call.id, limit: this.now + duration(args[0]), watch: undefined });
        return;
      case 'advanceUntil':
        this.begin({ id: call.id, limit: this.now + duration(args[1]), watch: watch(this, args[0] as Condition) });
        return;
      case 'run': {
        const options = args[0] as RunOptions;
        const pace = { mode: options.pace, startVirtual: this.now, startHost: this.host.now() };
        this.begin({ id: call.id, limit: Infinity, watch: options.until === undefined ? undefined : watch(this, options.until), pace });
        return;
      }
      case 'stop':
        if (this.current?.pace !== undefined) this.finish('limit');
        reply(undefined);
        return;
      default:
        reply(this.calls.perform(method, args));
    }
  }

  private begin(advance: Advance): void {
    if (this.current !== undefined) throw new SessionError('wrong-state', 'time is already passing in another call', [], this.now);
    this.current = advance;
    if (advance.watch?.met() === true) {
      this.finish('met');
      return;
    }
    if (advance.limit !== Infinity) this.pauseAt(advance.limit);
    else this.poll();
  }

  private pauseAt(time: number): void {
    if (this.pauseEvent !== undefined) this.clock.cancel(this.pauseEvent);
    this.pauseEvent = this.clock.at(time, () => {
      this.pauseEvent = undefined;
      this.pause();
    });
  }

  /** Something has happened that a condition may wait for. */
  noticed(): void {
    const { current } = this;
    if (current?.watch?.met() === true) this.pauseAt(this.now);
    else if (current?.watch !== undefined) this.coupling?.notMet();
  }

  private readonly stateListeners = new Set<() => void>();

  private readonly hardFaults = new Map<Machine, BoardState['hardFault']>();

  /** The last hard fault of a machine: an object of its own for each. */
  hardFault(machine: Machine): BoardState['hardFault'] {
    return this.hardFaults.get(machine);
  }

  private noteHardFault(machine: Machine, cause: string, where: string | undefined): void {
    this.hardFaults.set(machine, { at: this.now, where, cause });
    this.trace.events('faults').record('hard fault', { text: where === undefined ? cause : `${cause}, at ${where}` });
    this.noticed();
  }

  /** Calls back at each change of a machine's phase or activity. Returns what stops it. */
  onStateChange(listener: () => void): () => void {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  }

  /** Watches a condition on nets, traces or readings. */
  watchHardware(condition: Extract<Condition, { kind: 'level' | 'edge' | 'trace' | 'reading' }>): Watch {
    switch (condition.kind) {
      case 'level': {
        const end = this.nets.terminal(condition.pin).observe(() => this.noticed());
        return { met: () => this.nets.isAt(condition.pin, condition.level), result: () => ({}), end };
      }
      case 'edge': {
        let left = condition.count ?? 1;
        const end = this.nets.terminal(condition.pin).observe(bit => {
          if (condition.edge !== 'either' && (bit === 1) !== (condition.edge === 'rising')) return;
          left--;
          this.noticed();
        });
        return { met: () => left <= 0, result: () => ({}), end };
      }
      case 'trace': {
        const from = this.now + 1;
        const wanted = condition.count ?? 1;
        return this.polled(
          () => this.view.events({ ...condition.filter, from: Math.max(from, condition.filter.from ?? 0) }).length >= wanted,
        );
      }
      case 'reading': {
        const compare: Record<string, (a: number, b: number) => boolean> = {
          '=': (a, b) => a === b,
          '!=': (a, b) => a !== b,
          '<': (a, b) => a < b,
          '<=': (a, b) => a <= b,
          '>': (a, b) => a > b,
          '>=': (a, b) => a >= b,
        };
        const test = compare[condition.is];
        const met = () => {
          const value = this.parts.reading(condition.part, condition.reading);
          if (typeof value === 'string') return (value === condition.value) === (condition.is === '=');
          return test(Number(value), Number(condition.value));
        };
        met();
        return this.polled(met);
      }
    }
  }

  /** A condition that nothing announces: asked a thousand times a second of virtual time. */
  private polled(met: () => boolean): Watch {
    let event: ClockEvent;
    const again = () => {
      event = this.clock.after(POLL_CONDITION_NS, () => {
        this.noticed();
        again();
      });
    };
    again();
    return { met, result: () => ({}), end: () => this.clock.cancel(event) };
  }

  /** An instant at which the host may get control: decides whether the call is over, and if so waits for the next one. */
  private pause(): void {
    const { current } = this;
    if (current === undefined) return;
    if (this.coupling !== undefined) {
      this.coupling.noticed();
      return;
    }
    if (current.watch?.met() === true) this.finish('met');
    else if (this.now >= current.limit) this.finish('limit');
    else return;
    this.waitForTime();
    // A guest that computes does not look whether its board is still there: this takes it out of the bench.
    if (this.closed) throw new Unwind('end');
  }

  /** Carries out calls until one lets time pass, or the bench is closed. */
  private waitForTime(): void {
    while (this.current === undefined && !this.closed) this.host.perform(this.host.nextCall()!);
  }

  private finish(reason: AdvanceResult['reason']): void {
    const { current } = this;
    this.current = undefined;
    if (this.pauseEvent !== undefined) {
      this.clock.cancel(this.pauseEvent);
      this.pauseEvent = undefined;
    }
    const result: AdvanceResult = { now: this.now, reason, ...current!.watch?.result(reason) };
    current!.watch?.end();
    const { failure } = this;
    this.failure = undefined;
    if (failure === undefined) this.host.answer(current!.id, result);
    else this.host.fail(current!.id, failure);
  }

  /** A free run: looks for calls now and then, and keeps to host time if it is to. */
  private poll(): void {
    this.pauseEvent = this.clock.after(POLL_NS, () => {
      this.pauseEvent = undefined;
      this.takeCalls(0);
      this.keepPace();
      if (this.current === undefined) this.waitForTime();
      else if (this.current.pace !== undefined) this.poll();
    });
  }

  private takeCalls(milliseconds: number): void {
    let call = this.host.nextCall(milliseconds);
    while (call !== undefined) {
      this.host.perform(call);
      // What comes after the end is for the next bench.
      if (this.closed) return;
      call = this.host.nextCall(0);
    }
  }

  /** Lets host time catch up with virtual time. */
  private keepPace(): void {
    const pace = this.current?.pace;
    if (pace?.mode !== 'real') return;
    for (;;) {
      const ahead = (this.now - pace.startVirtual) / 1e6 - (this.host.now() - pace.startHost);
      if (ahead <= 0 || this.current === undefined) return;
      this.takeCalls(Math.min(ahead, 50));
    }
  }

  /** The guest waits, for input or for an interrupt; `until`: when it stops waiting by itself. Lets time pass to the next event. */
  private idle(until: number): void {
    const pace = this.current?.pace;
    if (pace === undefined || until !== Infinity) {
      this.clock.sleep(until);
      return;
    }
    if (this.clock.nextDue <= this.now) {
      this.clock.advanceTo(this.now);
      return;
    }
    // A terminal: nothing but input or an event of the board can wake it, so virtual time follows host time.
    if (this.pauseEvent !== undefined) this.clock.cancel(this.pauseEvent);
    this.pauseEvent = undefined;
    const start = this.host.now();
    const from = this.now;
    const next = this.clock.nextDue;
    const wait = next === Infinity ? Infinity : Math.max(0, (next - from) / 1e6);
    const call = this.host.nextCall(wait);
    const elapsed = Math.floor((this.host.now() - start) * 1e6);
    this.clock.advanceTo(call === undefined ? next : Math.min(next, from + elapsed));
    if (call !== undefined) this.host.perform(call);
    pace.startVirtual = this.now;
    pace.startHost = this.host.now();
    if (this.current === undefined) this.waitForTime();
    else if (this.pauseEvent === undefined) this.poll();
  }

  /** Runs the boards while there is time; called when no guest runs. */
  run(): void {
    while (this.current !== undefined && !this.closed) {
      try {
        this.runBoards();
      } catch (error) {
        if (!(error instanceof ModuleFailure)) throw error;
        this.stopFor(error);
      }
    }
  }

  /** A project's module is at fault: its board loses its power, and the call that let time pass says why. The bench can still be looked at. */
  private stopFor(failure: ModuleFailure): void {
    for (const machine of this.boards.values()) machine.powerOff();
    const { current } = this;
    if (current === undefined) throw failure;
    const error = new SessionError('module-failed', failure.message, [], this.now);
    if (this.coupling !== undefined) {
      // The call ends for all boards of the bench, together.
      this.failure = error;
      this.coupling.stop();
      return;
    }
    this.current = undefined;
    if (this.pauseEvent !== undefined) this.clock.cancel(this.pauseEvent);
    this.pauseEvent = undefined;
    current.watch?.end();
    this.host.fail(current.id, error);
  }

  private runBoards(): void {
    while (this.current !== undefined && !this.closed) {
      const machine = [...this.boards.values()].find(board => board.runnable);
      if (this.fresh) {
        this.fresh = false;
        this.coupling!.begin(machine === undefined);
        continue;
      }
      if (machine !== undefined) this.runMachine(machine);
      else if (this.current.pace !== undefined) this.idle(Infinity);
      else if (this.clock.nextDue === Infinity && this.coupling === undefined) this.finish('dead');
      else this.clock.sleep(Infinity);
    }
  }

  /** A process that has a hard fault ends. */
  private runMachine(machine: Machine): void {
    try {
      machine.main();
    } catch (error) {
      if (!(error instanceof HardFault)) throw error;
      this.noteHardFault(machine, error.message, error.where);
    }
  }

  state(machine: Machine): BoardState {
    return { now: this.now, hardFault: this.hardFault(machine), ...machine.state() };
  }

  close(): void {
    this.closed = true;
    for (const machine of this.boards.values()) machine.powerOff();
  }
}

/** A tree of files in memory, with folders of the host in it. */
function hostFiles(mounts: readonly HostMount[]): PosixFiles {
  const files = new MemoryFiles();
  for (const mount of mounts) files.attach(mount.guest, new HostTree(mount.host, mount.readonly));
  return files;
}

function duration(value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0) || !Number.isFinite(value))
    throw new SessionError('bad-value', `a duration must be 0 ns or more, not ${String(value)}`);
  return Math.round(value);
}
