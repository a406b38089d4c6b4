/** A MicroPython without hardware: its REPL on a serial port, and nothing else around it. */
import { excTypes, newException } from '../objects/exception.ts';
import { EndOfInput } from '../repl/console.ts';
import { History } from '../repl/line-editor.ts';
import { type ReplState, runRepl } from '../repl/repl.ts';
import { runInput } from '../repl/run-input.ts';
import { createVm, initVm } from '../vm/create.ts';
import type { Profile } from '../vm/profile.ts';
import { raiseOSError } from '../vm/raise.ts';
import { handlePending, raiseLater } from '../vm/scheduler.ts';
import { hot, type Port, runIn, type Vm } from '../vm/vm.ts';
import { ConsolePort } from './console-port.ts';
import type { MachineContext, Program } from './create-machine.ts';
import type { Machine, MachineActivity, MachineDescription, MachineState, Phase } from './machine.ts';
import { Unwind } from './unwind.ts';

const HISTORY_LINES: Readonly<Record<string, number>> = { unix: 50 };
const ENOENT = 2;

/** Output for a terminal: a carriage return before each newline (mp_hal_stdout_tx_strn_cooked). */
export function withCarriageReturns(bytes: Uint8Array): Uint8Array {
  let newlines = 0;
  for (const byte of bytes) if (byte === 10) newlines++;
  if (newlines === 0) return bytes;
  const out = new Uint8Array(bytes.length + newlines);
  let at = 0;
  for (const byte of bytes) {
    if (byte === 10) out[at++] = 13;
    out[at++] = byte;
  }
  return out;
}

export class ProcessMachine implements Machine, Port {
  readonly consoles: ReadonlyMap<string, ConsolePort>;
  readonly description: MachineDescription;
  readonly switches: readonly string[] = [];
  onChange: () => void = () => {};
  private readonly console: ConsolePort;
  private readonly vm: Vm;
  private readonly repl: ReplState;
  private powered = false;
  exitStatus: number | undefined = undefined;
  private unwinding: Unwind | undefined;
  private phase: Phase = 'off';
  private activity: MachineActivity = 'off';

  constructor(
    readonly name: string,
    profile: Profile,
    private readonly context: MachineContext,
    private readonly program?: Program,
  ) {
    const { clock, trace } = context;
    this.console = new ConsolePort('usb', clock, trace.bytes(`${name}.usb.tx`), trace.bytes(`${name}.usb.rx`));
    this.consoles = new Map([['usb', this.console]]);
    this.vm = createVm(profile, this, clock);
    this.console.intercept = byte => {
      if (byte !== this.vm.interruptChar) return false;
      raiseLater(newException(excTypes.KeyboardInterrupt, []));
      return true;
    };
    const banner = `MicroPython v1.27.0 on ${profile.buildDate}; ${profile.machine}`;
    this.repl = {
      mode: 'friendly',
      history: new History(HISTORY_LINES[profile.name] ?? 8),
      banner,
      prompt: which => (which === 'ps1' ? '>>> ' : '... '),
    };
    this.description = {
      board: profile.name,
      machine: profile.machine,
      firmware: `v1.27.0 on ${profile.buildDate}`,
      pins: [],
      leds: [],
      switches: [],
      parts: [],
      serialPorts: ['usb'],
      media: [],
      buses: [],
    };
  }

  get runnable(): boolean {
    return this.powered;
  }

  powerOn(): void {
    if (this.powered) return;
    this.powered = true;
    this.enter('reset', 'computing');
  }

  powerOff(): void {
    this.powered = false;
    this.unwinding = new Unwind('power');
  }

  holdReset(): void {}
  holdSwitch(): void {}

  /** A terminal wants a carriage return before each newline; a program's output stays as it is. */
  private get cooked(): boolean {
    return this.program === undefined;
  }

  private enter(phase: Phase, activity: MachineActivity): void {
    this.phase = phase;
    this.activity = activity;
    this.onChange();
  }

  main(): void {
    this.unwinding = undefined;
    try {
      runIn(this.vm, () => {
        if (this.program !== undefined) {
          this.runProgram(this.program);
          return;
        }
        for (;;) {
          initVm(this.vm);
          this.enter('repl', 'computing');
          for (;;) if (runRepl(this.repl)?.ended === 'exit') break;
          this.write('MPY: soft reboot\r\n');
        }
      });
    } catch (error) {
      if (!(error instanceof Unwind) && !(error instanceof EndOfInput)) throw error;
    } finally {
      this.enter('off', 'off');
    }
  }

  private runProgram(program: Program): void {
    this.enter('main.py', 'computing');
    const outcome = runInput(program.source, 'file', program.fileName);
    this.exitStatus = outcome.status;
    this.powered = false;
  }

  private write(text: string): void {
    this.console.write(Uint8Array.from(text, c => c.charCodeAt(0)));
  }

  state(): MachineState {
    const { heap, frame } = this.vm;
    return {
      phase: this.phase,
      mode: undefined,
      activity: this.activity,
      resetCause: 'power-on',
      leds: {},
      switches: {},
      where:
        frame === null ? undefined : `${frame.code.module.fileName}:${frame.code.lineOf(Math.max(0, frame.pc - 1))} in ${frame.code.name}`,
      heap: { total: heap.total, free: heap.available },
      cwd: undefined,
      mounts: {},
      sdInserted: false,
    };
  }

  // The port, as the language sees it

  writeStdout(bytes: Uint8Array): void {
    this.console.write(this.cooked ? withCarriageReturns(bytes) : bytes);
  }

  writeStdoutRaw(bytes: Uint8Array): void {
    this.console.write(bytes);
  }

  writeStderr(text: string): void {
    this.write(text.replace(/\n/g, '\r\n'));
  }

  readStdin(): number {
    for (;;) {
      const byte = this.console.read();
      if (byte >= 0) {
        if (this.activity !== 'computing') this.enter(this.phase, 'computing');
        return byte;
      }
      if (hot.pending) handlePending();
      if (this.activity !== 'waiting-for-input') this.enter(this.phase, 'waiting-for-input');
      this.idle(Infinity);
    }
  }

  stdinReady(): boolean {
    return this.console.available > 0;
  }

  importStat(): 'none' {
    return 'none';
  }

  readFile(): never {
    raiseOSError(ENOENT);
  }

  idle(until: number): void {
    this.context.idle(until);
    if (this.unwinding !== undefined) throw this.unwinding;
  }
}
