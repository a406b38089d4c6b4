/**
 * The host's side of a bench with several boards: a worker each, in step on one clock (token.ts). It sends each call to the board that it is about, in the
 * order in which they were made, and lets time pass for all together.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { CouplingSetup } from './coupling.ts';
import { SessionError } from './error.ts';
import type {
  AdvanceResult,
  BenchSetup,
  BoardDescription,
  BoardHandle,
  Condition,
  Fault,
  LastWords,
  Nanoseconds,
  PartSetup,
  PinRef,
  RunOptions,
  Session,
  TraceEvent,
  TraceFilter,
  Wire,
} from './handle.ts';
import { mergedJsonLines, mergedVcd } from './merged-trace.ts';
import type { Thread } from './thread.ts';
import { TokenTable } from './token.ts';
import { canonicalPin, isRail, type JointNetPlan, type PlacedPin, Wiring } from './wiring.ts';
import { WorkerSession } from './worker-session.ts';

/** Time in a free run passes in pieces of this length (ns): so long may the host's calls have to wait. */
const PIECE = 5_000_000;

interface Member {
  readonly index: number;
  readonly name: string;
  readonly thread: Thread;
  readonly session: WorkerSession;
  readonly description: BoardDescription;
}

/** Opens a bench with several boards. @throws SessionError as SessionPool.open does */
export async function openSeveral(
  setup: BenchSetup,
  wallLimit: number,
  take: () => Thread,
  giveBack: (thread: Thread) => void,
): Promise<Session> {
  const names = setup.boards.map(({ name, board }) => name ?? (typeof board === 'string' ? board : 'board'));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new SessionError('bad-definition', `two boards on the bench are called "${twice}"`, names);
  const bad = names.find(name => name.includes('.') || isRail(name));
  if (bad !== undefined)
    throw new SessionError('bad-definition', `"${bad}" cannot be a board's name on a bench with several: it would read as a pin's`);
  const table = TokenTable.make(names.length);
  const ports: (MessagePort | undefined)[][] = names.map(() => names.map(() => undefined));
  for (let a = 0; a < names.length; a++) {
    for (let b = a + 1; b < names.length; b++) {
      const { port1, port2 } = new MessageChannel();
      ports[a][b] = port1;
      ports[b][a] = port2;
    }
  }
  const threads = names.map(() => take());
  const opened = await Promise.allSettled(
    threads.map(async (thread, index) => {
      const coupling: CouplingSetup = { index, names, table, ports: ports[index] };
      const own = {
        ...setup,
        seed: (setup.seed ?? 1) + index * 1_000_003,
        boards: [{ ...setup.boards[index], name: names[index] }],
        parts: [],
        wires: [],
      };
      const transfer = ports[index].filter(port => port !== undefined);
      return (await thread.callNow('open', [own, coupling], wallLimit, transfer)) as { name: string; description: BoardDescription }[];
    }),
  );
  const failed = opened.find(({ status }) => status === 'rejected');
  if (failed !== undefined) {
    await Promise.allSettled(
      threads.filter((_, index) => opened[index].status === 'fulfilled').map(thread => thread.callNow('close', [], wallLimit)),
    );
    for (const thread of threads) giveBack(thread);
    throw (failed as PromiseRejectedResult).reason;
  }
  const members = opened.map((result, index): Member => {
    const boards = (result as PromiseFulfilledResult<{ name: string; description: BoardDescription }[]>).value;
    const thread = threads[index];
    const session = new WorkerSession(thread, boards, wallLimit, () => giveBack(thread));
    return { index, name: names[index], thread, session, description: boards[0].description };
  });
  const bench = new SeveralBoards(members, new TokenTable(table, names.length), wallLimit);
  try {
    for (const part of setup.parts ?? []) await bench.parts.attach(part);
    for (const wire of setup.wires ?? []) await bench.wire(wire);
  } catch (error) {
    await bench.close();
    throw error;
  }
  return bench;
}

