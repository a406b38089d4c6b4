/** A firmware file as it comes from the host, `.dfu` or Intel HEX: what it is for, and whether a board takes it. */
import type { Board } from '../../boards/board.ts';
import { type DfuFile, FirmwareFileError, hex, isDfu, readDfu, type Segment, writeDfu } from './dfuse.ts';
import { type Firmware, type FirmwareLayout, firmwareSegments, readFirmware } from './firmware-image.ts';
import { readHex, writeHex } from './intel-hex.ts';

/** The board cannot be given another firmware. */
export class NoBootloaderError extends Error {
  override readonly name = 'NoBootloaderError';
}

const bootloaderOf = (board: Board) => {
  const bootloader = board.hardware?.bootloader;
  if (bootloader === undefined) throw new NoBootloaderError(`${board.name} has no bootloader that takes firmware files`);
  return bootloader;
};

/** @throws NoBootloaderError for a board that takes no firmware */
export function firmwareLayout(board: Board): FirmwareLayout {
  const { head, text } = bootloaderOf(board).firmware;
  const ram = board.hardware!.chip.memory.find(({ name }) => name === 'sram')!;
  return { head, text, stackTop: ram.base + ram.size };
}

/** @throws RangeError if it does not fit the chip */
export function writeFirmwareFile(board: Board, firmware: Firmware, format: 'dfu' | 'hex'): Uint8Array {
  const segments = firmwareSegments(firmware, firmwareLayout(board));
  if (format === 'hex') return new TextEncoder().encode(writeHex(segments));
  const { vendor, product } = bootloaderOf(board);
  return writeDfu({ vendor, product, device: 0, segments });
}

export interface FirmwareFile {
  readonly segments: readonly Segment[];
  readonly firmware: Firmware;
}

const ANY = 0xffff;

/**
 * Reads a file and checks that it is whole, and that it is for this board.
 * @throws FirmwareFileError, NoBootloaderError
 */
export function readFirmwareFile(board: Board, bytes: Uint8Array): FirmwareFile {
  const bootloader = bootloaderOf(board);
  if (bytes.length === 0) throw new FirmwareFileError('it is empty');
  let segments: readonly Segment[];
  if (isDfu(bytes)) {
    const file = readDfu(bytes);
    checkNumbers(file, bootloader, board);
    segments = file.segments;
  } else if (bytes[0] === 0x3a) segments = readHex(new TextDecoder('latin1').decode(bytes));
  else throw new FirmwareFileError('it is no firmware file: neither DfuSe (.dfu) nor Intel HEX (.hex)');
  const chip = board.hardware!.chip.memory.find(({ kind }) => kind === 'flash')!;
  for (const { address, data } of segments) {
    if (address < chip.base || address + data.length > chip.base + chip.size)
      throw new FirmwareFileError(`it wants to write to ${hex(address)}, where ${board.name} has no flash`);
  }
  const firmware = readFirmware(bootloader.firmware.head.address, (address, length) => {
    const segment = segments.find(({ address: start, data }) => address >= start && address < start + data.length);
    if (segment === undefined) return new Uint8Array(0);
    return segment.data.subarray(address - segment.address, address - segment.address + length);
  });
  if (firmware.board !== board.name) throw new FirmwareFileError(`it is for the board ${firmware.board}, and this is a ${board.name}`);
  return { segments, firmware };
}

function checkNumbers({ vendor, product }: DfuFile, wanted: { vendor: number; product: number }, board: Board): void {
  if ((vendor === ANY || vendor === wanted.vendor) && (product === ANY || product === wanted.product)) return;
  const numbers = (of: { vendor: number; product: number }) => `${hex(of.vendor, 4)}:${hex(of.product, 4)}`;
  throw new FirmwareFileError(
    `it is for a bootloader with the USB numbers ${numbers({ vendor, product })}; that of ${board.name} has ${numbers(wanted)}`,
  );
}
