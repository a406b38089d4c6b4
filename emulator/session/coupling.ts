/**
 * A board among others on one bench: its worker holds the token while it runs (token.ts), hands it on at the limit, and hears what the others did
 * (joint-nets.ts, joint-can.ts). While another one runs, this worker stands still, wherever its guest is.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { BoardMachine } from '../boot/board-machine.ts';
import type { Clock, ClockEvent } from '../clock/clock.ts';
import type { Terminal } from '../peripherals/net.ts';
import { serviceSoon } from '../vm/service.ts';
import { hot } from '../vm/vm.ts';
import { type CanMessage, JointCan } from './joint-can.ts';
import { JointNets, type SideMessage } from './joint-nets.ts';
import { AHEAD, TokenTable } from './token.ts';

/** How a worker is connected to those of the other boards. */
export interface CouplingSetup {
  readonly index: number;
  readonly names: readonly string[];
  readonly table: SharedArrayBuffer;
  /** One for each other board; nothing at this board's own place. */
  readonly ports: readonly (MessagePort | undefined)[];
}

type Message = SideMessage | CanMessage;

export interface CoupledBench {
  readonly clock: Clock;
  /** The board, if it has hardware. */
  readonly machine: BoardMachine | undefined;
  /** This board's part of the condition of the call that begins or is under way: whether it is true; undefined if it has none. */
  readonly met: boolean | undefined;
  /** The call is over: answers the host, and waits until it has made another one. @throws Unwind if there will be none */
  ended(): void;
}

export class Coupling {
  private readonly index: number;
  private readonly table: TokenTable;
  private readonly nets: JointNets | undefined;
  private readonly can: JointCan | undefined;
  private readonly heard: number[];
  private readonly buried = new Set<number>();
  private barrier: ClockEvent | undefined;
  /** This board has the token, and time passes. */
  private running = false;
  /** Between two calls: time stands still. */
  private parked = true;
  /** Until when the guest does nothing, as far as is known. */
  private quietUntil = 0;
  private hearing = false;

  constructor(
    private readonly setup: CouplingSetup,
    private readonly bench: CoupledBench,
  ) {
    this.index = setup.index;
    this.table = new TokenTable(setup.table, setup.names.length);
    this.heard = setup.names.map(() => 0);
    const netlist = bench.machine?.chip.netlist;
    if (netlist === undefined) return;
    const send = (to: number, message: Message) => this.send(to, message);
    this.nets = new JointNets({ netlist, send, sync: () => this.sync() });
    const others = setup.names.map((_, board) => board).filter(board => board !== this.index);
    this.can = new JointCan(this.index, netlist, message => {
      for (const board of others) this.send(board, message);
    });
  }

  /** Makes a net of this board joint with the others': see JointNets. @throws if the board has no pins */
  join(id: number, pins: readonly Terminal[], others: readonly (readonly [board: number, name: string])[]): void {
    this.nets!.join(id, pins, new Map(others));
    this.table.setWired(this.index, true);
  }

  leave(id: number): void {
    this.nets?.leave(id);
    this.table.setWired(this.index, this.isWired);
  }

  private get isWired(): boolean {
    return (this.nets?.size ?? 0) > 0 || this.can?.isShared === true;
  }

  // --- the token ---------------------------------------------------------------------------------------------------

  /**
   * Begins a call in which time passes, with all the others. Returns when this board may run.
   * @param asleep whether the guest is known to do nothing until the next event
   */
  begin(asleep: boolean): void {
    this.quietUntil = asleep ? Infinity : this.bench.clock.now;
    this.enter();
    this.wait();
  }

  private enter(): void {
    const { met } = this.bench;
    this.hear();
    this.parked = false;
    this.publish();
    this.table.join(this.index, met !== undefined, met === true);
  }

  /** This board's part of the condition may have changed. With it the call may be over: then the token goes to those who are behind. */
  noticed(): void {
    this.table.setMet(this.index, this.bench.met === true);
    if (!this.running || !this.table.isMet) return;
    this.table.deadline = Math.min(this.table.deadline, this.bench.clock.now);
    this.hold(this.bench.clock.quietUntil);
  }

  /** The call is over, whatever its condition. To be called while no guest runs. */
  stop(): void {
    this.table.deadline = Math.min(this.table.deadline, this.bench.clock.now);
    this.hold(Infinity);
  }