class SeveralBoards implements Session {
  readonly boards: ReadonlyMap<string, BoardHandle>;
  lastWords: LastWords | undefined = undefined;
  now: Nanoseconds = 0;
  private focused: Member;
  private tail: Promise<unknown> = Promise.resolve();
  private closed = false;
  private readonly wiring = new Wiring();
  private laid: readonly JointNetPlan[] = [];
  /** Where each part is that was put on the bench. */
  private readonly partOwners = new Map<string, Member>();
  private readonly injected = new Map<number, { member: Member; id: number }>();
  private nextFault = 1;

  constructor(
    private readonly members: readonly Member[],
    private readonly table: TokenTable,
    private readonly wallLimit: number,
  ) {
    this.focused = members[0];
    this.boards = new Map(members.map(({ name, session }) => [name, session.boards.get(name)!]));
    for (const member of members) {
      member.session.whole = this;
      member.thread.queue = call => this.inOrder(call);
      const { onDeath } = member.thread;
      member.thread.onDeath = error => {
        onDeath(error);
        if (members.every(({ thread }) => thread.dead)) this.lastWords = this.gatheredLastWords(error);
        // Once its thread has ended, whatever it was about to do is not done any more.
        void member.thread.ended.then(() => table.bury(member.index));
      };
    }
  }

  private gatheredLastWords(error: SessionError): LastWords {
    const words = this.members.map(({ session }) => session.lastWords);
    return {
      error,
      serial: Object.assign({}, ...words.map(each => each?.serial)),
      state: Object.assign({}, ...words.map(each => each?.state)),
    };
  }

  /** Each call after those that were made before, whatever board they were about. */
  private inOrder<T>(call: () => Promise<T>): Promise<T> {
    const result = this.tail.then(call, call);
    this.tail = result.catch(() => {});
    return result;
  }

  private member(board: string | undefined): Member {
    if (board === undefined || board === '') return this.focused;
    const member = this.members.find(({ name }) => name === board);
    if (member === undefined) {
      const known = this.members.map(({ name }) => name);
      throw new SessionError('unknown-board', `no board "${board}" on this bench`, known, this.now);
    }
    return member;
  }

  focus: Session['focus'] = board => {
    this.focused = this.member(board);
  };

  // --- time --------------------------------------------------------------------------------------------------------

  advance: Session['advance'] = async (duration, options) => {
    checkDuration(duration);
    return this.pass(duration, undefined, options?.wallLimit);
  };

  advanceUntil: Session['advanceUntil'] = async (condition, limit, options) => {
    checkDuration(limit);
    return this.pass(limit, condition, options?.wallLimit);
  };

  private pass(duration: Nanoseconds, condition: Condition | undefined, wallLimit = this.wallLimit): Promise<AdvanceResult> {
    if (this.closed) return Promise.reject(new SessionError('closed', 'the session was closed', [], this.now));
    return this.inOrder(() => this.passNow(Math.round(duration), condition, wallLimit));
  }

