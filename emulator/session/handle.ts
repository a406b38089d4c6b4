/**
 * What a host holds of boards that run in worker threads: the asynchronous handle. Types only; the pool and the worker
 * stand behind them.
 *
 * A **session** is one bench: one board or several, wired together, on one virtual clock. Time stands still between two
 * calls: it moves only inside `advance`, `advanceUntil` and `run`, so that everything else (driving a pin, reading a
 * display, writing to the serial port) happens at one exact virtual instant, whatever the host was doing meanwhile.
 *
 * Rules that hold for every call:
 * - Everything that crosses the border is data that can be structure-cloned; a condition is data, too, and is
 *   decided in the worker, at the exact virtual instant at which it comes true.
 * - Calls of one session are carried out in the order in which they were made; the caller need not await each.
 * - A call that is wrong (an unknown pin, a bad value) rejects with a `SessionError` and changes nothing.
 * - A call that has used `wallLimit` of host time rejects with code `wall-clock-limit`; a worker that died rejects with
 *   `worker-died`. Both end the board that was at fault, and nothing else: the others on its bench go on, as if it had been taken off. A bench
 *   with no board left is over; `lastWords` then still holds the serial output and the state as last known to the host.
 */

import type { DecodedReport } from './hid-report.ts';

/** Virtual time or a duration, in ns, a safe integer. Time 0 is the start of the bench; power cycles do not set it back. */
export type Nanoseconds = number;

// ---------------------------------------------------------------------------------------------- the pool

export interface PoolOptions {
  /** How many worker threads are kept for reuse after a session was closed. Default 2. */
  readonly idle?: number;
  /** Default of `wallLimit` for every call of every session, in milliseconds of host time. Default 30,000. */
  readonly wallLimit?: number;
  /** Bytes a worker's own heap may grow to, so that a runaway guest ends its worker, not the host. Default 1 GiB. */
  readonly workerMemory?: number;
}

/** `createPool(options): SessionPool` is exported by emulator/session/pool.ts. */
export interface SessionPool {
  /**
   * A fresh bench. Its boards are wired and have their media, but no power. A thread is reused when one is idle; boards
   * are always new objects.
   * @throws SessionError `unknown-board`, `bad-definition`, `bad-image`
   */
  open(setup: BenchSetup): Promise<Session>;
  /** Ends every worker. Sessions that are still open reject their pending calls with `closed`. */
  close(): Promise<void>;
}

export interface BenchSetup {
  readonly boards: readonly BoardSetup[];
  readonly wires?: readonly Wire[];
  readonly parts?: readonly PartSetup[];
  /** Seed of everything that is random on this bench: noise, bounce, drift, a board's RNG, unique ids. Default 1. */
  readonly seed?: number;
  /** Overrides PoolOptions.wallLimit for this session. */
  readonly wallLimit?: number;
}

export interface BoardSetup {
  /** How this bench calls the board. Default: `board`. Unique on the bench. */
  readonly name?: string;
  /** A known board's name (`pyboard-v1.1`), or a whole definition (plain data, as `boards/*.ts` exports; checked by the schema). */
  readonly board: string | object;
  /** What the flash holds. Default `factory`: as the board is shipped. */
  readonly flash?: MediumSetup;
  /** What is in the card slot. Default: nothing. */
  readonly sd?: MediumSetup;
  /** Bytes of guest heap, when it is to differ from the board's. */
  readonly heap?: number;
  /** Is a terminal attached to the USB serial port (DTR set)? Default true. */
  readonly terminal?: boolean;
  /** Error of the board's main oscillator in parts per million; positive is fast. Default 0. */
  readonly drift?: number;
  /**
   * Runs this program instead of the board's own scripts and its prompt, to its end; the board then is off. Output is as the program
   * prints it, with `\n` line ends.
   */
  readonly program?: { readonly source: Uint8Array; readonly fileName: string };
  /** For a board that is a process: what it is started for, by its command line. */
  readonly process?: object;
  /** Modules that a project has written for it: URLs of the files that define them (`defineModule`). The worker loads them. */
  readonly modules?: readonly string[];
  /** Firmware file (`.dfu`, Intel HEX) that the board has instead of the stock firmware. */
  readonly firmware?: Uint8Array;
}

