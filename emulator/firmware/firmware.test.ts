/** Firmware files: written and read again, and refused when something is wrong with them. */
import { describe, expect, it } from 'vitest';
import { boards } from '../../boards/index.ts';
import { FirmwareFileError, isDfu, readDfu, writeDfu } from './dfuse.ts';
import { readFirmwareFile, writeFirmwareFile } from './firmware-file.ts';
import type { Firmware } from './firmware-image.ts';
import { readHex, writeHex } from './intel-hex.ts';

const pyboard = boards.get('pyboard-v1.1')!;
const pyblite = boards.get('pyblite-v1.0')!;
const firmware: Firmware = {
  board: pyboard.name,
  release: 'v1.27.0 on 2025-12-09',
  compiler: false,
  frozen: [
    { path: 'note.py', kind: 'str', data: new TextEncoder().encode('x = 1\n') },
    { path: 'lib/__init__.py', kind: 'mpy', data: Uint8Array.from({ length: 300 }, (_, i) => i & 0xff) },
  ],
};
const dfu = writeFirmwareFile(pyboard, firmware, 'dfu');

describe('DfuSe files', () => {
  it('hold a target of two elements where the chip has its vectors and its text, padded to 8 bytes', () => {
    const { vendor, product, device, segments } = readDfu(dfu);
    expect([vendor, product, device]).toEqual([0x0483, 0xdf11, 0]);
    expect(segments.map(({ address }) => address)).toEqual([0x0800_0000, 0x0802_0000]);
    for (const { data } of segments) expect(data.length % 8).toBe(0);
  });

  it('have the bytes that the format asks for', () => {
    // By hand after UM0391: prefix, target, one element of 8 bytes, suffix; the checksum is that of upstream's dfu.py for these bytes.
    const file = writeDfu({
      vendor: 0x0483,
      product: 0xdf11,
      device: 0,
      segments: [{ address: 0x08000000, data: Uint8Array.of(1, 2, 3) }],
    });
    expect(file.length).toBe(11 + 274 + 8 + 8 + 16);
    expect(Buffer.from(file.subarray(0, 11)).toString('hex')).toBe('4466755365' + '01' + '2d010000' + '01');
    expect(Buffer.from(file.subarray(11, 22)).toString('hex')).toBe('546172676574' + '00' + '01000000');
    expect(Buffer.from(file.subarray(277, 301)).toString('hex')).toBe(
      '10000000' + '01000000' + '00000008' + '08000000' + '0102030000000000',
    );
    expect(Buffer.from(file.subarray(301, 313)).toString('hex')).toBe('0000' + '11df' + '8304' + '1a01' + '554644' + '10');
    expect(Buffer.from(file.subarray(313)).toString('hex')).toBe('2fb7f191');
  });

  it('are refused when they are cut short, wherever that is', () => {
    for (let length = 0; length < dfu.length; length += 7) {
      expect(() => readFirmwareFile(pyboard, dfu.subarray(0, length))).toThrow(FirmwareFileError);
    }
    expect(() => readDfu(dfu.subarray(0, 400))).toThrow(`it is cut short: 400 bytes of ${dfu.length}`);
  });

  it('are refused when a byte has changed, whichever it is', () => {
    for (let at = 0; at < dfu.length; at += 3) {
      const damaged = dfu.slice();
      damaged[at] ^= 0x10;
      expect(() => readFirmwareFile(pyboard, damaged), `byte ${at}`).toThrow(FirmwareFileError);
    }
    const damaged = dfu.slice();
    damaged[500] ^= 1;
    expect(() => readDfu(damaged)).toThrow('it is damaged: its checksum is');
  });

  it('are refused when something hangs on behind them', () => {
    expect(() => readDfu(Uint8Array.of(...dfu, 0))).toThrow('1 bytes too many');
  });

  it('are refused when their USB numbers are those of another bootloader', () => {
    const other = writeDfu({ ...readDfu(dfu), vendor: 0xf055 });
    expect(() => readFirmwareFile(pyboard, other)).toThrow('USB numbers 0xf055:0xdf11; that of pyboard-v1.1 has 0x0483:0xdf11');
  });

  it('are refused when they are for another board', () => {
    expect(() => readFirmwareFile(pyblite, dfu)).toThrow('it is for the board pyboard-v1.1, and this is a pyblite-v1.0');
  });

  it('are refused when they hold machine code', () => {
    const code = writeDfu({
      vendor: 0x0483,
      product: 0xdf11,
      device: 0,
      segments: [{ address: 0x0800_0000, data: new Uint8Array(512).fill(0x20) }],
    });
    expect(() => readFirmwareFile(pyboard, code)).toThrow('it holds machine code');
  });

  it('are refused when they want to write where there is no flash', () => {
    const outside = writeDfu({ vendor: 0x0483, product: 0xdf11, device: 0, segments: [{ address: 0x2000_0000, data: new Uint8Array(8) }] });
    expect(() => readFirmwareFile(pyboard, outside)).toThrow('it wants to write to 0x20000000, where pyboard-v1.1 has no flash');
  });
});

