/** The module framebuf: pictures in memory, for displays (documentation of framebuf; py's checks and messages observed). */

import { codeSize, readElement } from '../../objects/binary.ts';
import { bufferMaybe, bufferOf } from '../../objects/buffer.ts';
import { checkArgCount, fun2, fun3, funVar } from '../../objects/function.ts';
import { MpInstance } from '../../objects/instance.ts';
import { cStringData } from '../../objects/str-bytes.ts';
import { arrayItems } from '../../vm/iteration.ts';
import { isTrue, toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { BufferFlag, MpType } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import { MpObj } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import type { ModuleDef } from '../module-def.ts';
import { blit, drawText, ellipse, fillRect, line, plot, polygonFilled, polygonOutline, QUARTERS, scroll } from './drawing.ts';
import { FormatId, type Picture, type PixelFormat, pixelFormats } from './pixel-format.ts';

const MAX_SIDE = 0xffff;

class MpFrameBuffer extends MpObj implements Picture {
  constructor(
    readonly bufferObject: Value,
    readonly bytes: Uint8Array,
    readonly width: number,
    readonly height: number,
    readonly stride: number,
    readonly format: PixelFormat,
  ) {
    super(frameBufferType);
  }
}

const groups = (n: number, size: number) => Math.ceil(n / size) * size;

/** @param args buffer, width, height, format and perhaps stride */
function makeFrameBuffer(args: readonly Value[], flags: BufferFlag): MpFrameBuffer {
  const width = toInt(args[1]);
  const height = toInt(args[2]);
  const id = toInt(args[3]);
  let stride = args.length >= 5 ? toInt(args[4]) : width;
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE || stride > MAX_SIDE || stride < width) raiseValueError();
  const format = pixelFormats.get(id);
  if (format === undefined) raiseValueError('invalid format');
  stride = groups(stride, format.columnGroup);
  const rows = groups(height, format.rowGroup);
  const rowsWithStride = rows - format.rowGroup;
  const { bytes } = bufferOf(args[0], flags);
  // The last row, or group of rows, need not be as long as the stride.
  const pixels = rowsWithStride * stride + format.rowGroup * groups(width, format.columnGroup);
  if (Math.floor((pixels * format.bitsPerPixel) / 8) > bytes.length) raiseValueError();
  return new MpFrameBuffer(args[0], bytes, width, height, stride, format);
}

function newFrameBuffer(args: readonly Value[]): MpFrameBuffer {
  const made = makeFrameBuffer(args, BufferFlag.Write);
  vm.heap.alloc((vm.wordSize === 4 ? 5 : 4) * vm.wordSize);
  return made;
}

/** A picture to read from: a FrameBuffer, or a tuple or list of what makes one. */
function pictureOf(value: Value): Picture {
  const native = value instanceof MpInstance ? value.subobj : value;
  if (native instanceof MpFrameBuffer) return native;
  const items = arrayItems(value);
  if (items.length < 4 || items.length > 5) raiseValueError();
  return makeFrameBuffer(items, BufferFlag.Read);
}

const ints = (args: readonly Value[], count: number) => Array.from({ length: count }, (_, i) => toInt(args[i + 1]));

/** A method with `count` integers after self, and perhaps more arguments. */
const method = (count: number, max: number, draw: (self: MpFrameBuffer, numbers: number[], args: readonly Value[]) => void) =>
  funVar(count + 1, max + 1, args => {
    draw(args[0] as MpFrameBuffer, ints(args, count), args);
    return null;
  });

