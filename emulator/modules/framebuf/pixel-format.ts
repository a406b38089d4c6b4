/** How pixels lie in a frame buffer's memory: the formats that `framebuf` knows (documentation of framebuf, "Constants"). */

export enum FormatId {
  MonoVlsb = 0,
  Rgb565 = 1,
  Gs4Hmsb = 2,
  MonoHlsb = 3,
  MonoHmsb = 4,
  Gs2Hmsb = 5,
  Gs8 = 6,
}

/** A picture: its memory, and how that is laid out. */
export interface Picture {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Pixels from one row to the next. */
  readonly stride: number;
  readonly format: PixelFormat;
}

export interface PixelFormat {
  readonly bitsPerPixel: number;
  /** Rows, and pixels of a row, come in groups of this many. */
  readonly rowGroup: number;
  readonly columnGroup: number;
  set(picture: Picture, x: number, y: number, colour: number): void;
  get(picture: Picture, x: number, y: number): number;
}

/** Pixels of `bits` bits in horizontal groups; `shift` says where in its byte a pixel is. */
function packed(bits: number, shift: (x: number) => number, colourOf: (colour: number) => number): PixelFormat {
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const index = ({ stride }: Picture, x: number, y: number) => Math.floor((x + y * stride) / perByte);
  return {
    bitsPerPixel: bits,
    rowGroup: 1,
    columnGroup: perByte,
    set(picture, x, y, colour) {
      const i = index(picture, x, y);
      const { bytes } = picture;
      bytes[i] = (bytes[i] & ~(mask << shift(x))) | (colourOf(colour) << shift(x));
    },
    get: (picture, x, y) => (picture.bytes[index(picture, x, y)] >> shift(x)) & mask,
  };
}

const onOrOff = (colour: number) => (colour === 0 ? 0 : 1);

const monoVertical: PixelFormat = {
  bitsPerPixel: 1,
  rowGroup: 8,
  columnGroup: 1,
  set({ bytes, stride }, x, y, colour) {
    const i = (y >> 3) * stride + x;
    bytes[i] = (bytes[i] & ~(1 << (y & 7))) | (onOrOff(colour) << (y & 7));
  },
  get: ({ bytes, stride }, x, y) => (bytes[(y >> 3) * stride + x] >> (y & 7)) & 1,
};

const rgb565: PixelFormat = {
  bitsPerPixel: 16,
  rowGroup: 1,
  columnGroup: 1,
  set({ bytes, stride }, x, y, colour) {
    const i = 2 * (x + y * stride);
    bytes[i] = colour & 0xff;
    bytes[i + 1] = (colour >> 8) & 0xff;
  },
  get: ({ bytes, stride }, x, y) => bytes[2 * (x + y * stride)] | (bytes[2 * (x + y * stride) + 1] << 8),
};

export const pixelFormats = new Map<number, PixelFormat>([
  [FormatId.MonoVlsb, monoVertical],
  [FormatId.Rgb565, rgb565],
  [
    FormatId.Gs2Hmsb,
    packed(
      2,
      x => (x & 3) << 1,
      colour => colour & 3,
    ),
  ],
  [
    FormatId.Gs4Hmsb,
    packed(
      4,
      x => (x % 2 === 0 ? 4 : 0),
      colour => colour & 0xf,
    ),
  ],
  [
    FormatId.Gs8,
    packed(
      8,
      () => 0,
      colour => colour & 0xff,
    ),
  ],
  [FormatId.MonoHlsb, packed(1, x => 7 - (x & 7), onOrOff)],
  [FormatId.MonoHmsb, packed(1, x => x & 7, onOrOff)],
]);