  private async passNow(duration: Nanoseconds, condition: Condition | undefined, wallLimit: number): Promise<AdvanceResult> {
    const { parts, together } =
      condition === undefined ? { parts: new Map<Member, WatchedPart>(), together: false } : this.divided(condition);
    const taking = this.members.filter(({ thread }) => !thread.dead);
    for (const member of parts.keys()) if (member.thread.dead) throw member.thread.death!;
    if (taking.length === 0) throw this.members[0].thread.death!;
    const limit = this.now + duration;
    // A condition that names something unknown is refused before any board begins.
    const watched = await Promise.allSettled(
      taking.map(member => member.thread.callNow('watch', [parts.get(member)?.condition], wallLimit)),
    );
    const refused = watched.find(({ status }) => status === 'rejected');
    if (refused !== undefined) {
      await Promise.allSettled(taking.map(({ thread }) => thread.callNow('watch', [undefined], wallLimit)));
      throw (refused as PromiseRejectedResult).reason;
    }
    this.table.prepare(limit, together);
    const guard = wallLimit === Infinity ? undefined : setInterval(() => this.endStuck(wallLimit), wallLimit);
    const ended = await Promise.allSettled(
      taking.map(({ thread }) => thread.callNow('advanceTogether', [], Infinity) as Promise<AdvanceResult>),
    );
    clearInterval(guard);
    let first: { result: AdvanceResult; part: WatchedPart } | undefined;
    let reached = 0;
    let lost: unknown;
    ended.forEach((result, index) => {
      if (result.status === 'rejected') {
        lost ??= result.reason;
        return;
      }
      const part = parts.get(taking[index]);
      reached = Math.max(reached, result.value.now);
      if (result.value.reason === 'met' && part !== undefined && (first === undefined || result.value.now < first.result.now))
        first = { result: result.value, part };
    });
    const allMet =
      !together ||
      ended.every((result, index) => !parts.has(taking[index]) || (result.status === 'fulfilled' && result.value.reason === 'met'));
    const met = first !== undefined && allMet;
    this.now = Math.max(this.now, met && !together ? first!.result.now : met ? Math.min(limit, reached) : limit);
    if (lost !== undefined) throw lost;
    if (!met) return { now: this.now, reason: 'limit' };
    const { result, part } = first!;
    const index = part.indices === undefined ? result.index : part.indices[result.index ?? 0];
    return { ...result, now: this.now, ...(index === undefined || together ? {} : { index }) };
  }

  /** Host time is up: the board that has the token never lets go of it. */
  private endStuck(wallLimit: number): void {
    const { holder } = this.table;
    const stuck = holder === undefined ? this.members.filter(({ thread }) => !thread.dead) : [this.members[holder]];
    for (const { name, thread } of stuck) {
      const message = `board "${name}" took more than ${wallLimit} ms of host time; the guest never lets go`;
      thread.die(new SessionError('wall-clock-limit', message, [], this.now));
    }
  }

  /** A condition by the boards that watch for it, each its own part. */
  private divided(condition: Condition): { parts: Map<Member, WatchedPart>; together: boolean } {
    const several = condition.kind === 'any' || condition.kind === 'all' ? condition : undefined;
    if (several === undefined) {
      const [member, own] = this.localCondition(condition);
      return { parts: new Map([[member, { condition: own }]]), together: false };
    }
    const parts = new Map<Member, { of: Condition[]; indices: number[] }>();
    several.of.forEach((each, index) => {
      const [member, own] = this.localCondition(each);
      const part = parts.get(member) ?? { of: [], indices: [] };
      parts.set(member, part);
      part.of.push(own);
      part.indices.push(index);
    });
    return {
      parts: new Map(
        [...parts].map(([member, { of, indices }]) => [
          member,
          { condition: { kind: several.kind, of }, ...(several.kind === 'any' ? { indices } : {}) },
        ]),
      ),
      together: several.kind === 'all' && parts.size > 1,
    };
  }

  /** Whose condition it is, and how that board's worker says it. */
  private localCondition(condition: Condition): [Member, Condition] {
    switch (condition.kind) {
      case 'level':
      case 'edge': {
        const { member, pin } = this.place(condition.pin);
        return [member, { ...condition, pin }];
      }
      case 'reading': {
        const { member, part } = this.part(condition.part);
        return [member, { ...condition, part }];
      }
      case 'trace': {
        const [member, filter] = this.localFilter(condition.filter);
        return [member, { ...condition, filter }];
      }
      case 'any':
      case 'all': {
        const own = condition.of.map(each => this.localCondition(each));
        const members = new Set(own.map(([member]) => member));
        if (members.size > 1) throw new SessionError('bad-value', 'a condition within a condition must be about one board', [], this.now);
        return [own[0]?.[0] ?? this.focused, { ...condition, of: own.map(([, each]) => each) }];
      }
      default: {
        const member = this.member(condition.board);
        return [member, { ...condition, board: member.name }];
      }
    }
  }

  run: Session['run'] = options => {
    let stopped = false;
    let wake: () => void = () => {};
    const ended = this.freeRun(
      options,
      () => stopped,
      milliseconds =>
        new Promise(resolve => {
          const timer = setTimeout(resolve, milliseconds);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        }),
    );
    return {
      ended,
      stop: () => {
        stopped = true;
        wake();
      },
    };
  };