function polygon(args: readonly Value[]): Value {
  const self = args[0] as MpFrameBuffer;
  const x = toInt(args[1]);
  const y = toInt(args[2]);
  const { bytes, typecode } = bufferOf(args[3], BufferFlag.Read);
  const cornerCount = Math.floor(bytes.length / (codeSize('@', typecode) * 2));
  if (cornerCount === 0) return null;
  const colour = toInt(args[4]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const corners = Array.from({ length: cornerCount * 2 }, (_, i) => toInt(readElement(typecode, view, i)));
  if (args.length > 5 && isTrue(args[5])) polygonFilled(self, x, y, corners, colour);
  else polygonOutline(self, x, y, corners, colour);
  return null;
}

export const frameBufferType = new MpType('FrameBuffer', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 4, 5, false);
    return newFrameBuffer(args);
  },
  buffer: (self: MpFrameBuffer, flags) => bufferMaybe(self.bufferObject, flags),
  locals: () => [
    [
      'fill',
      fun2((value, colour) => {
        const self = value as MpFrameBuffer;
        fillRect(self, 0, 0, self.width, self.height, toInt(colour));
        return null;
      }),
    ],
    ['fill_rect', method(5, 5, (self, [x, y, w, h, colour]) => fillRect(self, x, y, w, h, colour))],
    [
      'pixel',
      funVar(3, 4, args => {
        const self = args[0] as MpFrameBuffer;
        const [x, y] = ints(args, 2);
        if (x < 0 || x >= self.width || y < 0 || y >= self.height) return null;
        if (args.length === 3) return self.format.get(self, x, y);
        plot(self, x, y, toInt(args[3]));
        return null;
      }),
    ],
    ['hline', method(4, 4, (self, [x, y, w, colour]) => fillRect(self, x, y, w, 1, colour))],
    ['vline', method(4, 4, (self, [x, y, h, colour]) => fillRect(self, x, y, 1, h, colour))],
    [
      'rect',
      method(5, 6, (self, [x, y, w, h, colour], args) => {
        if (args.length > 6 && isTrue(args[6])) {
          fillRect(self, x, y, w, h, colour);
          return;
        }
        fillRect(self, x, y, w, 1, colour);
        fillRect(self, x, y + h - 1, w, 1, colour);
        fillRect(self, x, y, 1, h, colour);
        fillRect(self, x + w - 1, y, 1, h, colour);
      }),
    ],
    ['line', method(5, 5, (self, [x1, y1, x2, y2, colour]) => line(self, x1, y1, x2, y2, colour))],
    [
      'ellipse',
      method(5, 7, (self, [cx, cy, radiusX, radiusY, colour], args) => {
        const filled = args.length > 6 && isTrue(args[6]);
        const quarters = args.length > 7 ? toInt(args[7]) & QUARTERS : QUARTERS;
        ellipse(self, cx, cy, radiusX, radiusY, { colour, filled, quarters });
      }),
    ],
    ['poly', funVar(5, 6, polygon)],
    [
      'blit',
      funVar(4, 6, args => {
        const source = pictureOf(args[1]);
        const x = toInt(args[2]);
        const y = toInt(args[3]);
        const key = args.length > 4 ? toInt(args[4]) : -1;
        const palette = args.length > 5 && args[5] !== null ? pictureOf(args[5]) : undefined;
        blit(args[0] as MpFrameBuffer, source, x, y, key, palette);
        return null;
      }),
    ],
    [
      'scroll',
      fun3((self, dx, dy) => {
        scroll(self as MpFrameBuffer, toInt(dx), toInt(dy));
        return null;
      }),
    ],
    [
      'text',
      funVar(4, 5, args => {
        const text = cStringData(args[1]);
        const [x, y] = [toInt(args[2]), toInt(args[3])];
        drawText(args[0] as MpFrameBuffer, text, x, y, args.length >= 5 ? toInt(args[4]) : 1);
        return null;
      }),
    ],
  ],
});

export const framebufModule: ModuleDef = {
  name: 'framebuf',
  extensible: false,
  names: () => [
    ['FrameBuffer', frameBufferType],
    [
      'FrameBuffer1',
      funVar(3, 4, args => newFrameBuffer([args[0], args[1], args[2], FormatId.MonoVlsb, args.length >= 4 ? args[3] : args[1]])),
    ],
    ['MVLSB', FormatId.MonoVlsb],
    ['MONO_VLSB', FormatId.MonoVlsb],
    ['RGB565', FormatId.Rgb565],
    ['GS2_HMSB', FormatId.Gs2Hmsb],
    ['GS4_HMSB', FormatId.Gs4Hmsb],
    ['GS8', FormatId.Gs8],
    ['MONO_HLSB', FormatId.MonoHlsb],
    ['MONO_HMSB', FormatId.MonoHmsb],
  ],
};
