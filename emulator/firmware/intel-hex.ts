/** Intel HEX files (Intel's specification, revision A, 1988), with 32-bit addresses: what programmers take beside `.dfu`. */
import { FirmwareFileError, type Segment } from './dfuse.ts';

const DATA = 0;
const END = 1;
const EXTENDED_SEGMENT = 2;
const START_SEGMENT = 3;
const EXTENDED_LINEAR = 4;
const START_LINEAR = 5;
const LINE = 16;

const twoDigits = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

function line(type: number, address: number, data: ArrayLike<number>): string {
  const bytes = [data.length, (address >> 8) & 0xff, address & 0xff, type, ...Array.from(data)];
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  return `:${[...bytes, -sum & 0xff].map(twoDigits).join('')}\r\n`;
}

export function writeHex(segments: readonly Segment[]): string {
  const lines: string[] = [];
  for (const { address, data } of segments) {
    let high = -1;
    for (let at = 0; at < data.length; ) {
      const place = address + at;
      if (place >>> 16 !== high) {
        high = place >>> 16;
        lines.push(line(EXTENDED_LINEAR, 0, [high >> 8, high & 0xff]));
      }
      const length = Math.min(LINE, data.length - at, 0x1_0000 - (place & 0xffff));
      lines.push(line(DATA, place & 0xffff, data.subarray(at, at + length)));
      at += length;
    }
  }
  return lines.join('') + line(END, 0, []);
}

/** Lines that follow each other without a gap become one segment. @throws FirmwareFileError that names the line */
export function readHex(text: string): Segment[] {
  const runs: { address: number; bytes: number[] }[] = [];
  let base = 0;
  let ended = false;
  for (const [index, given] of text.split(/\r\n|\r|\n/).entries()) {
    const record = given.trim();
    if (record === '') continue;
    const where = `line ${index + 1}`;
    if (ended) throw new FirmwareFileError(`${where}: there is something behind the end record`);
    if (!/^:([0-9a-fA-F]{2}){5,}$/.test(record)) throw new FirmwareFileError(`${where}: not a record of an Intel HEX file`);
    const bytes = Array.from(record.slice(1).match(/../g)!, pair => Number.parseInt(pair, 16));
    const [length, high, low, type] = bytes;
    if (bytes.length !== length + 5) throw new FirmwareFileError(`${where}: it says ${length} bytes and has ${bytes.length - 5}`);
    if ((bytes.reduce((sum, byte) => sum + byte, 0) & 0xff) !== 0) throw new FirmwareFileError(`${where}: its checksum is wrong`);
    const data = bytes.slice(4, -1);
    if (type === DATA) {
      const address = base + high * 256 + low;
      const last = runs.at(-1);
      if (last !== undefined && last.address + last.bytes.length === address) last.bytes.push(...data);
      else runs.push({ address, bytes: data });
    } else if (type === END) ended = true;
    else if (type === EXTENDED_LINEAR) base = (data[0] * 256 + data[1]) * 0x1_0000;
    else if (type === EXTENDED_SEGMENT) base = (data[0] * 256 + data[1]) * 16;
    else if (type !== START_LINEAR && type !== START_SEGMENT)
      throw new FirmwareFileError(`${where}: records of type ${type} are not known`);
  }
  if (!ended) throw new FirmwareFileError('it is cut short: the end record is missing');
  return runs.map(({ address, bytes }) => ({ address, data: Uint8Array.from(bytes) }));
}
