/**
 * What a spec can run against. A target opens benches; a bench has boards, and, where the target has them, pins, parts,
 * faults and a trace. All calls are asynchronous, and their shapes are those of the emulator's own handle, so that a step
 * never asks which target it drives: it asks for a capability, and a target that lacks it makes the scenario skipped.
 */
import type { BenchSetup, BoardHandle, Session } from '../emulator/session/handle.ts';

/** What a target may be able to do. The text completes the sentence "this target has no …". */
export const capabilities = {
  execute: 'way to run code',
  repl: 'interactive prompt',
  'soft-reset': 'soft reset',
  reset: 'reset button',
  power: 'power supply to switch',
  boot: 'boot sequence to observe',
  switches: 'switches to press',
  firmware: 'way to install another firmware',
  leds: 'LEDs to look at',
  media: 'flash or card whose contents can be set from outside',
  usb: 'USB device to look at',
  pins: 'pins to measure and drive',
  parts: 'parts to wire up',
  modules: "place for modules of a project's own",
  faults: 'faults to inject',
  trace: 'trace of its signals',
  'virtual-time': 'virtual time: durations depend on the host',
  'several-boards': 'second board',
} as const;

export type Capability = keyof typeof capabilities;

/** One board under test. What is optional depends on the target's capabilities. */
export type Dut = Pick<BoardHandle, 'name' | 'description' | 'serial' | 'execute'> &
  Partial<Omit<BoardHandle, 'name' | 'description' | 'serial' | 'execute'>> & {
    /** Ctrl-D at the prompt, or the target's own way. */
    softReset?(): Promise<void>;
  };

/** A bench of boards, opened for one scenario. */
export type TargetSession = Pick<Session, 'now' | 'advance' | 'advanceUntil' | 'close'> &
  Partial<Omit<Session, 'now' | 'advance' | 'advanceUntil' | 'close' | 'boards'>> & {
    readonly boards: ReadonlyMap<string, Dut>;
  };

export interface TargetOptions {
  /** Milliseconds of host time that one call may take. */
  readonly wallLimit?: number;
}

export interface Target {
  /** As `--target` names it. */
  readonly name: string;
  readonly title: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** The board that a spec gets when none is named. */
  readonly defaultBoard: string;
  /** The boards that this target can be, by name. */
  readonly boards: readonly string[];
  /** Why a capability is not there, when there is more to say than that it is not. */
  readonly limits?: string;
  /** @throws UnknownBoardError, or a SessionError of the target's own */
  open(setup: BenchSetup): Promise<TargetSession>;
  /** Ends what the target keeps between benches. */
  close(): Promise<void>;
}

/** A board was named that this target cannot be. */
export class UnknownBoardError extends Error {
  override readonly name = 'UnknownBoardError';

  constructor(
    readonly board: string,
    readonly target: string,
    readonly known: readonly string[],
  ) {
    super(`target "${target}" has no board "${board}"; it has: ${known.join(', ')}`);
  }
}

/** A target was named that does not exist, or is not built yet. */
export class UnknownTargetError extends Error {
  override readonly name = 'UnknownTargetError';

  constructor(
    readonly target: string,
    readonly known: readonly string[],
    reason = 'there is no such target',
  ) {
    super(`target "${target}": ${reason}; there are: ${known.join(', ')}`);
  }
}

/** Something that this target cannot do was asked for. A step turns it into a skipped scenario. */
export class CapabilityMissing extends Error {
  override readonly name = 'CapabilityMissing';

  constructor(
    readonly capability: Capability,
    readonly target: string,
    reason?: string,
  ) {
    super(`target "${target}" has no ${capabilities[capability]}${reason === undefined ? '' : ` (${reason})`}`);
  }
}

/** A call on a target that went wrong; `code` is one of the session's (see emulator/session/handle.ts). */
export class TargetError extends Error {
  override readonly name = 'TargetError';

  constructor(
    readonly code: string,
    message: string,
    readonly known: readonly string[] = [],
  ) {
    super(message);
  }
}