  /** This board's part of the condition is not true, or is true no more. */
  notMet(): void {
    this.table.setMet(this.index, false);
  }

  /** Gives the token away, until this board may go on. */
  private hold(quietUntil: number): void {
    this.quietUntil = quietUntil;
    this.publish();
    const turn = this.table.pass();
    if (turn === this.index) this.setBarrier();
    else this.wait();
  }

  private wait(): void {
    this.running = false;
    for (;;) {
      const mine = this.table.await(this.index);
      // What came late has been done already: the guest may be awake.
      if (this.hear()) this.quietUntil = this.bench.clock.now;
      if (!mine) {
        this.bench.clock.cancel(this.barrier);
        this.parked = true;
        this.bench.ended();
        // What the host did meanwhile may make the board act at once.
        this.quietUntil = this.bench.clock.now;
        this.enter();
        continue;
      }
      // What was heard may have changed when this board acts, and so whose turn it is.
      this.publish();
      if (this.table.pass() !== this.index) continue;
      this.running = true;
      this.setBarrier();
      return;
    }
  }

  /** The board gets there: whoever is due next takes over. */
  private setBarrier(): void {
    const { clock } = this.bench;
    this.running = true;
    const limit = this.table.limitOf(this.index);
    if (limit === Infinity) clock.cancel(this.barrier);
    else if (this.barrier === undefined) this.barrier = clock.at(Math.ceil(limit), () => this.hold(clock.quietUntil));
    else if (!this.barrier.pending || this.barrier.time !== Math.ceil(limit)) clock.reschedule(this.barrier, Math.ceil(limit));
  }

  private publish(): void {
    const { quietUntil } = this;
    const { clock, machine } = this.bench;
    const { now } = clock;
    clock.cancel(this.barrier);
    const acts = machine !== undefined && (machine.chip.nvic.wakes || machine.isLeaving || hot.pending);
    const next = acts ? now : Math.max(now, Math.min(quietUntil, clock.nextDue));
    this.table.publish(this.index, now, next, Math.min(AHEAD, this.nets?.patience ?? AHEAD, this.can?.patience ?? AHEAD));
  }

  /** Somebody is about to look at a joint net: what the others did until now is to be known. */
  private sync(): void {
    if (!this.running || this.hearing) return;
    const { clock, machine } = this.bench;
    if (this.table.isReached(this.index, clock.now)) return;
    this.hold(clock.now);
    serviceSoon(machine!.vm);
  }

  // --- messages ----------------------------------------------------------------------------------------------------

  private send(to: number, message: Message): void {
    if (this.table.isDead(to)) return;
    // While time stands still it is the host who acts: on all boards at the same instant, though their clocks differ by some microseconds.
    this.setup.ports[to]!.postMessage({ message, atOnce: this.parked });
    this.table.countSent(this.index, to);
    if (this.parked) return;
    this.table.disturb(to, message.t);
    if (!this.running) return;
    // The other may answer at once: this board is not to be ahead of that.
    if (this.barrier?.pending && this.table.limitOf(this.index) < this.barrier.time) {
      this.setBarrier();
      serviceSoon(this.bench.machine!.vm);
    }
  }

  /** Takes in what the others have done: what is past is done now, as of its time; the rest at its time. @returns whether anything was done now */
  hear(): boolean {
    const { names, ports } = this.setup;
    let done = false;
    for (let from = 0; from < names.length; from++) {
      if (from === this.index) continue;
      while (this.heard[from] < this.table.sent(from, this.index)) {
        const received = receiveMessageOnPort(ports[from]!);
        if (received === undefined) break;
        this.heard[from]++;
        const { message, atOnce } = received.message as { message: Message; atOnce: boolean };
        if (message.t > this.bench.clock.now && !atOnce) this.bench.clock.at(Math.ceil(message.t), () => this.apply(from, message));
        else {
          this.apply(from, message);
          done = true;
        }
      }
      if (!this.table.isDead(from) || this.buried.has(from)) continue;
      this.buried.add(from);
      done = true;
      this.nets?.silence(from);
      this.can?.silence(from);
    }
    this.table.setWired(this.index, this.isWired);
    return done;
  }

  private apply(from: number, message: Message): void {
    const { hearing } = this;
    this.hearing = true;
    try {
      if (message.kind === 'side') this.nets?.apply(from, message);
      else this.can?.apply(from, message);
    } finally {
      this.hearing = hearing;
    }
  }
}
