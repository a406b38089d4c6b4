/** What a person reads off seven segments: bit 0 is the segment at the top, clockwise, bit 6 the one in the middle. */
const SHAPES = new Map<number, string>(
  [...'0123456789']
    .map((digit, index): [number, string] => [[0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f][index], digit])
    .concat([
      [0x00, ' '],
      [0x40, '-'],
      [0x08, '_'],
      [0x77, 'A'],
      [0x7c, 'b'],
      [0x39, 'C'],
      [0x58, 'c'],
      [0x5e, 'd'],
      [0x79, 'E'],
      [0x71, 'F'],
      [0x3d, 'G'],
      [0x76, 'H'],
      [0x74, 'h'],
      [0x1e, 'J'],
      [0x38, 'L'],
      [0x37, 'N'],
      [0x54, 'n'],
      [0x5c, 'o'],
      [0x73, 'P'],
      [0x67, 'q'],
      [0x50, 'r'],
      [0x78, 't'],
      [0x3e, 'U'],
      [0x1c, 'u'],
      [0x6e, 'y'],
      [0x63, '°'],
    ]),
);

/** The character that segments show, or `?`. The point is bit 7 and is left out. */
export function segmentsToText(segments: number): string {
  return SHAPES.get(segments & 0x7f) ?? '?';
}
