/**
 * The bootloader in the chip's ROM at work: a host erases, writes, reads back and lets the new firmware start, over USB (AN3156, "USB DFU protocol
 * used in the STM32 bootloader"). The steps are those of the usual host tools: the sectors that a file touches are erased, one by one, right before
 * they are written, and the rest of the flash, the filesystem among it, stays.
 */
import type { Bootloader } from '../../boards/board.ts';
import type { Clock, ClockEvent } from '../clock/clock.ts';
import type { Segment } from '../firmware/dfuse.ts';
import { STM32F4_FLASH_TIMING } from '../storage/flash-medium.ts';
import type { ProgramFlash } from './program-flash.ts';

const MS = 1_000_000;
/** A request and the two questions for its status, a frame of USB each. */
const REQUEST = 3 * MS;
/** Bytes of a block that go into one frame, at most: 19 packets of 64 bytes on a full-speed control pipe (USB 2.0, table 5-3). */
const BYTES_PER_FRAME = 19 * 64;

const transferTime = (bytes: number): number => REQUEST + Math.ceil(bytes / BYTES_PER_FRAME) * MS;

export interface InstallOptions {
  /** Erases the whole chip first, the filesystem too. */
  readonly massErase?: boolean;
}

interface Step {
  /** ns until it is done. */
  readonly duration: number;
  /** What happens at its beginning, and at its end. */
  readonly begin?: () => void;
  readonly end?: () => void;
}

export type InstallState = 'writing' | 'done' | 'broken-off' | 'not-verified';

/** One installation: it goes on by itself as time passes, and breaks off with the board's power or its reset. */
export class Installation {
  state: InstallState = 'writing';
  /** ns that it takes. */
  readonly duration: number;
  private event: ClockEvent | undefined;
  private readonly steps: readonly Step[];

  constructor(
    private readonly clock: Clock,
    private readonly flash: ProgramFlash,
    private readonly bootloader: Bootloader,
    private readonly segments: readonly Segment[],
    private readonly hooks: { eraseFilesystem(): void; leave(): void },
    { massErase = false }: InstallOptions = {},
  ) {
    this.steps = [...(massErase ? [this.massErase()] : []), ...this.writing(!massErase), ...this.reading(), { duration: REQUEST }];
    this.duration = this.steps.reduce((sum, step) => sum + step.duration, 0);
    this.take(0);
  }

  breakOff(): void {
    if (this.state !== 'writing') return;
    this.state = 'broken-off';
    if (this.event !== undefined) this.clock.cancel(this.event);
  }

  private take(index: number): void {
    const step = this.steps[index];
    if (step === undefined) {
      this.state = 'done';
      this.hooks.leave();
      return;
    }
    step.begin?.();
    this.event = this.clock.after(step.duration, () => {
      step.end?.();
      if (this.state === 'writing') this.take(index + 1);
    });
  }

  private massErase(): Step {
    const sectors = this.flash.sectors();
    const duration = REQUEST + sectors.reduce((sum, { size }) => sum + eraseTime(size), 0);
    return {
      duration,
      begin: () => {
        for (const { address } of sectors) this.flash.erase(address);
        this.hooks.eraseFilesystem();
      },
    };
  }

  /** A sector that is being erased has lost what it held, whatever comes then; a block is there when its time is over. */
  private *writing(erase: boolean): Generator<Step> {
    for (const { address, data } of this.segments) {
      let erased = -1;
      for (let at = 0; at < data.length; ) {
        const place = address + at;
        const sector = this.flash.sectorAt(place)!;
        if (erase && sector.address !== erased) {
          erased = sector.address;
          yield { duration: REQUEST + eraseTime(sector.size), begin: () => this.flash.erase(place) };
        }
        const length = Math.min(this.bootloader.transferSize, data.length - at, sector.address + sector.size - place);
        const block = new Uint8Array(Math.ceil(length / 4) * 4).fill(0xff);
        block.set(data.subarray(at, at + length));
        const programming = (STM32F4_FLASH_TIMING.programWord * block.length) / 4;
        yield { duration: REQUEST + transferTime(length) + programming, end: () => this.flash.program(place, block) };
        at += length;
      }
    }
  }

  private *reading(): Generator<Step> {
    for (const { address, data } of this.segments) {
      for (let at = 0; at < data.length; at += this.bootloader.transferSize) {
        const wanted = data.subarray(at, at + this.bootloader.transferSize);
        yield {
          duration: transferTime(wanted.length),
          end: () => {
            const seen = this.flash.read(address + at, wanted.length);
            if (!wanted.every((byte, i) => seen[i] === byte)) this.state = 'not-verified';
          },
        };
      }
    }
  }
}

const eraseTime = (size: number): number => STM32F4_FLASH_TIMING.erase.get(size) ?? 0;
