/** What the modules of a board's hardware (pyb, machine, stm, os …) reach it by. The boot code makes it and puts it here. */
import type { Board, Hardware } from '../../boards/board.ts';
import type { Chip } from '../peripherals/chip.ts';
import type { FlashMedium } from '../storage/flash-medium.ts';
import type { FlashStorage } from '../storage/flash-storage.ts';
import type { SdCardSlot } from '../storage/sd-card.ts';
import { now } from '../vm/service.ts';
import type { Value } from '../vm/value.ts';
import { type Vm, vm } from '../vm/vm.ts';

/** A serial port as the modules see it. */
export interface ConsoleEnd {
  readonly connected: boolean;
  readonly available: number;
  read(): number;
  write(bytes: Uint8Array): void;
  /** Called when bytes have arrived that the firmware keeps. */
  onReceived: (() => void) | undefined;
}

/** A HID interface as its firmware describes it. */
export interface HidDescription {
  readonly subclass: number;
  readonly protocol: number;
  readonly maxPacket: number;
  /** How often the host asks for a report, in ms. */
  readonly interval: number;
  readonly descriptor: Uint8Array;
}

export interface UsbConfiguration {
  /** As `pyb.usb_mode` names it: `VCP+MSC`. */
  readonly mode: string;
  readonly vendor: number;
  readonly product: number;
  readonly hid?: HidDescription;
}

/** The USB device as the modules see it. */
export interface UsbInterface {
  /** The configuration that was last made; it is still known after the device was turned off. */
  readonly configuration: UsbConfiguration | undefined;
  /** boot.py has decided, be it that there is to be none. */
  decided: boolean;
  /** Turns the device on, unless it is on already: then it stays as it is. */
  start(configuration: UsbConfiguration): void;
  stop(): void;
  /** Whether a HID report would be taken now. */
  readonly canSend: boolean;
  send(report: Uint8Array): boolean;
  /** Whether a report from the host waits. */
  readonly available: boolean;
  receive(): Uint8Array | undefined;
}

export interface BoardHardware {
  readonly board: Board;
  readonly hardware: Hardware;
  readonly chip: Chip;
  readonly flashMedium: FlashMedium;
  readonly flash: FlashStorage;
  readonly sdSlot: SdCardSlot;
  /** The USB virtual serial port. */
  readonly usb: ConsoleEnd;
  /** What pyb.main() named; undefined: main.py. */
  mainScript: Value | undefined;
  /** The USB device: its interfaces, and HID reports. */
  readonly usbDevice: UsbInterface;
  /** pyb.fault_debug(): a hard fault is shown instead of resetting the board. */
  faultDebug: boolean;
  /** What machine.reset_cause() tells. */
  readonly resetCause: number;
  /** Leaves the guest at once and starts the board anew. `flags` are those of `ResetFlag`. */
  reset(flags: number): never;
  /** Leaves the guest at once and puts the chip into standby. When it wakes, the board starts anew. */
  standby(): never;
  /** Leaves the guest at once and starts the bootloader in ROM (DFU). */
  bootloader(): never;
  /** A hard fault: dumps and halts, or resets. */
  fault(text: string): never;
  /** Lets virtual time pass until an event or `until` (ns). */
  idle(until: number): void;
}

const KEY = Symbol('board hardware');

export function setHardware(machine: Vm, hardware: BoardHardware): void {
  machine.state.set(KEY, hardware);
}

/** Whether a machine has any: one that is a mere process has not. */
export function hasHardware(machine: Vm): boolean {
  return machine.state.has(KEY);
}

/**
 * The running board's hardware, with its clock brought up to the program's time: what is done to it happens when the program does it.
 * Throws a host error on a machine that has none: its modules must not be in its profile.
 */
export function hardware(): BoardHardware {
  const found = vm.state.get(KEY) as BoardHardware | undefined;
  if (found === undefined) throw new Error(`${vm.profile.name} has no hardware`);
  now();
  return found;
}
