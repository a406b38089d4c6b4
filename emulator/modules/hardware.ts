/** What the modules of a board's hardware (pyb, machine, stm, os …) reach it by. The boot code makes it and puts it here. */
import type { Board, Hardware } from '../../boards/board.ts';
import type { Chip } from '../peripherals/chip.ts';
import type { FlashMedium } from '../storage/flash-medium.ts';
import type { FlashStorage } from '../storage/flash-storage.ts';
import type { SdCardSlot } from '../storage/sd-card.ts';
import type { Value } from '../vm/value.ts';
import { type Vm, vm } from '../vm/vm.ts';

/** A serial port as the modules see it. */
export interface ConsoleEnd {
  readonly connected: boolean;
  readonly available: number;
  read(): number;
  write(bytes: Uint8Array): void;
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
  /** The USB interfaces that boot.py asked for; undefined: the default. */
  usbMode: string | undefined;
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

/** The running board's hardware. Throws a host error on a machine that has none: its modules must not be in its profile. */
export function hardware(): BoardHardware {
  const found = vm.state.get(KEY) as BoardHardware | undefined;
  if (found === undefined) throw new Error(`${vm.profile.name} has no hardware`);
  return found;
}
