/** A MicroPython without hardware, a process: it runs what it was started for, or its prompt (ports/unix/main.c). */

import { printMemoryInfo } from '../modules/micropython.ts';
import type { ModuleDef } from '../modules/module-def.ts';
import { environmentVariable } from '../modules/os.ts';
import { addModule } from '../modules/registry.ts';
import { runExitFunction, sysPrompt } from '../modules/sys.ts';
import { readImportedFile } from '../modules/vfs/import-files.ts';
import { addMount, mountTable } from '../modules/vfs/mounts.ts';
import { newVfsPosix } from '../modules/vfs/posix.ts';
import { exceptionValue, excTypes, newException, printException } from '../objects/exception.ts';
import { formatAddress } from '../objects/identity.ts';
import { encodeUtf8 } from '../objects/utf8.ts';
import { EndOfInput, Key } from '../repl/console.ts';
import { History, readInputLine } from '../repl/line-editor.ts';
import { type ReplState, runRepl } from '../repl/repl.ts';
import { runInput } from '../repl/run-input.ts';
import type { PosixFiles } from '../storage/posix-files.ts';
import { loadAttrMaybe } from '../vm/attributes.ts';
import { createVm, initVm } from '../vm/create.ts';
import { compileSource, executeModuleCode, loadMpy } from '../vm/execute.ts';
import { placeOf } from '../vm/frame.ts';
import { builtinImport } from '../vm/import.ts';
import type { Profile } from '../vm/profile.ts';
import { Raise } from '../vm/raise.ts';
import { handlePending, raiseLater } from '../vm/scheduler.ts';
import { isSubclass, typeOf } from '../vm/type.ts';
import { StringPrinter, type Value } from '../vm/value.ts';
import { hot, type Port, runIn, type Vm, vm } from '../vm/vm.ts';
import { ConsolePort } from './console-port.ts';
import type { MachineContext, Program } from './create-machine.ts';
import type { Machine, MachineActivity, MachineDescription, MachineState, Phase } from './machine.ts';
import type { ProcessJob } from './process-job.ts';
import { Unwind } from './unwind.ts';

const NEWLINE = 10;
/** Virtual time in which input that was there already reaches the process, in ns. */
const INPUT_ARRIVES = 200_000;

/** A system call that writes, and each of its bytes: assumptions. */
const WRITE_CYCLES = 1000;
const WRITE_CYCLES_PER_BYTE = 10;

