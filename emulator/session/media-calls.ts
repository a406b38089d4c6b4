/** The handle's calls on media: flash and SD card with a programmer or a card reader in the hand. */
import { BoardMachine } from '../boot/board-machine.ts';
import type { Medium } from '../storage/medium.ts';
import { checkMedium, formatMedium, MediumFiles } from '../storage/medium-files.ts';
import { SD_BLOCK_SIZE, SdCard } from '../storage/sd-card.ts';
import { StorageError } from '../storage/storage-error.ts';
import type { Bench } from './bench.ts';
import { SessionError } from './error.ts';
import type { MediumEntry, MediumName, MediumSetup } from './handle.ts';

/** Bytes of a card that is put in without a size. */
const CARD_SIZE = 64 << 20;

const KINDS = { fat: 'fat', lfs1: 'littlefs1', lfs2: 'littlefs2' } as const;

export function boardMachine(bench: Bench, name: string | undefined): BoardMachine {
  const machine = bench.board(name);
  if (!(machine instanceof BoardMachine)) throw new SessionError('wrong-state', `${machine.name} has no hardware`, [], bench.now);
  return machine;
}

export function mediumOf(bench: Bench, board: string | undefined, name: MediumName): Medium {
  const machine = boardMachine(bench, board);
  if (name === 'flash') return machine.flashMedium;
  const { card } = machine.sdSlot;
  if (card === undefined) throw new SessionError('wrong-state', 'there is no card in the slot', [], bench.now);
  return card;
}

/** What storage models throw is about the medium, and is told as such. */
function tried<T>(bench: Bench, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof StorageError || error instanceof RangeError)
      throw new SessionError('bad-image', `${what}: ${error.message}`, [], bench.now);
    throw error;
  }
}

export function fillMedium(bench: Bench, medium: Medium, setup: MediumSetup, factory: () => void): void {
  switch (setup.kind) {
    case 'factory':
      factory();
      return;
    case 'blank':
      medium.load(new Uint8Array(0));
      return;
    case 'image':
      tried(bench, 'the image', () => medium.load(setup.bytes));
      return;
    case 'files':
      tried(bench, 'the files', () => formatMedium(medium, new Map(Object.entries(setup.files)), { kind: KINDS[setup.format ?? 'fat'] }));
  }
}

export function insertCard(bench: Bench, board: string | undefined, setup: MediumSetup): void {
  const { sdSlot, description } = boardMachine(bench, board);
  if (!description.media.includes('sd')) throw new SessionError('wrong-state', `a ${description.board} has no card slot`, [], bench.now);
  if (sdSlot.card !== undefined) throw new SessionError('wrong-state', 'there is a card in the slot already', [], bench.now);
  const wanted = setup.kind === 'image' ? setup.bytes.length : setup.kind === 'factory' ? CARD_SIZE : (setup.size ?? CARD_SIZE);
  const card = new SdCard(Math.ceil(wanted / SD_BLOCK_SIZE) * SD_BLOCK_SIZE);
  fillMedium(bench, card, setup, () => formatMedium(card, new Map(), { kind: 'fat' }));
  sdSlot.insert(card);
}

export function mediaCalls(bench: Bench): Record<string, (...args: never[]) => unknown> {
  const medium = (board: string, name: MediumName): Medium => mediumOf(bench, board, name);
  const files = (board: string, name: MediumName): MediumFiles => tried(bench, `the ${name}`, () => new MediumFiles(medium(board, name)));
  const offBoard = (board: string, name: MediumName): void => {
    if (bench.board(board).state().phase !== 'off') {
      throw new SessionError(
        'wrong-state',
        `the ${name} is the board's while it is on: put files on it before the power comes, or let the board write them`,
        [],
        bench.now,
      );
    }
  };
  return {
    'media.insertCard': (board: string, setup: MediumSetup) => insertCard(bench, board, setup),
    'media.removeCard': (board: string) => {
      const card = boardMachine(bench, board).sdSlot.remove();
      if (card === undefined) throw new SessionError('wrong-state', 'there is no card in the slot', [], bench.now);
      return card.save();
    },
    'media.image': (board: string, name: MediumName) => medium(board, name).save(),
    'media.setImage': (board: string, name: MediumName, setup: MediumSetup) => {
      offBoard(board, name);
      if (name === 'flash') fillMedium(bench, medium(board, name), setup, () => boardMachine(bench, board).restoreFactoryFlash());
      else {
        boardMachine(bench, board).sdSlot.remove();
        insertCard(bench, board, setup);
      }
    },
    'media.readFile': (board: string, name: MediumName, path: string) => tried(bench, path, () => files(board, name).read(path)),
    'media.writeFile': (board: string, name: MediumName, path: string, bytes: Uint8Array) => {
      offBoard(board, name);
      tried(bench, path, () => files(board, name).write(path, bytes));
    },
    'media.removeFile': (board: string, name: MediumName, path: string) => {
      offBoard(board, name);
      return tried(bench, path, () => files(board, name).remove(path));
    },
    'media.list': (board: string, name: MediumName): readonly MediumEntry[] => tried(bench, `the ${name}`, () => files(board, name).list()),
    'media.check': (board: string, name: MediumName) => {
      try {
        return checkMedium(medium(board, name));
      } catch (error) {
        if (error instanceof StorageError) return [`there is no filesystem: ${error.message}`];
        throw error;
      }
    },
    'media.corrupt': (board: string, name: MediumName, offset: number, bytes: Uint8Array) => {
      const { size } = medium(board, name);
      if (!(offset >= 0 && offset + bytes.length <= size))
        throw new SessionError('bad-value', `the ${name} has ${size} bytes: ${offset} is not among them`, [], bench.now);
      medium(board, name).poke(offset, bytes);
    },
  };
}
