/**
 * What a board is: data and no behaviour. One board a file; the emulator and the targets read it.
 *
 * All frequencies are in Hz, all sizes in bytes, all durations in ms unless a name says otherwise. `emulator/board`
 * checks a definition and names the field that is wrong.
 */
import type { Chip } from './chips/chip.ts';

/** A pin as the chip calls it: port letter and number, `PA0`. */
export type CpuPin = string;

export type Pull = 'none' | 'up' | 'down';

export interface Board {
  /** How specs and commands name it: `pyboard-v1.1`. */
  name: string;
  /** How a person names it: `pyboard v1.1`. */
  title: string;
  identity: Identity;
  runtime: Runtime;
  memory: Memory;
  modules: Modules;
  /** The microcontroller and what is around it; absent for a board that is a process. */
  hardware?: Hardware;
}

/** What the board says it is. */
export interface Identity {
  /** MicroPython's version: `1.27.0`. */
  version: string;
  /** `sys.version` and the banner: `v1.27.0 on 2025-12-09`. */
  release: string;
  /** `sys.platform`. */
  platform: string;
  /** `sys.implementation._machine`, and the banner's second half. */
  machine: string;
  /** `sys.implementation._build`; absent where the port has none. */
  build?: string;
  /** `sys.implementation._thread`; absent without threads. */
  threads?: 'GIL' | 'unsafe';
  /** `os.uname()`; absent where the port has none. */
  uname?: { sysname: string; nodename: string; release: string; version: string; machine: string };
  /** What the module platform tells: system, architecture, compiler and C library; as on the pyboard if absent. */
  platformDetails?: { system: string; architecture: string; compiler: string; library: string; libraryVersion: string };
}

/** How the interpreter is built. */
export interface Runtime {
  /** Bits of a machine word; small integers have one less. */
  wordBits: 32 | 64;
  /** What a float is; `none` if the build has none. */
  float: 'double' | 'single' | 'none';
  endian: 'little' | 'big';
  /** The architecture of native code in `.mpy` files, as mpy-cross names it; absent if it loads none. */
  nativeArchitecture?: string;
  /** The inline assemblers built in. */
  inlineAssemblers: ('thumb' | 'rv32' | 'xtensa')[];
  /** Whether the board compiles source; if not it runs only `.mpy` files and frozen modules. */
  compiler: boolean;
}

export interface Memory {
  /** Bytes the collector has to give: `gc.mem_free() + gc.mem_alloc()`. */
  heap: number;
  /** Bytes of stack before "maximum recursion depth exceeded": `micropython.stack_use()`'s limit. */
  stack: number;
}

export interface Modules {
  /** Built in: what `help('modules')` lists, but for frozen ones. */
  builtin: string[];
  /** Frozen into the firmware, as `help('modules')` lists them. */
  frozen: string[];
  /** `sys.path` after a reset without a card. */
  path: string[];
}

export interface Hardware {
  chip: Chip;
  oscillators: Oscillators;
  /** The main clock after reset, as the firmware sets it up. */
  clock: ClockTree;
  /** Volts of the chip's supply, which is also its analogue reference. */
  supply: number;
  /** The chip's 96-bit unique number, 24 hex digits, in the order of `machine.unique_id()`. */
  uniqueId: string;
  /** Every pin that is wired somewhere, in the order of the port's pin table. */
  pins: BoardPin[];
  leds: Led[];
  switch?: Switch;
  accelerometer?: Accelerometer;
  servos?: Servos;
  uarts: UartBus[];
  i2cs: I2cBus[];
  spis: SpiBus[];
  i2ss: I2sBus[];
  cans: CanBus[];
  dacs: DacOutput[];
  rtc?: Rtc;
  usb?: Usb;
  sdCard?: SdCardSlot;
  flash: FlashStorage;
  /** What can install another firmware; absent if nothing can. */
  bootloader?: Bootloader;
  boot: BootControls;
}

export interface Oscillators {
  /** The crystal at HSE. */
  high?: number;
  /** The crystal at LSE. */
  low?: number;
}

/** RM0090 section 7.2: HSE / m * n / p is SYSCLK, / q the 48 MHz domain. */
export interface ClockTree {
  pll: { m: number; n: number; p: 2 | 4 | 6 | 8; q: number };
  /** HCLK = SYSCLK / ahb, PCLK1 = HCLK / apb1, PCLK2 = HCLK / apb2 */
  dividers: { ahb: number; apb1: number; apb2: number };
}

