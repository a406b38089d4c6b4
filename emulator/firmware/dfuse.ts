/**
 * DfuSe files (`.dfu`): images for a chip's flash, with the addresses they belong to (UM0391, "DFU file format specification"). A prefix, targets
 * of elements, and the USB suffix with its checksum.
 */
import { crc32Register } from '../modules/deflate/checksum.ts';

/** A run of bytes and where in the chip it belongs. */
export interface Segment {
  readonly address: number;
  readonly data: Uint8Array;
}

export interface DfuFile {
  /** USB numbers of the bootloader that the file is for; 0xffff means any. */
  readonly vendor: number;
  readonly product: number;
  /** Release number of the device; 0 from most tools, 0xffff for any. */
  readonly device: number;
  readonly segments: readonly Segment[];
}

/** A firmware file that is broken. The message says where. */
export class FirmwareFileError extends Error {
  override readonly name = 'FirmwareFileError';
}

const PREFIX = 11;
const TARGET_PREFIX = 274;
const ELEMENT_PREFIX = 8;
const SUFFIX = 16;
const TARGET_NAME = 255;
const VERSION = 1;
/** bcdDFU of DfuSe: 1.1a. */
const DFUSE = 0x011a;
/** ST's tool and upstream's `dfu.py` give elements a length that is a multiple of this, filled with zeros. */
const ALIGNMENT = 8;
/** Number of the alternate setting that is the internal flash (AN3156). */
const INTERNAL_FLASH = 0;

const ascii = (text: string): Uint8Array => Uint8Array.from(text, c => c.charCodeAt(0));
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** The suffix's checksum: CRC-32 without the inversion at its end. */
const checksum = (bytes: Uint8Array): number => crc32Register(bytes, 0xffff_ffff);

/** Whether the bytes begin as such a file does. */
export const isDfu = (bytes: Uint8Array): boolean => text(bytes.subarray(0, 5)) === 'DfuSe';

/** One target, the internal flash, with an element for each segment. */
export function writeDfu({ vendor, product, device, segments }: DfuFile): Uint8Array {
  const padded = segments.map(({ data }) => Math.ceil(data.length / ALIGNMENT) * ALIGNMENT);
  const elements = padded.reduce((sum, size) => sum + ELEMENT_PREFIX + size, 0);
  const bytes = new Uint8Array(PREFIX + TARGET_PREFIX + elements + SUFFIX);
  const view = new DataView(bytes.buffer);
  bytes.set(ascii('DfuSe'));
  bytes[5] = VERSION;
  view.setUint32(6, bytes.length - SUFFIX, true);
  bytes[10] = 1;
  let at = PREFIX;
  bytes.set(ascii('Target'), at);
  bytes[at + 6] = INTERNAL_FLASH;
  view.setUint32(at + 7, 1, true);
  bytes.set(ascii('ST...'), at + 11);
  view.setUint32(at + 11 + TARGET_NAME, elements, true);
  view.setUint32(at + 15 + TARGET_NAME, segments.length, true);
  at += TARGET_PREFIX;
  segments.forEach(({ address, data }, index) => {
    view.setUint32(at, address, true);
    view.setUint32(at + 4, padded[index], true);
    bytes.set(data, at + ELEMENT_PREFIX);
    at += ELEMENT_PREFIX + padded[index];
  });
  view.setUint16(at, device, true);
  view.setUint16(at + 2, product, true);
  view.setUint16(at + 4, vendor, true);
  view.setUint16(at + 6, DFUSE, true);
  bytes.set(ascii('UFD'), at + 8);
  bytes[at + 11] = SUFFIX;
  view.setUint32(at + 12, checksum(bytes.subarray(0, at + 12)), true);
  return bytes;
}

/** @throws FirmwareFileError for a file that is cut short, damaged, or of another kind */
export function readDfu(bytes: Uint8Array): DfuFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isDfu(bytes)) throw new FirmwareFileError('it is no DfuSe file: it does not begin with "DfuSe"');
  if (bytes.length < PREFIX + SUFFIX) throw new FirmwareFileError(`it is cut short: ${bytes.length} bytes`);
  if (bytes[5] !== VERSION) throw new FirmwareFileError(`it is of DfuSe version ${bytes[5]}; only version ${VERSION} is known`);
  const size = view.getUint32(6, true);
  if (bytes.length < size + SUFFIX)
    throw new FirmwareFileError(`it is cut short: ${bytes.length} bytes of ${size + SUFFIX}; download or build it again`);
  if (bytes.length > size + SUFFIX) throw new FirmwareFileError(`there are ${bytes.length - size - SUFFIX} bytes too many behind its end`);
  const suffix = size;
  if (text(bytes.subarray(suffix + 8, suffix + 11)) !== 'UFD' || bytes[suffix + 11] !== SUFFIX)
    throw new FirmwareFileError('its end is damaged: the DFU suffix is missing');
  const stated = view.getUint32(suffix + 12, true);
  const computed = checksum(bytes.subarray(0, suffix + 12));
  if (stated !== computed)
    throw new FirmwareFileError(
      `it is damaged: its checksum is ${hex(computed)}, and its end says ${hex(stated)}; download or build it again`,
    );
  if (view.getUint16(suffix + 6, true) !== DFUSE) throw new FirmwareFileError('its suffix is that of a plain DFU file, not of DfuSe');
  const segments: Segment[] = [];
  let at = PREFIX;
  for (let target = 0; target < bytes[10]; target++) {
    if (at + TARGET_PREFIX > suffix || text(bytes.subarray(at, at + 6)) !== 'Target')
      throw new FirmwareFileError(`target ${target} is missing or damaged`);
    const end = at + TARGET_PREFIX + view.getUint32(at + 11 + TARGET_NAME, true);
    const count = view.getUint32(at + 15 + TARGET_NAME, true);
    at += TARGET_PREFIX;
    if (end > suffix) throw new FirmwareFileError(`target ${target} runs over the end of the file`);
    for (let element = 0; element < count; element++) {
      const length = at + ELEMENT_PREFIX > end ? Infinity : view.getUint32(at + 4, true);
      if (at + ELEMENT_PREFIX + length > end) throw new FirmwareFileError(`element ${element} of target ${target} runs over its end`);
      segments.push({ address: view.getUint32(at, true), data: bytes.subarray(at + ELEMENT_PREFIX, at + ELEMENT_PREFIX + length) });
      at += ELEMENT_PREFIX + length;
    }
    if (at !== end) throw new FirmwareFileError(`target ${target} has ${end - at} bytes that belong to no element`);
  }
  if (at !== suffix) throw new FirmwareFileError(`${suffix - at} bytes belong to no target`);
  return {
    device: view.getUint16(suffix, true),
    product: view.getUint16(suffix + 2, true),
    vendor: view.getUint16(suffix + 4, true),
    segments,
  };
}

export const hex = (value: number, digits = 8): string => `0x${value.toString(16).padStart(digits, '0')}`;
