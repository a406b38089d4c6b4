/** The boards' media with a programmer or a card reader in the hand. */
import type { BoardMachine } from '../boot/board-machine.ts';
import { FLASH_BLOCK_SIZE } from '../storage/flash-storage.ts';
import type { Medium } from '../storage/medium.ts';
import { checkMedium, formatMedium, MediumFiles } from '../storage/medium-files.ts';
import { RamDevice } from '../storage/ram-device.ts';
import { SdCard } from '../storage/sd-card.ts';
import { ENOSPC, StorageError } from '../storage/storage-error.ts';
import { SessionError } from './error.ts';
import type { MediumEntry, MediumName, MediumSetup } from './handle.ts';

/** A card of this size, if nobody says otherwise: small enough that FAT16 fits. */
const CARD_SIZE = 64 << 20;

/** Fills a medium as a setup says. */
export function fillMedium(medium: Medium, setup: MediumSetup, label?: string): void {
  switch (setup.kind) {
    case 'factory':
      return;
    case 'blank':
      medium.load(new Uint8Array(0));
      return;
    case 'image':
      medium.load(setup.bytes);
      return;
    case 'files': {
      const kind = setup.format === 'lfs1' ? 'littlefs1' : setup.format === 'lfs2' ? 'littlefs2' : 'fat';
      try {
        formatMedium(medium, new Map(Object.entries(setup.files)), { kind, label });
      } catch (error) {
        if (error instanceof StorageError && error.errno === ENOSPC) throw tooMuch(setup.files);
        throw error;
      }
    }
  }
}

function tooMuch(files: Readonly<Record<string, Uint8Array>>): SessionError {
  const sizes = Object.entries(files).map(([name, { length }]) => ({ name, length }));
  const total = sizes.reduce((sum, { length }) => sum + length, 0);
  const largest = sizes.reduce((a, b) => (b.length > a.length ? b : a));
  return new SessionError(
    'bad-image',
    `the files do not fit on the medium: ${sizes.length} of them, ${total} bytes in all; the largest is ${largest.name} with ${largest.length}`,
    [],
    0,
  );
}

export function makeCard(setup: MediumSetup): SdCard {
  const wanted = setup.kind === 'image' ? setup.bytes.length : 'size' in setup ? setup.size : undefined;
  const card = new SdCard(wanted === undefined || wanted === 0 ? CARD_SIZE : wanted);
  if (setup.kind === 'factory') formatMedium(card, new Map(), { kind: 'fat' });
  else fillMedium(card, setup);
  return card;
}

/** Carries out a call on a board's media; failures of the storage become clear errors. */
export class BenchMedia {
  constructor(
    private readonly board: (name: string) => BoardMachine,
    private readonly now: () => number,
  ) {}

  private medium(board: string, name: MediumName): Medium {
    const machine = this.board(board);
    if (name === 'flash') return machine.flashMedium;
    const { card } = machine.sdSlot;
    if (card === undefined) throw new SessionError('wrong-state', `there is no card in the slot of ${board}`, [], this.now());
    return card;
  }

  private guarded<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof StorageError || error instanceof RangeError)
        throw new SessionError('bad-image', `${what}: ${error.message}`, [], this.now());
      throw error;
    }
  }

  insertCard(board: string, setup: MediumSetup): void {
    const machine = this.board(board);
    if (machine.sdSlot.present) throw new SessionError('wrong-state', `there is a card in the slot of ${board} already`, [], this.now());
    machine.insertCard(this.guarded('the card', () => makeCard(setup)));
  }

  removeCard(board: string): Uint8Array {
    const card = this.board(board).removeCard();
    if (card === undefined) throw new SessionError('wrong-state', `there is no card in the slot of ${board}`, [], this.now());
    return card.save();
  }

  image(board: string, name: MediumName): Uint8Array {
    return this.medium(board, name).save();
  }

  setImage(board: string, name: MediumName, setup: MediumSetup): void {
    const machine = this.board(board);
    if (name === 'flash' && setup.kind === 'factory') machine.loadFactoryFlash();
    else this.guarded(name, () => fillMedium(this.medium(board, name), setup));
  }

  /**
   * What a person would find on the medium: for the flash of a running board, with what its firmware still holds in its write cache
   * (it writes that within seconds; a power cut loses it).
   */
  private seen(board: string, name: MediumName): Medium {
    const medium = this.medium(board, name);
    const machine = this.board(board);
    const storage = name === 'flash' ? machine.storage()?.flash : undefined;
    if (storage === undefined) return medium;
    const copy = new RamDevice(FLASH_BLOCK_SIZE, Math.floor(medium.size / FLASH_BLOCK_SIZE));
    medium.peek(0, copy.bytes);
    const { firstBlock } = machine.board.hardware!.flash;
    for (let block = firstBlock; block < storage.blockCount; block++) {
      const offset = (block - firstBlock) * FLASH_BLOCK_SIZE;
      storage.readBlocks(block, copy.bytes.subarray(offset, offset + FLASH_BLOCK_SIZE));
    }
    return copy;
  }

  private files(board: string, name: MediumName): MediumFiles {
    return new MediumFiles(this.seen(board, name));
  }

  readFile(board: string, name: MediumName, path: string): Uint8Array | undefined {
    return this.guarded(name, () => this.files(board, name).read(path));
  }

  writeFile(board: string, name: MediumName, path: string, bytes: Uint8Array): void {
    if (this.board(board).hasMounted(name)) {
      throw new SessionError(
        'wrong-state',
        `${board} has mounted its ${name}: write while it is off, or through the board or its USB drive`,
        [],
        this.now(),
      );
    }
    this.guarded(name, () => new MediumFiles(this.medium(board, name)).write(path, bytes));
  }

  removeFile(board: string, name: MediumName, path: string): boolean {
    return this.guarded(name, () => new MediumFiles(this.medium(board, name)).remove(path));
  }

  list(board: string, name: MediumName): MediumEntry[] {
    return this.guarded(name, () =>
      this.files(board, name)
        .list()
        .map(entry => ({ path: entry.path.replace(/^\//, ''), kind: entry.kind === 'file' ? 'file' : 'folder', size: entry.size })),
    );
  }

  check(board: string, name: MediumName): string[] {
    return this.guarded(name, () => checkMedium(this.seen(board, name)));
  }

  corrupt(board: string, name: MediumName, offset: number, bytes: Uint8Array): void {
    this.guarded(name, () => this.medium(board, name).poke(offset, bytes));
  }
}