export interface BoardPin {
  cpu: CpuPin;
  /** What the board calls it, `X1`; a CPU pin may occur more than once. */
  name: string;
  /** True if it comes out at a header or pad, so that something can be wired to it. */
  header?: boolean;
}

export interface Led {
  /** As `pyb.LED(n)` counts, from 1. */
  id: number;
  pin: CpuPin;
  color: 'red' | 'green' | 'orange' | 'blue';
  /** The level that lights it. */
  lit: 0 | 1;
  /** The timer channel that dims it, where there is one. */
  pwm?: { timer: number; channel: number; alternate: number };
}

export interface Switch {
  pin: CpuPin;
  pull: Pull;
  /** The level while it is pressed. */
  pressed: 0 | 1;
}

export interface Accelerometer {
  part: 'MMA7660FC';
  i2c: number;
  /** 7 bits */
  address: number;
  /** Its supply hangs on this pin. */
  power?: CpuPin;
  interrupt?: CpuPin;
}

export interface Servos {
  timer: number;
  /** In the order of `pyb.Servo(n)`, from 1. */
  ports: { pin: CpuPin; channel: number; alternate: number }[];
}

interface Bus {
  /** As the module counts. */
  id: number;
  /** As the module may also be told: `X`, `YA`. */
  name?: string;
}

export interface UartBus extends Bus {
  tx: CpuPin;
  rx: CpuPin;
  rts?: CpuPin;
  cts?: CpuPin;
}

export interface I2cBus extends Bus {
  scl: CpuPin;
  sda: CpuPin;
  /** Ohms of pull-up resistors on the board; absent if it has none. */
  pullUp?: number;
}

export interface SpiBus extends Bus {
  nss?: CpuPin;
  sck: CpuPin;
  miso: CpuPin;
  mosi: CpuPin;
}

export interface I2sBus extends Bus {
  /** The SPI block that does it. */
  spi: number;
}

export interface CanBus extends Bus {
  tx: CpuPin;
  rx: CpuPin;
}

export interface DacOutput {
  id: number;
  pin: CpuPin;
}

export interface Rtc {
  source: 'LSE' | 'LSI' | 'HSE';
  /** True if a cell or capacitor keeps it going without supply. */
  backup: boolean;
}

export interface Usb {
  vendor: number;
  /** Product numbers by the configuration's name, as `pyb.usb_mode` takes it. */
  products: Record<string, number>;
  /** USB descriptor texts. */
  manufacturer: string;
  product: string;
  vbus?: CpuPin;
  id?: CpuPin;
  dm: CpuPin;
  dp: CpuPin;
}

export interface SdCardSlot {
  detect: { pin: CpuPin; pull: Pull; present: 0 | 1 };
  clock: CpuPin;
  command: CpuPin;
  data: CpuPin[];
}

export interface FlashStorage {
  /** Bytes of a block as the filesystem sees it. */
  blockSize: number;
  /** Number of the block at which the storage begins; those before are the partition table that the driver makes up. */
  firstBlock: number;
  /** Sectors of the chip that hold it, as offset and size, ascending. */
  sectors: { address: number; size: number }[];
  /** The filesystem that a factory reset makes. */
  filesystem: 'fat' | 'littlefs1' | 'littlefs2';
  /** The volume label, for FAT. */
  label?: string;
}

/** The bootloader in the chip's ROM, as its USB interface shows it (AN2606, AN3156), and where the firmware lies that it installs. */
export interface Bootloader {
  kind: 'dfu';
  /** USB numbers. */
  vendor: number;
  product: number;
  /** Bytes of a download block (wTransferSize). */
  transferSize: number;
  /** The pad that is tied to the supply while the board is reset to come up in the bootloader. */
  pad: string;
  /** The two parts of a firmware: from the vector table to the filesystem, and behind it. */
  firmware: { head: { address: number; size: number }; text: { address: number; size: number } };
}

/** What selects a boot mode, and what shows it. LEDs by `id`. */
export interface BootControls {
  /** The switch that is held at reset. */
  select: 'USR';
  /** How long each mode is offered. */
  modeStep: number;
  /** Modes in the order in which they are offered, with the LEDs that show them. */
  modes: { mode: 'standard' | 'safe' | 'factory-reset'; leds: number[] }[];
  /** How the chosen mode is confirmed. */
  confirm: { flashes: number; off: number; on: number; after: number };
  /** The LED that is lit while it boots. */
  bootLed: number;
  /** The two LEDs that alternate after a script error, and how often for which script. */
  scriptError: { leds: [number, number]; halfPeriod: number; times: { boot: number; main: number } };
  /** The LEDs that cycle after a fault that was asked to be shown. */
  fault: { leds: number[] };
}