const HISTORY_LINES: Readonly<Record<string, number>> = { unix: 50 };

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
  exitStatus: number | undefined = undefined;
  private whenChanged: (() => void) | undefined;
  readonly files: PosixFiles | undefined;
  readonly startDirectory: string | undefined;
  readonly environment: ReadonlyMap<string, string> | undefined;
  private readonly console: ConsolePort;
  private readonly stderr: ConsolePort;
  /** Gets the lines typed in this session and before it, oldest first, when a prompt has ended. */
  private readonly historyFile: ConsolePort;
  /** Is told how the process reads from now on, if that is a terminal: `keys` or `lines`. */
  private readonly terminal: ConsolePort;
  private reads: 'keys' | 'lines' = 'lines';
  private polled = false;
  /** What the line editor was told last, after the end of input. */
  private ending: Key | undefined;
  private readonly vm: Vm;
  private readonly repl: ReplState;
  private powered = false;
  private unwinding: Unwind | undefined;
  private phase: Phase = 'off';
  private activity: MachineActivity = 'off';

  constructor(
    readonly name: string,
    profile: Profile,
    private readonly context: MachineContext,
    private readonly program?: Program,
    private readonly job?: ProcessJob,
    extensions: readonly ModuleDef[] = [],
  ) {
    const { clock, trace } = context;
    this.console = new ConsolePort('usb', clock, trace.bytes(`${name}.usb.tx`), trace.bytes(`${name}.usb.rx`), byte =>
      this.interruptsBy(byte),
    );
    this.stderr = new ConsolePort('stderr', clock, trace.bytes(`${name}.stderr`), trace.bytes(`${name}.stderr.rx`));
    this.historyFile = new ConsolePort('history', clock, trace.bytes(`${name}.history`), trace.bytes(`${name}.history.rx`));
    this.terminal = new ConsolePort('terminal', clock, trace.bytes(`${name}.terminal`), trace.bytes(`${name}.terminal.rx`));
    this.consoles = new Map([
      ['usb', this.console],
      ['stderr', this.stderr],
      ['history', this.historyFile],
      ['terminal', this.terminal],
    ]);
    this.files = job === undefined ? undefined : context.files?.(job.mounts);
    this.startDirectory = job?.directory;
    this.environment = job?.environment;
    this.vm = createVm(profile, this, clock);
    for (const module of extensions) addModule(this.vm, module);
    const banner = `MicroPython v1.27.0 on ${profile.buildDate}; ${profile.machine}`;
    this.repl = {
      mode: 'friendly',
      history: new History(HISTORY_LINES[profile.name] ?? 8),
      banner,
      prompt: sysPrompt,
    };
    this.repl.history.lines.push(...(job?.history ?? []));
    this.description = {
      board: profile.name,
      machine: profile.machine,
      firmware: `v1.27.0 on ${profile.buildDate}`,
      pins: [],
      leds: [],
      switches: [],
      parts: [],
      serialPorts: ['usb', 'stderr'],
      media: [],
      buses: [],
    };
  }

  /** The interrupt character is taken out of the input. */
  private interruptsBy(byte: number): boolean {
    if (vm !== this.vm || byte !== this.vm.interruptChar) return false;
    raiseLater(newException(excTypes.KeyboardInterrupt, []));
    return true;
  }

  get runnable(): boolean {
    return this.powered;
  }

  onChange(callback: () => void): void {
    this.whenChanged = callback;
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

  private enter(phase: Phase, activity: MachineActivity): void {
    this.phase = phase;
    this.activity = activity;
    this.whenChanged?.();
  }

  main(): void {
    this.unwinding = undefined;
    try {
      runIn(this.vm, () => this.start());
    } catch (error) {
      if (error instanceof EndOfInput) this.exitStatus ??= 0;
      else if (!(error instanceof Unwind)) throw error;
    } finally {
      this.powered = false;
      this.enter('off', 'off');
    }
  }

  private start(): void {
    initVm(this.vm);
    this.vm.locals = this.vm.globals = this.vm.main.globals;
    if (this.files !== undefined || this.vm.profile.name === 'unix') this.mountRoot();
    if (this.program !== undefined) {
      this.enter('main.py', 'computing');
      const { source, fileName } = this.program;
      this.exitStatus = runInput(fileName.endsWith('.mpy') ? { code: () => loadMpy(source) } : source, 'file', fileName).status;
    } else if (this.job !== undefined) {
      this.exitStatus = this.runJob(this.job);
    } else {
      for (;;) {
        this.enter('repl', 'computing');
        this.prompt();
        this.text('MPY: soft reboot\r\n');
        initVm(this.vm);
      }
    }
  }

  private mountRoot(): void {
    const mount = { point: '/', filesystem: newVfsPosix() };
    addMount(mount);
    mountTable().current = mount;
  }

  /** The prompt, until the guest wants out. Returns the exit status. */
  private prompt(): number {
    if (this.job?.terminal === true) this.askForInput('keys');
    for (;;) {
      const outcome = runRepl(this.repl);
      if (outcome?.ended === 'exit') return outcome.status;
    }
  }

  private runJob(job: ProcessJob): number {
    const machine = this.vm;
    machine.optLevel = job.optLevel;
    machine.verbosity = job.verbosity;
    machine.defaultEmit = job.emit;
    machine.executable = job.executable;
    machine.sysPath.items.length = 0;
    machine.sysPath.items.push(...job.sysPath);
    machine.sysArgv.items.push(...job.argv);
    this.enter('main.py', 'computing');
    let status = this.runAction(job);
    if (job.inspect || job.action.kind === 'repl' || environmentVariable('MICROPYINSPECT') !== '') {
      this.enter('repl', 'computing');
      status = this.prompt();
      this.historyFile.write(
        encodeUtf8(
          [...this.repl.history.lines]
            .reverse()
            .map(line => `${line}\n`)
            .join(''),
        ),
      );
    }
    try {
      runExitFunction();
    } catch (error) {
      // The reference has nobody there to catch it (nlr_jump_fail).
      if (!(error instanceof Raise)) throw error;
      this.writeStderr(`FATAL: uncaught NLR 0x${formatAddress(error.exception)}\n`);
      return 1;
    }
    if (job.verbosity > 0) printMemoryInfo();
    return status & 0xff;
  }

  private runAction(job: ProcessJob): number {
    const { action } = job;
    const options = { compileOnly: job.compileOnly };
    switch (action.kind) {
      case 'file':
        return runInput(() => readImportedFile(action.path), 'file', action.path, options).status;
      case 'command':
        return runInput(encodeUtf8(action.text), 'file', '<stdin>', options).status;
      case 'module':
        return this.guarded(() => {
          const module = builtinImport([action.name, null, null, false]);
          if (loadAttrMaybe(module, '__path__') !== undefined) builtinImport([`${action.name}.__main__`, null, null, false]);
        });
      case 'stdin':
        return this.guarded(() => {
          this.vm.main.globals.map.set('__file__', '<stdin>');
          const code = compileSource(action.source, '<stdin>', 'file');
          if (!job.compileOnly) executeModuleCode(code, this.vm.main.globals, this.vm.main.globals);
        });
      case 'repl':
        return 0;
    }
  }

  /** Runs what reports its uncaught exceptions on standard error (handle_uncaught_exception). */
  private guarded(action: () => void): number {
    try {
      this.vm.interruptChar = 3;
      action();
      this.vm.interruptChar = -1;
      while (hot.pending) handlePending();
      return 0;
    } catch (error) {
      if (!(error instanceof Raise)) throw error;
      this.vm.interruptChar = -1;
      return this.report(error.exception);
    }
  }

  private report(exception: Value): number {
    if (isSubclass(typeOf(exception), excTypes.SystemExit)) {
      const value = exceptionValue(exception);
      if (value === null) return 0;
      return typeof value === 'number' || typeof value === 'boolean' ? Number(value) & 255 : 1;
    }
    const out = new StringPrinter();
    printException(out, exception);
    this.stderr.write(encodeUtf8(out.text));
    return 1;
  }

  private text(text: string): void {
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
      where: placeOf(frame),
      heap: { total: heap.total, free: heap.available },
      cwd: undefined,
      mounts: {},
      sdInserted: false,
      reads: this.reads,
    };
  }

  // The port, as the language sees it

  /** A serial port wants a carriage return before each newline; a process leaves that to the terminal. */
  private get cooked(): boolean {
    return this.program === undefined && this.job === undefined;
  }

  writeStdout(bytes: Uint8Array): void {
    hot.budget -= WRITE_CYCLES + bytes.length * WRITE_CYCLES_PER_BYTE;
    this.console.write(this.cooked ? withCarriageReturns(bytes) : bytes);
  }

  writeStdoutRaw(bytes: Uint8Array): void {
    this.console.write(bytes);
  }

  writeStderr(text: string): void {
    this.stderr.write(encodeUtf8(text));
  }

  readStdin(): number {
    this.readBy('lines');
    return this.readByte();
  }

  /** A process's line editor (mp_hal_stdin_rx_chr in ports/unix/unix_mphal.c). */
  readKey(): number {
    if (this.job === undefined) return this.readStdin();
    this.readBy('keys');
    const byte = this.readByte();
    if (byte < 0) {
      // Ctrl-D ends nothing while a line is being typed: then the line is entered. The reference waits for ever.
      this.ending = this.ending === Key.CtrlD ? Key.Return : Key.CtrlD;
      return this.ending;
    }
    return byte === NEWLINE ? Key.Return : byte;
  }

  dropLineEnd(): void {
    const next = this.console.peek();
    if (this.job?.terminal === true && (next === NEWLINE || next === Key.Return)) this.console.read();
  }

  private readBy(reads: 'keys' | 'lines'): void {
    if (reads === this.reads) return;
    this.reads = reads;
    this.terminal.write(encodeUtf8(reads));
  }

  private readByte(): number {
    for (;;) {
      const byte = this.console.read();
      if (byte >= 0) {
        if (this.activity !== 'computing') this.enter(this.phase, 'computing');
        return byte;
      }
      if (this.console.atEnd) return -1;
      if (hot.pending) handlePending();
      if (this.activity !== 'waiting-for-input') this.enter(this.phase, 'waiting-for-input');
      this.idle(Infinity);
    }
  }

  readLine(): { text: string } | 'interrupt' | 'end' {
    if (this.job?.terminal === true) this.askForInput('keys');
    return readInputLine(this.repl.history);
  }

  stdinReady(): boolean {
    if (this.job !== undefined && !this.polled && this.console.available === 0) {
      this.polled = true;
      this.askForInput('lines');
    }
    return this.console.available > 0 || this.console.atEnd;
  }

  /**
   * Whoever holds the process sends no input before it is wanted, and sets a terminal for the way it is read: lets it do both now, and
   * gives what is there the time to arrive.
   */
  private askForInput(reads: 'keys' | 'lines'): void {
    this.readBy(reads);
    this.enter(this.phase, 'waiting-for-input');
    const { clock } = this.context;
    for (const end = clock.now + INPUT_ARRIVES; clock.now < end; ) this.idle(end);
    this.enter(this.phase, 'computing');
  }

  idle(until: number): void {
    this.context.idle(until);
    this.boundary();
  }

  boundary(): void {
    if (this.unwinding !== undefined) throw this.unwinding;
  }
}