  private async freeRun(
    options: RunOptions,
    stopped: () => boolean,
    pause: (milliseconds: number) => Promise<void>,
  ): Promise<AdvanceResult> {
    let result: AdvanceResult = { now: this.now, reason: 'limit' };
    let start = { virtual: this.now, host: performance.now() };
    const alive = () => this.members.filter(({ thread }) => !thread.dead);
    while (!stopped() && !this.closed) {
      result = await this.pass(PIECE, options.until, Infinity);
      if (result.reason === 'met') break;
      if (options.pace === 'fast') {
        const states = await Promise.all(alive().map(({ session, name }) => session.boards.get(name)!.state()));
        // While only input can wake the boards, time follows the host's.
        if (states.some(({ activity }) => activity === 'computing' || activity === 'sleeping')) {
          start = { virtual: this.now, host: performance.now() };
          continue;
        }
      }
      const ahead = (this.now - start.virtual) / 1e6 - (performance.now() - start.host);
      if (ahead > 1) await pause(ahead);
      // A host that slept does not have to be caught up with.
      else if (ahead < -1000) start = { virtual: this.now, host: performance.now() };
    }
    return result;
  }

  // --- pins and wires ----------------------------------------------------------------------------------------------

  /** Where a pin is, and how that board's worker calls it. */
  private place(pin: PinRef, otherwise: Member = this.focused): { member: Member; pin: PinRef } {
    const dot = pin.indexOf('.');
    if (dot < 0) return { member: otherwise, pin: isRail(pin) ? pin : canonicalPin(pin, otherwise.description) };
    const owner = pin.slice(0, dot);
    const rest = pin.slice(dot + 1);
    const member = this.members.find(({ name }) => name === owner);
    if (member !== undefined) return { member, pin: canonicalPin(rest, member.description) };
    const part = this.partOwners.get(owner);
    return { member: part ?? otherwise, pin };
  }

  private placed(pin: PinRef, otherwise?: Member): PlacedPin {
    const { member, pin: own } = this.place(pin, otherwise);
    return { board: member.index, pin: own };
  }

  wire: Session['wire'] = async (wire: Wire) => {
    const first = wire.pins.find(pin => !isRail(pin));
    const home = first === undefined ? this.focused : this.place(first).member;
    const pins = wire.pins.map(pin => this.placed(pin, isRail(pin) ? home : undefined));
    const boards = new Set(pins.map(({ board }) => board));
    const own = pins.filter(({ board }) => board === home.index).map(({ pin }) => pin);
    if (boards.size === 1) {
      await home.session.wire({ ...wire, pins: own });
      return;
    }
    for (const { board, pin } of pins) await this.members[board].session.pins.read(pin);
    if (wire.pull !== undefined) await home.session.wire({ pins: own.slice(0, 1), pull: wire.pull });
    this.wiring.add(pins);
    await this.lay();
  };

  unwire: Session['unwire'] = async pin => {
    const { member, pin: own } = this.place(pin);
    this.wiring.remove({ board: member.index, pin: own });
    await this.lay();
    await member.session.unwire(own);
  };

  /** Tells the boards which of their nets are joint now. */
  private async lay(): Promise<void> {
    const wanted = this.wiring.nets();
    const key = ({ id, pins }: JointNetPlan) => `${id} ${pins.map(({ board, pin }) => `${board}.${pin}`).join(' ')}`;
    const before = new Set(this.laid.map(key));
    const after = new Set(wanted.map(key));
    const leaving = this.laid.filter(net => !after.has(key(net)));
    const coming = wanted.filter(net => !before.has(key(net)));
    this.laid = wanted;
    for (const { id, pins } of leaving) {
      for (const board of new Set(pins.map(pin => pin.board))) await this.quietly(board, 'leave', id);
    }
    for (const { id, pins } of coming) {
      const boards = [...new Set(pins.map(pin => pin.board))];
      for (const board of boards) {
        const own = pins.filter(pin => pin.board === board).map(({ pin }) => pin);
        const others = boards
          .filter(other => other !== board)
          .map(other => [other, `${this.members[other].name}.${pins.find(pin => pin.board === other)!.pin}`] as const);
        await this.quietly(board, 'join', id, own, others);
      }
    }
  }

