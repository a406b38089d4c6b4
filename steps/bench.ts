/**
 * The Bench: what one scenario has on its desk. It is cucumber's World. It opens the target's boards when the first step
 * needs them, remembers what was run and printed, and gathers the evidence for the report.
 */
import { type IWorldOptions, World } from '@cucumber/cucumber';
import { boards as knownBoards } from '../boards/index.ts';
import type { BoardSetup, BoardState, ExecuteResult, Nanoseconds } from '../emulator/session/handle.ts';
import { boardFrom, firmwareFrom, mediumFrom, readBenchFile } from '../targets/bench-file.ts';
import { type Capability, CapabilityMissing, type Dut, type Target, type TargetSession } from '../targets/target.ts';
import { formatDuration } from '../views/units.ts';
import { whatExists } from './did-you-mean.ts';
import { BadStep, ExpectationFailed, type FailureContext } from './failure.ts';
import { targetOf } from './target-pool.ts';
import { userBoard, userBoardNames } from './user-boards.ts';
import type { PlacedUserPart } from './user-parts.ts';

/** What a run is told; `worldParameters` of cucumber. */
export interface BenchParameters {
  /** Name of the target; default `defaultTarget`. */
  readonly target?: string;
  /** The board that scenarios get which name none. */
  readonly board?: string;
  /** Seed of all that is random. */
  readonly seed?: number;
  /** When transcripts, diagrams and traces are attached to a scenario. Default `on-failure`. */
  readonly evidence?: 'on-failure' | 'always';
  /** What flash and card of a board hold that the scenario says nothing about: a folder or an image of the host. */
  readonly flash?: string;
  readonly sd?: string;
  /** The firmware file that boards have. */
  readonly firmware?: string;
  /** A bench in YAML, instead of one board. */
  readonly bench?: string;
  /** Milliseconds of host time that one call on the target may take. */
  readonly wallLimit?: number;
}

export interface ProgramResult {
  /** What was run, for messages. */
  readonly title: string;
  readonly board: string;
  readonly code: string | Uint8Array;
  readonly stdout: string;
  readonly stderr: string;
  readonly duration: Nanoseconds;
  readonly ended: ExecuteResult['ended'];
}

/** An expectation that was checked, and where on the time axis. */
export interface Check {
  readonly text: string;
  readonly at: Nanoseconds;
  readonly ok: boolean;
}

export class Bench extends World<BenchParameters> {
  /** The last program that a step ran to its end, on any board. */
  program: ProgramResult | undefined;
  /** The last program raised an exception, and no step has said that it should. */
  unexpected = false;
  readonly checks: Check[] = [];
  /** The step that runs, as it was written. */
  stepText = '';
  /** It is an expectation: a Then, or an And after one. */
  expects = false;
  /** The span of virtual time that the last action took. */
  window: { readonly from: Nanoseconds; readonly to: Nanoseconds } = { from: 0, to: 0 };
  /** When power was last switched on by a step. */
  poweredAt: Nanoseconds = 0;
  /** Since when boot steps look at the boot. */
  lookedFrom: Nanoseconds = 0;
  /** Why the scenario was skipped, once it was. */
  skipReason: string | undefined;
  /** Parts on the bench that are written by the project, by name. */
  readonly userParts = new Map<string, PlacedUserPart>();
  /** What steps of a user's own want to keep between them. */
  readonly notes = new Map<string, unknown>();

  /** Boards whose power a step has dealt with. */
  private readonly handled = new Set<string>();
  private readonly heard = new Map<string, number>();
  private readonly boardSetups = new Map<string, BoardSetup>();
  private opened: TargetSession | undefined;
  /** The board that sentences mean which name none. */
  private meant: string | undefined;
  /** The last program that ran on each board. */
  private readonly programs = new Map<string, ProgramResult>();

  constructor(options: IWorldOptions<BenchParameters>) {
    super(options);
  }

  get target(): Target {
    return targetOf(this.parameters.target, { wallLimit: this.parameters.wallLimit });
  }

  get seed(): number {
    return this.parameters.seed ?? 1;
  }

  /** Virtual time now; 0 before the bench is opened. */
  get now(): Nanoseconds {
    return this.opened?.now ?? 0;
  }

  /** The open session, or undefined if no step has needed one. */
  get current(): TargetSession | undefined {
    return this.opened;
  }

  /** @throws CapabilityMissing, which makes the scenario skipped */
  need(...capabilities: readonly Capability[]): void {
    for (const capability of capabilities) {
      if (!this.target.capabilities.has(capability)) throw new CapabilityMissing(capability, this.target.name, this.target.limits);
    }
  }