/** What a medium (flash, SD card, another block device of a part) holds when it is inserted. */
export type MediumSetup =
  | { readonly kind: 'factory' }
  /** Erased: all bytes 0xff, no filesystem. */
  | { readonly kind: 'blank'; readonly size?: number }
  /** The bytes of a whole image. */
  | { readonly kind: 'image'; readonly bytes: Uint8Array }
  /** A fresh filesystem with these files; paths are relative to its root, `/` between folders. */
  | {
      readonly kind: 'files';
      readonly files: Readonly<Record<string, Uint8Array>>;
      readonly format?: 'fat' | 'lfs1' | 'lfs2';
      readonly size?: number;
    };

/** A place to connect to: a pin of a board (`X1`, or `left.X1` when there are several boards) or of a part (`eeprom.SDA`), or `GND`, `3V3`, `5V`. */
export type PinRef = string;

/** Pins that are one net. A wire between two boards makes them run in step. */
export interface Wire {
  readonly pins: readonly PinRef[];
  /** Ohms of a pull resistor on this net, and the level it pulls to. */
  readonly pull?: { readonly to: 'high' | 'low'; readonly ohms?: number };
}

// ---------------------------------------------------------------------------------------------- the session

export interface Session {
  /** The boards by name, in the order of the setup. */
  readonly boards: ReadonlyMap<string, BoardHandle>;
  /** Virtual time now. Known without asking the worker. */
  readonly now: Nanoseconds;
  readonly trace: TraceHandle;
  readonly parts: PartsHandle;
  /** Set once the session has ended by an error. */
  readonly lastWords: LastWords | undefined;

  /** Lets exactly `duration` of virtual time pass. A board that is off, halted or asleep lets time pass, too. */
  advance(duration: Nanoseconds, options?: CallOptions): Promise<AdvanceResult>;
  /** Lets virtual time pass until a condition is true (at once, if it is true now), but no longer than `limit`. */
  advanceUntil(condition: Condition, limit: Nanoseconds, options?: CallOptions): Promise<AdvanceResult>;
  /**
   * Runs freely, for a terminal: virtual time follows host time (`real`), or only waits for the host when nothing but
   * input can wake the boards (`fast`). Ends when `stop` is called, when `until` is true, or with the session. Meanwhile
   * all other calls work and happen at the virtual time of their arrival, which the trace records.
   */
  run(options: RunOptions): RunningSession;

  /** Connects pins. @throws SessionError `unknown-pin`, `unknown-part`, `bad-value` */
  wire(wire: Wire): Promise<void>;
  /** Takes one pin off its net. */
  unwire(pin: PinRef): Promise<void>;
  /** From now on names of pins, parts and LEDs that say no board are this board's; at first they are the first board's. @throws SessionError `unknown-board` */
  focus(board: string): void;

  /** The bench's instruments at a net: drive it, or measure it. */
  readonly pins: PinsHandle;
  readonly faults: FaultsHandle;
  /** Ends the session and gives its workers back to the pool. Harmless when repeated. */
  close(): Promise<void>;
}

export interface CallOptions {
  /** Milliseconds of host time for this one call. */
  readonly wallLimit?: number;
}

export interface AdvanceResult {
  /** Virtual time after the call; for a condition that was met: the instant at which it came true. */
  readonly now: Nanoseconds;
  /**
   * Why time stopped: the condition is true; the limit was reached; or nothing can happen any more that would make it
   * true (every board is off or halted and no event is waiting): time then stands at the limit all the same.
   */
  readonly reason: 'met' | 'limit' | 'dead';
  /** For `any`: index of the member that was true first. For a serial pattern: the text that matched, and its groups. */
  readonly index?: number;
  readonly match?: readonly (string | undefined)[];
}

export interface RunOptions {
  readonly pace: 'real' | 'fast';
  readonly until?: Condition;
}

export interface RunningSession {
  /** Resolves when the run has ended. */
  readonly ended: Promise<AdvanceResult>;
  stop(): void;
}