  /** A board that is gone has no wires. */
  private async quietly(board: number, method: string, ...args: unknown[]): Promise<void> {
    const { thread, session } = this.members[board];
    if (!thread.dead) await session.call(method, ...args);
  }

  readonly pins: Session['pins'] = {
    drive: async (pin, source) => {
      const { member, pin: own } = this.place(pin);
      return member.session.pins.drive(own, source);
    },
    release: async pin => {
      const { member, pin: own } = this.place(pin);
      return member.session.pins.release(own);
    },
    read: async pin => {
      const { member, pin: own } = this.place(pin);
      return member.session.pins.read(own);
    },
  };

  // --- parts -------------------------------------------------------------------------------------------------------

  /** A part by name: one that was put on the bench, or a board's own (`left.accel`; `accel` is that of the board in focus). */
  private part(name: string): { member: Member; part: string } {
    const owner = this.partOwners.get(name);
    if (owner !== undefined) return { member: owner, part: name };
    const dot = name.indexOf('.');
    const member = dot < 0 ? undefined : this.members.find(each => each.name === name.slice(0, dot));
    return member === undefined ? { member: this.focused, part: name } : { member, part: name.slice(dot + 1) };
  }

  /** Puts a part beside the board that its first pin leads to, and lays wires to the others. */
  private async attachPart(setup: PartSetup, attach: (member: Member, own: PartSetup) => Promise<void>): Promise<void> {
    const { name, pins } = setup;
    if (this.partOwners.has(name) || this.members.some(member => member.name === name))
      throw new SessionError('wrong-state', `there is something called "${name}" on this bench already`, [], this.now);
    const first = Object.values(pins).find(pin => !isRail(pin));
    const home = first === undefined ? this.focused : this.place(first).member;
    const near: Record<string, PinRef> = {};
    const far: [string, PinRef][] = [];
    for (const [pin, to] of Object.entries(pins)) {
      const { member, pin: own } = this.place(to, isRail(to) ? home : undefined);
      if (member === home) near[pin] = own;
      else far.push([pin, to]);
    }
    await attach(home, { ...setup, pins: near });
    this.partOwners.set(name, home);
    for (const [pin, to] of far) await this.wire({ pins: [`${name}.${pin}`, to] });
  }

  readonly parts: Session['parts'] = {
    kinds: () => this.focused.session.parts.kinds(),
    list: async () => {
      const lists = await Promise.all(
        this.members
          .filter(({ thread }) => !thread.dead)
          .map(async ({ name: board, session }) =>
            (await session.parts.list()).map(part => (this.partOwners.has(part.name) ? part : { ...part, name: `${board}.${part.name}` })),
          ),
      );
      return lists.flat();
    },
    attach: part => this.attachPart(part, (member, own) => member.session.parts.attach(own)),
    attachHost: (part, device) => this.attachPart(part, (member, own) => member.session.parts.attachHost(own, device)),
    detach: async name => {
      const { member, part } = this.part(name);
      await member.session.parts.detach(part);
      this.partOwners.delete(name);
    },
    control: async (name, control, value) => {
      const { member, part } = this.part(name);
      return member.session.parts.control(part, control, value);
    },
    reading: async (name, reading) => {
      const { member, part } = this.part(name);
      return member.session.parts.reading(part, reading);
    },
    image: async name => {
      const { member, part } = this.part(name);
      return member.session.parts.image(part);
    },
  };

  // --- faults ------------------------------------------------------------------------------------------------------

  readonly faults: Session['faults'] = {
    inject: async fault => {
      const { member, fault: own } = this.localFault(fault);
      const id = await member.session.faults.inject(own);
      this.injected.set(this.nextFault, { member, id });
      return this.nextFault++;
    },
    clear: async id => {
      const entry = this.injected.get(id);
      this.injected.delete(id);
      await entry?.member.session.faults.clear(entry.id);
    },
    clearAll: async () => {
      this.injected.clear();
      for (const { thread, session } of this.members) if (!thread.dead) await session.faults.clearAll();
    },
  };