  /**
   * Says what a board of this bench is, before it is used.
   * @throws BadStep if the bench is open already, or there is no such board; CapabilityMissing if this target cannot be it
   */
  setBoard(name: string, setup: Partial<BoardSetup>): void {
    if (this.opened !== undefined)
      throw new BadStep('the boards of a bench are chosen before the first of them is used; move this step up');
    const before = this.boardSetups.get(name);
    const wanted = setup.board ?? before?.board ?? this.parameters.board ?? this.target.defaultBoard;
    // A board of the project's own: the virtual board can be any.
    const own =
      typeof wanted === 'string'
        ? (userBoard(wanted) ?? (/\.ya?ml$/.test(wanted) ? boardFrom(wanted, process.cwd()) : undefined))
        : undefined;
    const board = own !== undefined && this.target.name === 'emulator' ? own : wanted;
    if (typeof board === 'string' && !this.target.boards.includes(board)) {
      const everywhere = [...new Set([...knownBoards.keys(), ...this.target.boards, ...userBoardNames()])];
      if (!everywhere.includes(board)) throw new BadStep(`there is no board "${board}"; ${whatExists(board, everywhere)}`);
      throw new BoardMissing(board, this.target);
    }
    const { flash, sd, firmware } = this.parameters;
    if (firmware !== undefined) this.need('firmware');
    const media = {
      ...(flash === undefined ? {} : { flash: mediumFrom(flash) }),
      ...(sd === undefined ? {} : { sd: mediumFrom(sd) }),
      ...(firmware === undefined ? {} : { firmware: firmwareFrom(firmware) }),
    };
    this.boardSetups.set(name, { ...media, ...before, ...setup, name, board });
    if (this.boardSetups.size > 1) this.need('several-boards');
  }

  /** Builds a project's module into a board's firmware, by the URL of its file. @throws BadStep if the bench is open already */
  addModule(name: string, file: string): void {
    const { modules = [] } = this.boardSetups.get(name) ?? {};
    this.setBoard(name, { modules: [...new Set([...modules, file])] });
  }

  /** What a board of the bench is: its name, or a whole definition. */
  definitionOf(name: string): string | object {
    return this.boardSetups.get(name)?.board ?? this.opened?.boards.get(name)?.description.board ?? name;
  }

  /** The session, opened now if it was not. */
  async session(): Promise<TargetSession> {
    if (this.opened === undefined) {
      const { bench, wallLimit } = this.parameters;
      if (this.boardSetups.size === 0 && bench === undefined) this.setBoard(defaultName, {});
      const setup = this.boardSetups.size === 0 && bench !== undefined ? readBenchFile(bench) : { boards: [...this.boardSetups.values()] };
      if (setup.boards.length > 1) this.need('several-boards');
      this.opened = await this.target.open({ seed: this.seed, wallLimit, ...setup });
      if (this.meant !== undefined) this.focus(this.meant);
    }
    return this.opened;
  }

  /** The board that sentences mean which name none; undefined while that is the only one. */
  get speaksOf(): string | undefined {
    return this.meant;
  }

  /** From now on sentences that name no board mean this one. @throws BadStep if there is no such board */
  async speakOf(name: string): Promise<void> {
    await this.dut(name);
    this.meant = name;
    this.focus(name);
  }

  /** Does something with sentences that mean a board, and goes back to the one that they meant before. @throws BadStep if there is no such board */
  async speakingOf<T>(name: string, action: () => Promise<T>): Promise<T> {
    const before = this.meant;
    await this.speakOf(name);
    try {
      return await action();
    } finally {
      this.meant = before;
      const first = this.opened?.boards.keys().next().value;
      if (before !== undefined || first !== undefined) this.focus(before ?? first!);
    }
  }

  private focus(name: string): void {
    const { opened } = this;
    if (opened !== undefined && opened.boards.size > 1 && opened.boards.has(name)) opened.focus?.(name);
  }

  /** A board by name; without one, the only board. @throws BadStep if there is no such board, or several and none was named */
  async dut(name?: string): Promise<Dut> {
    const { boards } = await this.session();
    if (name === undefined && boards.size === 1) return [...boards.values()][0];
    name ??= this.meant;
    if (name === undefined) throw new BadStep(`there are several boards on the bench (${[...boards.keys()].join(', ')}): say which`);
    const dut = boards.get(name);
    if (dut === undefined) throw new BadStep(`there is no board "${name}" on the bench; ${whatExists(name, [...boards.keys()])}`);
    return dut;
  }

  /**
   * A board that answers at its prompt. What nobody has switched on, off or reset is switched on now: on a bench a board has power unless the
   * scenario says otherwise.
   */
  async running(name?: string): Promise<Dut> {
    const dut = await this.dut(name);
    if (dut.powerOn === undefined || this.handled.has(dut.name)) return dut;
    this.handled.add(dut.name);
    await dut.powerOn();
    await this.prompt(dut, bootLimit);
    return dut;
  }

  /**
   * Does something that lets time pass; measuring steps look at the span of the last such action.
   */
  async act<T>(action: (session: TargetSession) => Promise<T>): Promise<T> {
    const session = await this.session();
    const from = session.now;
    try {
      return await action(session);
    } finally {
      this.window = { from, to: session.now };
    }
  }

  /** Boot steps look at what happens from now on. */
  look(): void {
    this.lookedFrom = this.now;
  }

  /** Output steps look at what the board sends from this position on (a count of bytes). */
  listenFrom(dut: Pick<Dut, 'name'>, position: number): void {
    this.heard.set(dut.name, position);
  }