describe('firmware files', () => {
  it('give back what was put into them', () => {
    for (const format of ['dfu', 'hex'] as const) {
      const file = readFirmwareFile(pyboard, writeFirmwareFile(pyboard, firmware, format));
      expect(file.firmware).toEqual(firmware);
    }
  });

  it('say what else was given to them', () => {
    expect(() => readFirmwareFile(pyboard, new Uint8Array(0))).toThrow('it is empty');
    expect(() => readFirmwareFile(pyboard, new TextEncoder().encode('print(1)\n'))).toThrow('it is no firmware file');
  });

  it('do not take more than the chip holds', () => {
    const large = { ...firmware, frozen: [{ path: 'large.py', kind: 'str' as const, data: new Uint8Array(0xe_0000) }] };
    expect(() => writeFirmwareFile(pyboard, large, 'dfu')).toThrow(/the chip has 917504 for them: \d+ too many/);
  });

  it('fit the chip to the last byte', () => {
    const index = JSON.stringify([{ path: 'large.py', kind: 'str', size: 900_000 }]).length;
    const data = new Uint8Array(0xe_0000 - 4 - index);
    const full = { ...firmware, frozen: [{ path: 'large.py', kind: 'str' as const, data }] };
    const [read] = readFirmwareFile(pyboard, writeFirmwareFile(pyboard, full, 'dfu')).firmware.frozen;
    expect(Buffer.compare(read.data, data)).toBe(0);
  });
});

describe('Intel HEX files', () => {
  it('have the lines that the format asks for', () => {
    expect(writeHex([{ address: 0x0800_fffe, data: Uint8Array.of(1, 2, 3) }])).toBe(
      ':020000040800F2\r\n:02FFFE000102FE\r\n:020000040801F1\r\n:0100000003FC\r\n:00000001FF\r\n',
    );
  });

  it('are refused with the line that is wrong', () => {
    const lines = ':0100000003FC\n:00000001FF\n';
    expect(readHex(lines)).toEqual([{ address: 0, data: Uint8Array.of(3) }]);
    expect(readHex(lines.replaceAll('\n', '\r\n'))).toEqual([{ address: 0, data: Uint8Array.of(3) }]);
    expect(() => readHex(':0100000003FD\n')).toThrow('line 1: its checksum is wrong');
    expect(() => readHex(':0100000003FC\n:0200000003FC\n')).toThrow('line 2: it says 2 bytes and has 1');
    expect(() => readHex(':0100000003FC\n')).toThrow('the end record is missing');
    expect(() => readHex(':00000001FF\nx\n')).toThrow('line 2: there is something behind the end record');
    expect(() => readHex(':zz\n')).toThrow('line 1: not a record');
  });

  it('are told apart from DfuSe files', () => {
    expect([isDfu(dfu), isDfu(new TextEncoder().encode(writeHex([])))]).toEqual([true, false]);
  });
});
