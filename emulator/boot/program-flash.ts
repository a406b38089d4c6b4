/** The firmware in the chip's flash: which one it is, and how it gets there. Until somebody erases a part of it, it is the stock firmware. */
import type { Board } from '../../boards/board.ts';
import type { CompiledModule } from '../compiler/rawcode.ts';
import { FirmwareFileError, type Segment } from '../firmware/dfuse.ts';
import { type Firmware, readFirmware } from '../firmware/firmware-image.ts';
import { firmwareModules } from '../modules/frozen/firmware-modules.ts';
import { frozenModules } from '../modules/frozen/frozen-modules.ts';
import type { FlashInterface } from '../peripherals/flash.ts';
import type { FrozenModules } from '../vm/import.ts';
import type { Profile } from '../vm/profile.ts';

/** What boots: how the interpreter is built, what is frozen into it, and what the board says it is. */
export interface Build {
  readonly profile: Profile;
  readonly frozen: FrozenModules;
  readonly board: Board;
}

export class ProgramFlash {
  private readonly stock: Build;
  /** Undefined once the flash has been written and not looked at again; `broken`: no firmware that could run. */
  private found: Build | 'broken' | undefined;
  private readonly base: number;
  private readonly size: number;

  constructor(
    private readonly board: Board,
    private readonly profile: Profile,
    private readonly flash: FlashInterface,
  ) {
    this.found = this.stock = { profile, frozen: frozenModules(profile), board };
    ({ base: this.base, size: this.size } = board.hardware!.chip.memory.find(({ kind }) => kind === 'flash')!);
  }

  /** The firmware that the chip starts; undefined where there is none, or a damaged one. */
  get build(): Build | undefined {
    if (this.found === undefined) this.found = this.look();
    return this.found === 'broken' ? undefined : this.found;
  }

  /** Erases the sector that holds an address. */
  erase(address: number): void {
    this.found = undefined;
    this.flash.arrayAt(address).erase(address);
  }

  /** Clears bits. `address` and the length are multiples of 4. */
  program(address: number, data: Uint8Array): void {
    this.found = undefined;
    this.flash.arrayAt(address).program(address, data);
  }

  read(address: number, length: number): Uint8Array {
    const at = address - this.base;
    return at < 0 ? new Uint8Array(0) : this.flash.arrayAt(this.base).memory.subarray(at, Math.min(at + length, this.size));
  }

  sectorAt(address: number): { address: number; size: number } | undefined {
    return this.flash.sectorAt(address);
  }

  /** Every sector of the chip. */
  sectors(): { address: number; size: number }[] {
    const all: { address: number; size: number }[] = [];
    for (let sector = this.sectorAt(this.base); sector !== undefined; sector = this.sectorAt(sector.address + sector.size))
      all.push(sector);
    return all;
  }

  /** Puts a firmware there at once, as a programmer does that holds the chip. */
  load(segments: readonly Segment[]): void {
    for (const { address, data } of segments) {
      for (let at = address; at < address + data.length; ) {
        const sector = this.sectorAt(at)!;
        this.erase(at);
        at = sector.address + sector.size;
      }
      this.program(address, data);
    }
  }

  private look(): Build | 'broken' {
    const { bootloader } = this.board.hardware!;
    if (bootloader === undefined) return this.stock;
    try {
      const firmware = readFirmware(bootloader.firmware.head.address, (address, length) => this.read(address, length));
      return firmware.board === this.board.name ? this.buildOf(firmware) : 'broken';
    } catch (error) {
      if (error instanceof FirmwareFileError) return 'broken';
      throw error;
    }
  }

  private buildOf(firmware: Firmware): Build {
    const { release, compiler } = firmware;
    const frozen = firmwareModules(firmware, new Map<string, CompiledModule>());
    const features = new Set(this.profile.features);
    if (!compiler) features.delete('compiler');
    const { identity } = this.board;
    return {
      frozen,
      profile: { ...this.profile, features, frozenModules: frozen.names!(), buildDate: release.split(' ').at(-1)! },
      board: {
        ...this.board,
        identity: { ...identity, release, ...(identity.uname === undefined ? {} : { uname: { ...identity.uname, version: release } }) },
        runtime: { ...this.board.runtime, compiler },
      },
    };
  }
}