  /** What a board has sent since the last stimulus. */
  async output(dut: Dut): Promise<string> {
    return utf8(latin1(await dut.serial().peek(this.heard.get(dut.name) ?? 0)));
  }

  /** Where `output` begins. */
  listensFrom(dut: Pick<Dut, 'name'>): number {
    return this.heard.get(dut.name) ?? 0;
  }

  /** From now on the scenario decides about a board's power by itself. */
  async handle(name?: string): Promise<Dut> {
    const dut = await this.dut(name);
    this.handled.add(dut.name);
    return dut;
  }

  /** Waits until a board answers at its prompt. @throws ExpectationFailed */
  async prompt(dut: Dut, limit: Nanoseconds): Promise<void> {
    const session = await this.session();
    const { reason } = await session.advanceUntil({ kind: 'idle', board: dut.name }, limit);
    if (reason !== 'met')
      throw new ExpectationFailed(`${describeDut(dut)} to reach its prompt within ${formatDuration(limit)}`, 'it did not');
  }

  /** Runs code on a board and keeps the result for the steps that follow. */
  async run(
    code: string | Uint8Array,
    options: { readonly title: string; readonly board?: string; readonly limit: Nanoseconds },
  ): Promise<ProgramResult> {
    this.need('execute');
    const dut = await this.running(options.board);
    const result = await this.act(() => dut.execute(code, options.limit));
    this.program = {
      title: options.title,
      board: dut.name,
      code,
      stdout: text(result.stdout),
      stderr: text(result.stderr),
      duration: result.duration,
      ended: result.ended,
    };
    this.programs.set(dut.name, this.program);
    this.unexpected = this.program.stderr !== '';
    return this.program;
  }

  /**
   * A program that ends in an exception fails its scenario, unless a step says that it is to. Called when the scenario goes on to something else.
   * @throws ExpectationFailed
   */
  expectNoException(): void {
    if (!this.unexpected || this.program === undefined) return;
    this.unexpected = false;
    const { title, stdout, stderr } = this.program;
    throw new ExpectationFailed(`${title} to end without an exception`, 'it raised one', {
      evidence: stdout + stderr,
      hint: 'when it is to raise one, say so: "it raises ValueError"',
    });
  }

  /** The result that "it" refers to. @throws BadStep if nothing was run */
  lastProgram(): ProgramResult {
    const own = this.meant === undefined ? undefined : this.programs.get(this.meant);
    if (own !== undefined) return own;
    if (this.program === undefined) throw new BadStep('no program was run before this step; run one with "the program runs:"');
    return this.program;
  }

  /** What surrounds a failure now. Never throws: a board that died is described by its last words. */
  async context(): Promise<FailureContext> {
    const session = this.opened;
    const target = this.target;
    if (session === undefined) return { now: undefined, virtual: true, boards: [] };
    const boards: FailureContext['boards'][number][] = [];
    for (const dut of session.boards.values()) {
      let state: BoardState | undefined = session.lastWords?.state[dut.name];
      let serial = latin1(session.lastWords?.serial[dut.name]);
      if (session.lastWords === undefined) {
        try {
          state = await dut.state?.();
          serial = latin1(await dut.serial().peek());
        } catch {
          // The board cannot be asked any more; what is known stands.
        }
      }
      boards.push({ name: dut.name, board: dut.description.board, target: target.name, state, serial: utf8(serial) });
    }
    return { now: session.now, virtual: target.capabilities.has('virtual-time'), boards };
  }

  /** Everything a board has printed, for transcripts; empty when it cannot be asked. */
  async transcript(dut: Dut): Promise<string> {
    try {
      return utf8(latin1(await dut.serial().peek()));
    } catch {
      return utf8(latin1(this.opened?.lastWords?.serial[dut.name]));
    }
  }

  async close(): Promise<void> {
    const session = this.opened;
    this.opened = undefined;
    await session?.close();
  }
}

/** Virtual time that a board has to reach its prompt. */
const bootLimit = 20e9;

/** How a sentence calls a board. */
export function describeDut(dut: Pick<Dut, 'name'>): string {
  return dut.name === defaultName ? 'the board' : `board "${dut.name}"`;
}

/** How a bench with one board calls it. */
export const defaultName = 'board';

/** The scenario names a board that this target cannot be. */
export class BoardMissing extends Error {
  override readonly name = 'BoardMissing';

  constructor(board: string, target: Target) {
    super(`target "${target.name}" cannot be a ${board}; it can be: ${target.boards.join(', ')}`);
  }
}

/** Guest bytes as text, with `\n` for line ends. Bytes that are no UTF-8 stay visible as `\xNN`. */
export function text(bytes: Uint8Array): string {
  return utf8(latin1(bytes)).replaceAll('\r\n', '\n');
}

export function latin1(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Reads latin-1 text as the UTF-8 it stands for; bytes that are none are written `\xNN`. */
export function utf8(bytes: string): string {
  return bytes.replace(/[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]/g, sequence => {
    const decoded = Buffer.from(sequence, 'latin1').toString('utf8');
    return decoded.includes('\ufffd') ? [...sequence].map(c => `\\x${c.charCodeAt(0).toString(16)}`).join('') : decoded;
  });
}