  private localFault(fault: Fault): { member: Member; fault: Fault } {
    if ('pin' in fault) {
      const { member, pin } = this.place(fault.pin);
      return { member, fault: { ...fault, pin } };
    }
    if ('part' in fault) {
      const { member, part } = this.part(fault.part);
      return { member, fault: { ...fault, part } };
    }
    const member = this.member(fault.board);
    return { member, fault: { ...fault, board: member.name } };
  }

  // --- trace -------------------------------------------------------------------------------------------------------

  /** Whose trace is asked: the board that is named, by itself or before a net's name; names without one are the focused board's. */
  private localFilter(filter: TraceFilter): [Member, TraceFilter] {
    const { board, names, ...rest } = filter;
    const prefix = names?.map(name => this.members.find(each => name.startsWith(`${each.name}.`))).find(member => member !== undefined);
    const part = names?.map(name => this.partOwners.get(name.split('.')[0])).find(member => member !== undefined);
    const member = board === undefined || board === '' ? (prefix ?? part ?? this.focused) : this.member(board);
    const own = names?.map(name => (name.startsWith(`${member.name}.`) ? name.slice(member.name.length + 1) : name));
    return [member, own === undefined ? rest : { ...rest, names: own }];
  }

  private get living(): readonly Member[] {
    return this.members.filter(({ thread }) => !thread.dead);
  }

  readonly trace: Session['trace'] = {
    events: async filter => {
      if (filter?.names !== undefined || (filter?.board ?? '') !== '') {
        const [member, own] = this.localFilter(filter!);
        return member.session.trace.events(own);
      }
      const lists = await Promise.all(this.living.map(({ session }) => session.trace.events(filter)));
      const events: TraceEvent[] = lists.flat().sort((a, b) => a.t - b.t);
      return filter?.last === undefined ? events : events.slice(-filter.last);
    },
    levels: async (at, nets) => {
      if (nets !== undefined) {
        const found = await Promise.all(
          nets.map(async net => {
            const { member, pin } = this.place(net);
            return Object.entries(await member.session.trace.levels(at, [pin])).map(([, level]) => [net, level] as const);
          }),
        );
        return Object.fromEntries(found.flat());
      }
      const all = await Promise.all(
        this.living.map(async ({ name, session }) =>
          Object.entries(await session.trace.levels(at)).map(([net, level]) => [`${name}.${net}`, level] as const),
        ),
      );
      return Object.fromEntries(all.flat());
    },
    vcd: async ({ nets, ...window } = {}) => {
      const places = nets?.map(net => this.place(net));
      const dumps: [string, string][] = [];
      for (const member of this.living) {
        const own = places?.filter(place => place.member === member).map(({ pin }) => pin);
        if (own?.length === 0) continue;
        dumps.push([member.name, await member.session.trace.vcd({ to: this.now, ...window, ...(own === undefined ? {} : { nets: own }) })]);
      }
      return mergedVcd(dumps);
    },
    jsonLines: async filter => {
      const members = (filter?.board ?? '') === '' ? this.living : [this.member(filter!.board)];
      const texts: [string, string][] = [];
      for (const { name, session } of members) texts.push([name, await session.trace.jsonLines({ to: this.now, ...filter })]);
      return mergedJsonLines(texts);
    },
    mark: async (text, ok) => this.focused.session.trace.mark(text, ok),
  };

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.tail;
    for (const { thread, session } of this.members) {
      thread.queue = call => call();
      await session.close();
    }
  }
}

interface WatchedPart {
  readonly condition: Condition;
  /** For `any`: which members of the whole condition these are. */
  readonly indices?: readonly number[];
}

function checkDuration(value: unknown): void {
  if (typeof value !== 'number' || !(value >= 0) || !Number.isFinite(value))
    throw new SessionError('bad-value', `a duration must be 0 ns or more, not ${String(value)}`);
}
