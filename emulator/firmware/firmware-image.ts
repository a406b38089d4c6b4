/**
 * What a firmware of a virtual board is: how it was built, and the modules frozen into it. In the chip's flash it lies in two parts, as the linker
 * script of the real one has it: a head where the vector table is, and the text behind the filesystem.
 *
 * The interpreter itself is not in it, for no emulated core runs it: the virtual board is the interpreter. On a real chip such a file would wait in a
 * loop until it is replaced.
 */
import { crc32Register } from '../modules/deflate/checksum.ts';
import { FirmwareFileError, hex, type Segment } from './dfuse.ts';

export interface FrozenFile {
  /** As `import` looks for it: `drivers/lcd.py`. */
  readonly path: string;
  /** `mpy`: compiled. `str`: source text, compiled when it is imported. */
  readonly kind: 'mpy' | 'str';
  readonly data: Uint8Array;
}

export interface Firmware {
  /** The board's name, `pyboard-v1.1`. */
  readonly board: string;
  /** What the banner says after "MicroPython ": `v1.27.0 on 2025-12-09`. */
  readonly release: string;
  /** Whether it compiles source; if not it runs only `.mpy` files and what is frozen into it. */
  readonly compiler: boolean;
  /** Texts before code, as the search goes. */
  readonly frozen: readonly FrozenFile[];
}

/** Where the two parts lie, and how long they may be. */
export interface FirmwareLayout {
  readonly head: { readonly address: number; readonly size: number };
  readonly text: { readonly address: number; readonly size: number };
  /** The top of the stack, for the vector table. */
  readonly stackTop: number;
}

const MAGIC = 'boardspec virtual firmware\n';
const FORMAT = 1;
const MAGIC_AT = 16;
const FIELDS_AT = 48;
const FIELDS = 5 * 4;
const NAMES_AT = FIELDS_AT + FIELDS;
/** Thumb: a branch to itself. */
const LOOP_FOREVER = 0xe7fe;
const LOOP_AT = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const crc32 = (bytes: Uint8Array): number => (crc32Register(bytes, 0xffff_ffff) ^ 0xffff_ffff) >>> 0;

interface Head {
  board: string;
  release: string;
  compiler: boolean;
}

interface TextIndex {
  path: string;
  kind: 'mpy' | 'str';
  size: number;
}

/** @throws RangeError if it does not fit */
export function firmwareSegments(firmware: Firmware, layout: FirmwareLayout): Segment[] {
  const index = encoder.encode(JSON.stringify(firmware.frozen.map(({ path, kind, data }) => ({ path, kind, size: data.length }))));
  const text = new Uint8Array(4 + index.length + firmware.frozen.reduce((sum, { data }) => sum + data.length, 0));
  new DataView(text.buffer).setUint32(0, index.length, true);
  text.set(index, 4);
  let at = 4 + index.length;
  for (const { data } of firmware.frozen) {
    text.set(data, at);
    at += data.length;
  }
  if (text.length > layout.text.size)
    throw new RangeError(
      `the frozen modules take ${text.length} bytes, and the chip has ${layout.text.size} for them: ${text.length - layout.text.size} too many`,
    );
  const { board, release, compiler } = firmware;
  const names = encoder.encode(JSON.stringify({ board, release, compiler } satisfies Head));
  const head = new Uint8Array(NAMES_AT + names.length + 4);
  if (head.length > layout.head.size)
    throw new RangeError(`the firmware's head takes ${head.length} bytes, and the chip has ${layout.head.size} for it`);
  const view = new DataView(head.buffer);
  view.setUint32(0, layout.stackTop, true);
  view.setUint32(4, layout.head.address + LOOP_AT + 1, true);
  view.setUint16(LOOP_AT, LOOP_FOREVER, true);
  head.set(encoder.encode(MAGIC), MAGIC_AT);
  const fields = [FORMAT, names.length, layout.text.address, text.length, crc32(text)];
  for (const [i, value] of fields.entries()) view.setUint32(FIELDS_AT + 4 * i, value, true);
  head.set(names, NAMES_AT);
  view.setUint32(NAMES_AT + names.length, crc32(head.subarray(0, NAMES_AT + names.length)), true);
  return [
    { address: layout.head.address, data: head },
    { address: layout.text.address, data: text },
  ];
}

/**
 * Reads it out of the chip, or out of a file's segments.
 * @param memory bytes from an address on, as many as there are up to `length`
 * @throws FirmwareFileError if it is damaged, or something else
 */
export function readFirmware(headAddress: number, memory: (address: number, length: number) => Uint8Array): Firmware {
  const fixed = memory(headAddress, NAMES_AT);
  const magic = encoder.encode(MAGIC);
  if (fixed.length < NAMES_AT || !magic.every((byte, i) => fixed[MAGIC_AT + i] === byte)) {
    const blank = fixed.every(byte => byte === 0xff);
    throw new FirmwareFileError(
      blank || fixed.length === 0
        ? `there is nothing at ${hex(headAddress)}, where a firmware begins`
        : 'it holds machine code: a virtual board runs firmware that "boardspec firmware" has built',
    );
  }
  const view = new DataView(fixed.buffer, fixed.byteOffset, fixed.byteLength);
  const [format, namesLength, textAddress, textLength, textCrc] = Array.from({ length: 5 }, (_, i) =>
    view.getUint32(FIELDS_AT + 4 * i, true),
  );
  if (format !== FORMAT) throw new FirmwareFileError(`it is of format ${format}; this version of boardspec knows format ${FORMAT}`);
  const head = memory(headAddress, NAMES_AT + namesLength + 4);
  if (head.length < NAMES_AT + namesLength + 4) throw new FirmwareFileError('its head is cut short');
  const stated = new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(NAMES_AT + namesLength, true);
  if (crc32(head.subarray(0, NAMES_AT + namesLength)) !== stated) throw new FirmwareFileError('its head is damaged');
  const text = memory(textAddress, textLength);
  if (text.length < textLength || crc32(text) !== textCrc) throw new FirmwareFileError('its frozen modules are damaged, or not all there');
  return { ...parseHead(head.subarray(NAMES_AT, NAMES_AT + namesLength)), frozen: parseText(text) };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}

function parseHead(bytes: Uint8Array): Head {
  const { board, release, compiler } = (parseJson(bytes) ?? {}) as Partial<Head>;
  if (typeof board !== 'string' || typeof release !== 'string' || typeof compiler !== 'boolean')
    throw new FirmwareFileError('its head does not say what it is');
  return { board, release, compiler };
}

function parseText(text: Uint8Array): FrozenFile[] {
  const indexLength = text.length < 4 ? 0 : new DataView(text.buffer, text.byteOffset, text.byteLength).getUint32(0, true);
  const index = parseJson(text.subarray(4, 4 + indexLength));
  if (!Array.isArray(index)) throw new FirmwareFileError('its list of frozen modules is damaged');
  let at = 4 + indexLength;
  return (index as TextIndex[]).map(({ path, kind, size }) => {
    if (typeof path !== 'string' || (kind !== 'mpy' && kind !== 'str') || !Number.isInteger(size) || size < 0 || at + size > text.length)
      throw new FirmwareFileError('its list of frozen modules is damaged');
    const data = text.slice(at, at + size);
    at += size;
    return { path, kind, data };
  });
}