/** What is to become true. Decided in the worker at the exact virtual instant. */
export type Condition =
  /**
   * The serial port's output from the cursor on contains `text` (bytes, one latin-1 character each), or matches `pattern`
   * (a regular expression over that latin-1 text; never a back-tracking bomb: the worker gives it up after 100 ms of host time with
   * `bad-value`).
   * The cursor is the place up to which `serial.read` has taken the output, unless `from` (a count of bytes since the start of the bench) is given.
   */
  | {
      readonly kind: 'serial';
      readonly board?: string;
      readonly port?: string;
      readonly text?: string;
      readonly pattern?: string;
      readonly flags?: string;
      readonly from?: number;
    }
  /** The net has this level: now, or as soon as it does. Above 2.0 V is high, below 0.8 V is low (between: neither). */
  | { readonly kind: 'level'; readonly pin: PinRef; readonly level: 'high' | 'low' }
  /** `count` edges (default 1) from now on. */
  | { readonly kind: 'edge'; readonly pin: PinRef; readonly edge: 'rising' | 'falling' | 'either'; readonly count?: number }
  /** The LED is lit (intensity above 0) or off. */
  | { readonly kind: 'led'; readonly board?: string; readonly led: string; readonly lit: boolean }
  | { readonly kind: 'phase'; readonly board?: string; readonly phase: BootPhase }
  /** `count` trace events (default 1) from now on that pass the filter. */
  | { readonly kind: 'trace'; readonly filter: TraceFilter; readonly count?: number }
  /** A part's reading compares with a value as told. Numbers compare in the reading's own unit. */
  | {
      readonly kind: 'reading';
      readonly part: string;
      readonly reading: string;
      readonly is: '=' | '!=' | '<' | '<=' | '>' | '>=';
      readonly value: PartValue;
    }
  /** The guest waits for input at a prompt and everything sent to it was consumed; its output is complete. */
  | { readonly kind: 'idle'; readonly board?: string }
  /** A hard fault, from now on: at once, before the board shows it or starts again. */
  | { readonly kind: 'hard-fault'; readonly board?: string }
  /** The board is in one of these activities. */
  | { readonly kind: 'activity'; readonly board?: string; readonly activity: readonly Activity[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'all'; readonly of: readonly Condition[] };

// ---------------------------------------------------------------------------------------------- one board

export interface BoardHandle {
  readonly name: string;
  /** What the board is, for messages and checks on the host. */
  readonly description: BoardDescription;

  /** Applies power at this instant. Nothing happens when it is on already. */
  powerOn(): Promise<void>;
  /** Cuts power at this instant, in the middle of whatever the board does; RAM is lost, the media keep what a real one would. */
  powerOff(): Promise<void>;
  /** Presses (`true`) or releases RST. While it is held the board is in reset; releasing it is a hard reset. */
  holdReset(pressed: boolean): Promise<void>;
  /** Presses or releases a switch of the board; bounces unless told otherwise. @throws SessionError `unknown-switch` */
  holdSwitch(name: string, pressed: boolean, options?: { readonly bounce?: boolean }): Promise<void>;

  /** A serial port: `usb` (USB_VCP, the REPL), or a name that a part or a board file gives. Default `usb`. @throws SessionError `unknown-port` */
  serial(port?: string): SerialHandle;
  readonly media: MediaHandle;
  readonly usb: UsbHandle;
  state(): Promise<BoardState>;
  /** Status with which the setup's program has ended; undefined while it runs, and when there is none. */
  exitStatus(): Promise<number | undefined>;
  /**
   * Runs guest code through the raw REPL in virtual time: enters it if need be, sends the code, collects what comes back,
   * and returns to the friendly REPL if it came from there. `limit` is in virtual time.
   * @throws SessionError `no-repl` when the board does not answer with the raw prompt (it is off, halted, or a program runs and cannot be interrupted)
   */
  execute(code: string | Uint8Array, limit: Nanoseconds, options?: CallOptions): Promise<ExecuteResult>;
  /** A board that has a bootloader takes firmware files (`.dfu`, Intel HEX) there. */
  readonly firmware: FirmwareHandle;
}

export interface FirmwareHandle {
  /**
   * Installs a file through the board's bootloader, in the virtual time that it takes: erases, writes, reads back, and lets the new firmware start. The
   * filesystem stays, unless the whole chip is erased.
   * @throws SessionError `bad-image` for a file that is broken, or for another board; `wrong-state` when the board is not in its bootloader, or when
   * its power went meanwhile
   */
  install(file: Uint8Array, options?: { readonly massErase?: boolean }): Promise<void>;
  /** As `install`, but only begins: it goes on as time passes. Returns how long it takes. @throws SessionError as `install` */
  begin(file: Uint8Array, options?: { readonly massErase?: boolean }): Promise<Nanoseconds>;
  /** Checks that the last installation came to its good end. @throws SessionError `wrong-state` if it was broken off, or reads back otherwise */
  finish(): Promise<void>;
  /** What became of the last installation. */
  state(): Promise<'none' | 'writing' | 'done' | 'broken-off' | 'not-verified'>;
}

export interface ExecuteResult {
  /** What the program printed, and what it left on stderr (a traceback), as bytes of the raw REPL. */
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Virtual time from the first byte of the program's execution to its end. */
  readonly duration: Nanoseconds;
  /** `exit`: by SystemExit, after which the board made a soft reset. `limit`: still running; it was interrupted with Ctrl-C, which then may have printed to stderr. */
  readonly ended: 'done' | 'exit' | 'limit' | 'reset';
}

export interface BoardDescription {
  readonly board: string;
  readonly machine: string;
  /** Its release as the banner says it, when the bench was opened; `none` where the flash holds none. */
  readonly firmware: string;
  /** Whether that firmware compiles source, and so has a prompt; undefined where nobody knows. */
  readonly compiler?: boolean;
  /** The pad that is held (`holdSwitch`) while the board is reset to come up in its bootloader; undefined where there is none. */
  readonly bootloaderPad?: string;
  readonly pins: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  readonly leds: readonly { readonly name: string; readonly index: number; readonly intensity: boolean }[];
  readonly switches: readonly string[];
  /** On-board parts that have controls or readings: `accel`, `servo1` … */
  readonly parts: readonly string[];
  readonly serialPorts: readonly string[];
  readonly media: readonly ('flash' | 'sd')[];
  readonly buses: readonly string[];
}

export interface SerialHandle {
  /**
   * Sends bytes to the board. They are on their way in virtual time, at the port's own pace (USB frames, a baud rate), and nothing is lost on
   * USB: what the board's buffer cannot hold waits on the host's side, as USB makes it wait. Ctrl-C reaches a computing guest.
   */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Nothing more will be sent: a process sees the end of its standard input. Boards do not notice. */
  end?(): Promise<void>;
  /** What the board has sent since the last read, and moves the cursor behind it. */
  read(): Promise<Uint8Array>;
  /** What the board has sent from `from` on (a count of bytes since the start of the bench), without moving the cursor. Default: everything that is still kept (at least 1 MiB). */
  peek(from?: number): Promise<Uint8Array>;
  /** Count of bytes that the board has sent since the start of the bench. */
  position(): Promise<number>;
  /**
   * Calls back with output as it comes, in chunks, while time passes (for terminals and transcripts). A listener that is not done with a chunk
   * returns a promise: the board waits, in virtual time zero, when it is far ahead of its listeners. Returns what stops it.
   */
  onData(listener: (bytes: Uint8Array, time: Nanoseconds) => void | Promise<void>): () => void;
  /** Attaches or detaches the terminal (DTR); on a UART: connects or cuts the wires. */
  connect(connected: boolean): Promise<void>;
}

export type BootPhase =
  /** No power. */
  | 'off'
  /** RST is held. */
  | 'reset'
  /** USR was held at reset: the LEDs step through the modes. */
  | 'mode-selection'
  /** The chosen mode flashes. */
  | 'mode-confirmation'
  | 'mounting'
  | 'factory-reset'
  | 'boot.py'
  | 'usb-configuration'
  | 'main.py'
  /** Red and green alternate after a failing script. */
  | 'script-error'
  | 'repl'
  | 'soft-reset'
  | 'deepsleep'
  /** The bootloader in the chip's ROM waits for a host: no LED is lit, no script runs, there is no prompt. */
  | 'bootloader'
  /** The flash holds no firmware that could run: only the bootloader answers. */
  | 'no-firmware'
  /** Hard fault with `pyb.fault_debug(True)`: nothing answers. */
  | 'fault';

export type Activity = 'off' | 'computing' | 'sleeping' | 'waiting-for-input' | 'halted';

export interface BoardState {
  readonly now: Nanoseconds;
  readonly phase: BootPhase;
  readonly mode: 'standard' | 'safe' | 'factory-reset' | undefined;
  readonly activity: Activity;
  /** `power-on`, `hard`, `watchdog`, `deepsleep`, `soft`, `brown-out`. */
  readonly resetCause: string;
  /** LED name → intensity 0 to 255. */
  readonly leds: Readonly<Record<string, number>>;
  /** Switch name → is it pressed? `RST` included. */
  readonly switches: Readonly<Record<string, boolean>>;
  /** Where the guest is: `main.py:12 in loop`; undefined when it runs no script. */
  readonly where: string | undefined;
  readonly heap: { readonly total: number; readonly free: number } | undefined;
  readonly cwd: string | undefined;
  /** Mount point → what is mounted there (`flash (FAT)`). */
  readonly mounts: Readonly<Record<string, string>>;
  readonly sdInserted: boolean;
  /** The last hard fault on this bench: when, in which line of the guest, and what went wrong in words. */
  readonly hardFault?: { readonly at: Nanoseconds; readonly where: string | undefined; readonly cause: string };
  /** For a process: how it reads its standard input, when that is a terminal: key by key, or by lines as the terminal hands them over. */
  readonly reads?: 'keys' | 'lines';
}

export type MediumName = 'flash' | 'sd';

/**
 * Media, as the host sees them with a programmer or a card reader in its hand: beside the board's own view. What the firmware of a running
 * board still holds in its write cache counts as written; a power cut loses it.
 */
export interface MediaHandle {
  /** Puts a card into the slot, also while the board runs. @throws SessionError `wrong-state` if there is one, `bad-image` */
  insertCard(card: MediumSetup): Promise<void>;
  /** Pulls the card at this instant, in the middle of a write if there is one. Returns its image. */
  removeCard(): Promise<Uint8Array>;
  image(medium: MediumName): Promise<Uint8Array>;
  setImage(medium: MediumName, setup: MediumSetup): Promise<void>;
  /** Files of the filesystem on the medium, by its own format. @throws SessionError `bad-image` if none is sound enough to be read */
  readFile(medium: MediumName, path: string): Promise<Uint8Array | undefined>;
  /** Creates or replaces a file, making folders on the way. Only while the board has not mounted the medium for writing, or is off: else `wrong-state`. */
  writeFile(medium: MediumName, path: string, bytes: Uint8Array): Promise<void>;
  removeFile(medium: MediumName, path: string): Promise<boolean>;
  list(medium: MediumName): Promise<readonly MediumEntry[]>;
  /** Checks the filesystem's structure. An empty list: it is sound. */
  check(medium: MediumName): Promise<readonly string[]>;
  /** Overwrites bytes of the image in place: a bit rot, a broken boot sector. */
  corrupt(medium: MediumName, offset: number, bytes: Uint8Array): Promise<void>;
}

export interface MediumEntry {
  /** Path from the root of the medium, `/` between folders, no leading `/`. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
}

/** The other end of the USB cable: what a computer sees. */
export interface UsbHandle {
  /** Plugs the cable in or out (power excepted: see BoardHandle.powerOff). */
  connect(connected: boolean): Promise<void>;
  /** What the board presents: `vcp`, `msc`, `hid`. */
  interfaces(): Promise<readonly string[]>;
  /** The computer's view of the drive, with a cache of its own; `eject` flushes it. @throws SessionError `wrong-state` when no drive is presented */
  readonly drive: {
    readBlocks(block: number, count: number): Promise<Uint8Array>;
    writeBlocks(block: number, data: Uint8Array): Promise<void>;
    /** Files through the computer's own FAT view. */
    list(): Promise<readonly MediumEntry[]>;
    readFile(path: string): Promise<Uint8Array | undefined>;
    writeFile(path: string, bytes: Uint8Array): Promise<void>;
    removeFile(path: string): Promise<boolean>;
    /** Writes back what the computer's cache holds. */
    flush(): Promise<void>;
    eject(): Promise<void>;
  };
  /** HID reports that the computer has fetched from the board since the last call, in the order of their time. */
  hidReports(): Promise<readonly HidReport[]>;
  /** Sends a report to the board. @throws SessionError `wrong-state` if it is no HID device, or has not read the last two */
  sendHid(bytes: Uint8Array): Promise<void>;
}

/** A report from the board, read by the report descriptor that it gave. */
export interface HidReport extends DecodedReport {
  readonly time: Nanoseconds;
  readonly bytes: Uint8Array;
}

// ---------------------------------------------------------------------------------------------- pins and parts

export interface PinsHandle {
  /**
   * Connects one of the bench's outputs to a net: a level through `ohms` (default 100), a voltage (0 to 3.6 V, or to 5 V where the pin
   * tolerates it), or a waveform. It stays until `release`.
   * @throws SessionError `unknown-pin`, `bad-value`
   */
  drive(pin: PinRef, source: PinSource): Promise<void>;
  /** Takes the bench's output off the net. */
  release(pin: PinRef): Promise<void>;
  read(pin: PinRef): Promise<PinReading>;
}

export type PinSource =
  | { readonly kind: 'level'; readonly level: 'high' | 'low'; readonly ohms?: number }
  | { readonly kind: 'voltage'; readonly volts: number; readonly ohms?: number; readonly noise?: number }
  /** A periodic source; `duty` (0 to 1) for a square wave. Volts are the low and the high end. Phase 0 is now. */
  | {
      readonly kind: 'wave';
      readonly shape: 'square' | 'sine' | 'triangle' | 'sawtooth';
      readonly frequency: number;
      readonly low: number;
      readonly high: number;
      readonly duty?: number;
    }
  /** Levels at times from now on; it ends with the last one, which stays. */
  | { readonly kind: 'samples'; readonly samples: readonly { readonly at: Nanoseconds; readonly volts: number }[] }
  /** One pulse from now on, and back to what the source was before (or to nothing). */
  | {
      readonly kind: 'pulse';
      readonly level: 'high' | 'low';
      readonly width: Nanoseconds;
      readonly count?: number;
      readonly period?: Nanoseconds;
    };

export interface PinReading {
  /** `floating`: nobody drives or pulls; `contention`: two strong drivers disagree. */
  readonly level: 'high' | 'low' | 'floating' | 'undefined' | 'contention';
  readonly volts: number;
  /** Who drives or pulls: `X1 output push-pull`, `pull-up 40 kΩ`, `bench`, `eeprom.SDA`. */
  readonly drivers: readonly string[];
  /** What the board has set the pin to: `output`, `input`, `open-drain`, `alternate TIM2_CH1`, `analog`; undefined for a net without a board's pin. */
  readonly mode: string | undefined;
}

/** A value of a control or a reading. Units are those of the part's documentation. */
export type PartValue = number | string | boolean | Uint8Array | readonly number[];

export interface PartSetup {
  /** How the bench calls it: `eeprom`. Unique on the bench. */
  readonly name: string;
  /** A known kind: `24c256`, `ssd1306`, `ds18b20`, `servo`, `button` … or `host` (see PartsHandle.attachHost). */
  readonly kind: string;
  /** The part's pin → where it is wired to. */
  readonly pins: Readonly<Record<string, PinRef>>;
  /** Options of the kind (address, size, colour), and first values of its controls. */
  readonly options?: Readonly<Record<string, PartValue>>;
}

export interface PartKind {
  readonly kind: string;
  readonly title: string;
  /** Where its behaviour is documented. */
  readonly source: string;
  readonly pins: readonly { readonly name: string; readonly optional: boolean; readonly text: string }[];
  readonly controls: readonly Quantity[];
  readonly readings: readonly Quantity[];
  readonly options: readonly Quantity[];
  /** Faults that it can show on request. */
  readonly faults: readonly { readonly name: string; readonly text: string }[];
}

export interface Quantity {
  readonly name: string;
  readonly type: 'number' | 'text' | 'flag' | 'bytes' | 'numbers' | 'image';
  /** Unit symbol (`°C`, `°`, `V`, `%`, `Ω`, `m/s²`); empty where there is none. */
  readonly unit: string;
  readonly text: string;
  readonly min?: number;
  readonly max?: number;
  /** For text: what it may be. */
  readonly values?: readonly string[];
}

export interface PartsHandle {
  /** All kinds that this emulator knows. */
  kinds(): Promise<readonly PartKind[]>;
  /** The parts on the bench, on-board ones included, each with its kind. */
  list(): Promise<readonly { readonly name: string; readonly kind: PartKind; readonly board: string }[]>;
  /** @throws SessionError `unknown-kind`, `unknown-pin`, `bad-value`, `wrong-state` (the name is taken) */
  attach(part: PartSetup): Promise<void>;
  /** A part whose behaviour is written by the user, in the host. The board waits in virtual time zero while the host answers. */
  attachHost(part: PartSetup, device: HostDevice): Promise<void>;
  detach(name: string): Promise<void>;
  /** @throws SessionError `unknown-part`, `unknown-control`, `bad-value` */
  control(name: string, control: string, value: PartValue): Promise<void>;
  /** @throws SessionError `unknown-part`, `unknown-reading` */
  reading(name: string, reading: string): Promise<PartValue>;
  /** A display's picture. @throws SessionError `unknown-reading` if the part has no pixels */
  image(name: string): Promise<PartImage>;
}

export interface PartImage {
  readonly width: number;
  readonly height: number;
  /** 8 bits a channel, red, green, blue, alpha, row by row from the top left corner. */
  readonly rgba: Uint8Array;
}

/** A part written by a user in the host. One of the protocols; each answer may be a promise. */
export type HostDevice = HostI2cDevice | HostSpiDevice | HostUartDevice;

export interface HostI2cDevice {
  readonly protocol: 'i2c';
  /** 7-bit address. */
  readonly address: number;
  /** A start condition with our address. False: no acknowledge. Default: acknowledges. */
  start?(read: boolean): boolean | Promise<boolean>;
  /** A byte from the controller. False: no acknowledge. */
  write(byte: number): boolean | Promise<boolean>;
  read(): number | Promise<number>;
  stop?(): void | Promise<void>;
}

export interface HostSpiDevice {
  readonly protocol: 'spi';
  /** The chip select changed. */
  select?(selected: boolean): void | Promise<void>;
  /** One byte each way. */
  transfer(byte: number): number | Promise<number>;
}

export interface HostUartDevice {
  readonly protocol: 'uart';
  readonly baudrate: number;
  /** A byte from the board; the answer's bytes are sent back to it. */
  receive(byte: number): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

// ---------------------------------------------------------------------------------------------- faults

export type Fault =
  /** Cuts the board's power at the n-th write (1 = the next) of a block or page of a medium; `after` bytes of it are done. */
  | {
      readonly kind: 'power-cut-at-write';
      readonly board?: string;
      readonly medium: MediumName;
      readonly write: number;
      readonly after?: number;
    }
  /** Supply falls to `volts` for `duration`. */
  | { readonly kind: 'brown-out'; readonly board?: string; readonly volts: number; readonly duration: Nanoseconds }
  /** The part no longer acknowledges or answers: for `count` transfers, or until cleared. */
  | { readonly kind: 'silent'; readonly part: string; readonly count?: number }
  /** A fault of the part's own list, with a value where it takes one. */
  | { readonly kind: 'part'; readonly part: string; readonly fault: string; readonly value?: PartValue; readonly count?: number }
  /** A line is stuck. */
  | { readonly kind: 'stuck'; readonly pin: PinRef; readonly level: 'high' | 'low' }
  /** Gaussian noise on an analogue net, volts RMS. */
  | { readonly kind: 'noise'; readonly pin: PinRef; readonly volts: number }
  /** The board's oscillator is off by so many parts per million. */
  | {
      readonly kind: 'drift';
      readonly board?: string;
      /** From -100,000 to 100,000; positive is fast. */
      readonly ppm: number;
      /** By so much more each second; it is followed in steps of 10 ms. Default 0. */
      readonly ppmPerSecond?: number;
      /** The main crystal (CPU, buses, timers, delays), or that of the real-time clock. Default `main`. */
      readonly oscillator?: 'main' | 'rtc';
    }
  /** Reads or writes of a medium fail: the next `count`, or all until cleared. */
  | {
      readonly kind: 'medium-error';
      readonly board?: string;
      readonly medium: MediumName;
      readonly operation: 'read' | 'write';
      readonly count?: number;
    };

export interface FaultsHandle {
  /** From this instant on. Returns a number to clear it with. @throws SessionError `unknown-part`, `unknown-fault`, `unknown-pin`, `bad-value` */
  inject(fault: Fault): Promise<number>;
  clear(id: number): Promise<void>;
  clearAll(): Promise<void>;
}

// ---------------------------------------------------------------------------------------------- trace

export interface TraceHandle {
  /** Events in the order of their time. Time may be bounded (`from` inclusive, `to` inclusive). */
  events(filter?: TraceFilter): Promise<readonly TraceEvent[]>;
  /** The level of each named net (default: all that moved) as it was at a time: where a diagram's lines begin. */
  levels(at: Nanoseconds, nets?: readonly string[]): Promise<Readonly<Record<string, NetLevel>>>;
  /** Value change dump that sigrok and GTKWave read. */
  vcd(options?: { readonly from?: Nanoseconds; readonly to?: Nanoseconds; readonly nets?: readonly string[] }): Promise<string>;
  /** One JSON object a line. */
  jsonLines(filter?: TraceFilter): Promise<string>;
  /** A mark of the host's in the trace: an expectation checked here. */
  mark(text: string, ok?: boolean): Promise<void>;
}

export interface TraceFilter {
  readonly kinds?: readonly TraceEvent['kind'][];
  readonly board?: string;
  /** Nets (pin names), LEDs, buses, ports or parts by name. */
  readonly names?: readonly string[];
  readonly from?: Nanoseconds;
  readonly to?: Nanoseconds;
  /** The latest so many. */
  readonly last?: number;
}

/** `z`: floating; `x`: undefined, or contention. */
export type NetLevel = 0 | 1 | 'z' | 'x';

interface TraceBase {
  readonly t: Nanoseconds;
  /** The board's name; empty for what belongs to none (a bench's mark, a part's own net). */
  readonly board: string;
}

export type TraceEvent = TraceBase &
  (
    | { readonly kind: 'net'; readonly name: string; readonly level: NetLevel }
    | { readonly kind: 'analog'; readonly name: string; readonly volts: number }
    /** Intensity 0 (off) to 255. */
    | { readonly kind: 'led'; readonly name: string; readonly intensity: number }
    /** A piece of bus traffic, at its start; `end` is when it was over. */
    | { readonly kind: 'bus'; readonly name: string; readonly end: Nanoseconds; readonly traffic: BusTraffic }
    | { readonly kind: 'serial'; readonly name: string; readonly direction: 'from-board' | 'to-board'; readonly bytes: Uint8Array }
    | { readonly kind: 'phase'; readonly phase: BootPhase; readonly mode?: string }
    | { readonly kind: 'script'; readonly name: string; readonly edge: 'start' | 'end'; readonly error?: string }
    /** An uncaught exception, as its traceback was printed. */
    | { readonly kind: 'exception'; readonly name: string; readonly message: string; readonly traceback: string }
    | { readonly kind: 'reset'; readonly cause: string }
    | { readonly kind: 'power'; readonly on: boolean; readonly volts?: number }
    | { readonly kind: 'switch'; readonly name: string; readonly pressed: boolean }
    | {
        readonly kind: 'medium';
        readonly name: MediumName;
        readonly what: 'inserted' | 'removed' | 'mounted' | 'unmounted' | 'formatted';
        readonly detail?: string;
      }
    | { readonly kind: 'contention'; readonly name: string; readonly drivers: readonly string[] }
    | {
        readonly kind: 'part';
        readonly name: string;
        readonly what: 'control' | 'reading';
        readonly quantity: string;
        readonly value: PartValue;
      }
    /** A HID report, as the computer fetched or sent it. `text` is what it says, as far as it is a mouse's or a keyboard's. */
    | { readonly kind: 'hid'; readonly direction: 'from-board' | 'to-board'; readonly bytes: Uint8Array; readonly text: string }
    | { readonly kind: 'fault'; readonly name: string; readonly detail: string }
    | { readonly kind: 'mark'; readonly text: string; readonly ok?: boolean }
  );

export type BusTraffic =
  /** One addressed message between start (or repeated start) and the next start or stop. `acks[0]` is the address's. */
  | {
      readonly protocol: 'i2c';
      readonly address: number;
      readonly read: boolean;
      readonly data: Uint8Array;
      readonly acks: readonly boolean[];
      readonly stop: boolean;
    }
  /** One transfer; `out` is from the controller. */
  | { readonly protocol: 'spi'; readonly out: Uint8Array; readonly in: Uint8Array }
  | {
      readonly protocol: 'uart';
      readonly direction: 'tx' | 'rx';
      readonly data: Uint8Array;
      readonly error?: 'framing' | 'parity' | 'overrun';
    }
  | {
      readonly protocol: 'can';
      readonly id: number;
      readonly extended: boolean;
      readonly remote: boolean;
      readonly data: Uint8Array;
      readonly acknowledged: boolean;
      readonly direction: 'tx' | 'rx';
    };

// ---------------------------------------------------------------------------------------------- errors

export type SessionErrorCode =
  | 'unknown-board'
  | 'bad-definition'
  | 'bad-image'
  | 'bad-value'
  | 'unknown-pin'
  | 'unknown-switch'
  | 'unknown-port'
  | 'unknown-part'
  | 'unknown-kind'
  | 'unknown-control'
  | 'unknown-reading'
  | 'unknown-fault'
  | 'wrong-state'
  | 'no-repl'
  /** This emulator does not have what was asked for (yet); the message names it. */
  | 'not-built'
  | 'wall-clock-limit'
  | 'worker-died'
  /** A module that a project has written is at fault; the message names file and line. */
  | 'module-failed'
  | 'closed';

/** Thrown by every call here. `emulator/session/error.ts` has the class; this is its shape. */
export interface SessionErrorShape extends Error {
  readonly code: SessionErrorCode;
  /** For `unknown-…`: what exists, so that a message can say what was perhaps meant. */
  readonly known: readonly string[];
  readonly now: Nanoseconds;
}

export interface LastWords {
  readonly error: SessionErrorShape;
  /** By board: serial output as far as the host saw it, and the last state it was told. */
  readonly serial: Readonly<Record<string, Uint8Array>>;
  readonly state: Readonly<Record<string, BoardState>>;
}
