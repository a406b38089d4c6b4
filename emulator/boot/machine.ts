/**
 * A machine that a bench can hold: a board with its hardware, or a MicroPython that is a mere process (the `unix` profile). It runs
 * synchronously inside `main`, and lets virtual time pass by moving the bench's clock; whoever holds the bench puts an event
 * on that clock to get control back.
 */
import type { ConsolePort } from './console-port.ts';

export type Phase =
  | 'off'
  | 'reset'
  | 'mode-selection'
  | 'mode-confirmation'
  | 'mounting'
  | 'factory-reset'
  | 'boot.py'
  | 'usb-configuration'
  | 'main.py'
  | 'script-error'
  | 'repl'
  | 'soft-reset'
  | 'deepsleep'
  | 'bootloader'
  | 'no-firmware'
  | 'fault';

export type MachineActivity = 'off' | 'computing' | 'sleeping' | 'waiting-for-input' | 'halted';

export interface MachineState {
  readonly phase: Phase;
  readonly mode: 'standard' | 'safe' | 'factory-reset' | undefined;
  readonly activity: MachineActivity;
  readonly resetCause: string;
  readonly leds: Readonly<Record<string, number>>;
  readonly switches: Readonly<Record<string, boolean>>;
  readonly where: string | undefined;
  readonly heap: { readonly total: number; readonly free: number } | undefined;
  readonly cwd: string | undefined;
  readonly mounts: Readonly<Record<string, string>>;
  readonly sdInserted: boolean;
  /**
   * For a process whose standard input may be a terminal: how it reads it now. `keys`: key by key, with an editor of its own; `lines`: as
   * the terminal hands lines over.
   */
  readonly reads?: 'keys' | 'lines';
}

/** What a machine is, for messages and checks on the host. */
export interface MachineDescription {
  readonly board: string;
  readonly machine: string;
  readonly firmware: string;
  /** Whether the firmware compiles source, and has a prompt. */
  readonly compiler?: boolean;
  /** The pad that is held while the board is reset to come up in its bootloader. */
  readonly bootloaderPad?: string;
  readonly pins: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  readonly leds: readonly { readonly name: string; readonly index: number; readonly intensity: boolean }[];
  readonly switches: readonly string[];
  readonly parts: readonly string[];
  readonly serialPorts: readonly string[];
  readonly media: readonly ('flash' | 'sd')[];
  readonly buses: readonly string[];
}

export interface Machine {
  readonly name: string;
  readonly description: MachineDescription;
  /** Serial ports by name; the REPL's is `usb`. */
  readonly consoles: ReadonlyMap<string, ConsolePort>;
  /** Has power and is not held in reset: `main` may be called. */
  readonly runnable: boolean;
  /** Runs the machine until it loses its power or ends. Throws nothing but host errors. */
  main(): void;
  powerOn(): void;
  /** Takes effect at once when the machine does not run, else at its next instruction. */
  powerOff(): void;
  holdReset(pressed: boolean): void;
  holdSwitch(name: string, pressed: boolean, bounce: boolean): void;
  readonly switches: readonly string[];
  /** Status with which a program has ended; undefined while it runs, and for a machine that runs none. */
  readonly exitStatus: number | undefined;
  state(): MachineState;
  /** From now on calls back whenever phase or activity has changed. */
  onChange(callback: () => void): void;
}
