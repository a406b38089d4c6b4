/** Drawing into a picture: rectangles, lines, ellipses, polygons, text. Everything is clipped to the picture. */
import { Cycles } from '../../vm/cost.ts';
import { work } from '../../vm/service.ts';
import { GLYPH_WIDTH, glyph } from './font.ts';
import type { Picture } from './pixel-format.ts';

/** Sets a pixel if it is inside. */
export function plot(picture: Picture, x: number, y: number, colour: number): void {
  work(Cycles.pixel);
  if (x >= 0 && x < picture.width && y >= 0 && y < picture.height) picture.format.set(picture, x, y, colour);
}

export function fillRect(picture: Picture, x: number, y: number, width: number, height: number, colour: number): void {
  if (width < 1 || height < 1) return;
  const right = Math.min(picture.width, x + width);
  const bottom = Math.min(picture.height, y + height);
  const { format } = picture;
  for (let row = Math.max(y, 0); row < bottom; row++) {
    work(Cycles.pixel * Math.max(1, right - Math.max(x, 0)));
    for (let column = Math.max(x, 0); column < right; column++) format.set(picture, column, row, colour);
  }
}

/** A line by Bresenham's method: from the first point on, the last pixel set for certain. */
export function line(picture: Picture, x1: number, y1: number, x2: number, y2: number, colour: number): void {
  const dx = Math.abs(x2 - x1);
  const dy = Math.abs(y2 - y1);
  const stepX = x2 > x1 ? 1 : -1;
  const stepY = y2 > y1 ? 1 : -1;
  const steep = dy > dx;
  const long = steep ? dy : dx;
  const short = steep ? dx : dy;
  let error = 2 * short - long;
  for (let i = 0, x = x1, y = y1; i < long; i++) {
    plot(picture, x, y, colour);
    for (; error >= 0; error -= 2 * long) {
      if (steep) x += stepX;
      else y += stepY;
    }
    if (steep) y += stepY;
    else x += stepX;
    error += 2 * short;
  }
  plot(picture, x2, y2, colour);
}

/** Quarters of an ellipse: right top, left top, left bottom, right bottom. */
export const QUARTERS = 0x0f;
const RIGHT_TOP = 1;
const LEFT_TOP = 2;
const LEFT_BOTTOM = 4;
const RIGHT_BOTTOM = 8;

export interface EllipseStyle {
  colour: number;
  filled: boolean;
  /** Which quarters to draw, a set of bits. */
  quarters: number;
}

/** An ellipse by the midpoint method: points first where it is steep, then where it is flat. */
export function ellipse(picture: Picture, cx: number, cy: number, radiusX: number, radiusY: number, style: EllipseStyle): void {
  const { colour, filled, quarters } = style;
  if (radiusX === 0 && radiusY === 0) {
    if (quarters !== 0) plot(picture, cx, cy, colour);
    return;
  }
  const point = (x: number, y: number) => {
    work(Cycles.pixel);
    const draw = (quarter: number, right: boolean, top: boolean) => {
      if ((quarters & quarter) === 0) return;
      const py = top ? cy - y : cy + y;
      if (filled) fillRect(picture, right ? cx : cx - x, py, x + 1, 1, colour);
      else plot(picture, right ? cx + x : cx - x, py, colour);
    };
    draw(RIGHT_TOP, true, true);
    draw(LEFT_TOP, false, true);
    draw(LEFT_BOTTOM, false, false);
    draw(RIGHT_BOTTOM, true, false);
  };
  const aa = radiusX * radiusX;
  const bb = radiusY * radiusY;

  let x = radiusX;
  let y = 0;
  let changeX = bb * (1 - 2 * radiusX);
  let changeY = aa;
  let error = 0;
  for (let stopX = 2 * bb * radiusX, stopY = 0; stopX >= stopY; ) {
    point(x, y);
    y++;
    stopY += 2 * aa;
    error += changeY;
    changeY += 2 * aa;
    if (2 * error + changeX > 0) {
      x--;
      stopX -= 2 * bb;
      error += changeX;
      changeX += 2 * bb;
    }
  }

  x = 0;
  y = radiusY;
  changeX = bb;
  changeY = aa * (1 - 2 * radiusY);
  error = 0;
  for (let stopX = 0, stopY = 2 * aa * radiusY; stopX <= stopY; ) {
    point(x, y);
    x++;
    stopX += 2 * bb;
    error += changeX;
    changeX += 2 * bb;
    if (2 * error + changeY > 0) {
      y--;
      stopY -= 2 * aa;
      error += changeY;
      changeY += 2 * aa;
    }
  }
}

/** The edges of a polygon, from each corner to the one before it, beginning with the first corner and the last. */
function* edges(corners: readonly number[]): IterableIterator<[number, number, number, number]> {
  let [x1, y1] = corners;
  for (let i = corners.length - 2; i >= 0; i -= 2) {
    const x2 = corners[i];
    const y2 = corners[i + 1];
    yield [x1, y1, x2, y2];
    x1 = x2;
    y1 = y2;
  }
}

/** @param corners x and y in turn, relative to `x`, `y` */
export function polygonOutline(picture: Picture, x: number, y: number, corners: readonly number[], colour: number): void {
  for (const [x1, y1, x2, y2] of edges(corners)) line(picture, x + x1, y + y1, x + x2, y + y2, colour);
}

/** Fills a polygon row by row, between pairs of crossings. The lowest pixel of an edge is left out, but drawn where the outline turns. */
export function polygonFilled(picture: Picture, x: number, y: number, corners: readonly number[], colour: number): void {
  const ys = corners.filter((_, i) => i % 2 === 1);
  const top = ys.reduce((a, b) => Math.min(a, b));
  const bottom = ys.reduce((a, b) => Math.max(a, b));
  for (let row = top; row <= bottom; row++) {
    const crossings: number[] = [];
    work(Cycles.pixel * corners.length);
    for (const [x1, y1, x2, y2] of edges(corners)) {
      if (y1 !== y2 && ((y1 > row && y2 <= row) || (y1 <= row && y2 > row))) {
        crossings.push(Math.trunc((32 * x1 + Math.trunc((32 * (x2 - x1) * (row - y1)) / (y2 - y1)) + 16) / 32));
      } else if (row === Math.max(y1, y2)) {
        if (y1 < y2) plot(picture, x + x2, y + y2, colour);
        else if (y2 < y1) plot(picture, x + x1, y + y1, colour);
        else line(picture, x + x1, y + y1, x + x2, y + y2, colour);
      }
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      fillRect(picture, x + crossings[i], y + row, crossings[i + 1] - crossings[i] + 1, 1, colour);
    }
  }
}

/** @param text bytes; everything outside ASCII is drawn as the last glyph */
export function drawText(picture: Picture, text: Uint8Array, x: number, y: number, colour: number): void {
  for (const character of text) {
    const columns = glyph(character);
    for (let i = 0; i < GLYPH_WIDTH; i++, x++) {
      for (let bits = columns[i], row = y; bits !== 0; bits >>= 1, row++) if (bits & 1) plot(picture, x, row, colour);
    }
  }
}

/** Copies `source` to `x`, `y`. Pixels of the colour `key` are left out; with a palette, a pixel's value picks from its first row. */
export function blit(picture: Picture, source: Picture, x: number, y: number, key: number, palette: Picture | undefined): void {
  const right = Math.min(picture.width, x + source.width);
  const bottom = Math.min(picture.height, y + source.height);
  for (let row = Math.max(0, y); row < bottom; row++) {
    work(Cycles.pixel * Math.max(1, right - Math.max(0, x)));
    for (let column = Math.max(0, x); column < right; column++) {
      let colour = source.format.get(source, column - x, row - y);
      if (palette !== undefined) colour = palette.format.get(palette, colour, 0);
      if (colour !== key) picture.format.set(picture, column, row, colour);
    }
  }
}

/** Shifts the content; what is uncovered stays as it was. */
export function scroll(picture: Picture, dx: number, dy: number): void {
  const { width, height, format } = picture;
  if (Math.abs(dx) >= width || Math.abs(dy) >= height) return;
  // Against the direction of the shift, so that no pixel is overwritten before it is copied.
  const columns = dx < 0 ? { from: 0, to: width + dx, step: 1 } : { from: width - 1, to: dx - 1, step: -1 };
  const rows = dy < 0 ? { from: 0, to: height + dy, step: 1 } : { from: height - 1, to: dy - 1, step: -1 };
  for (let y = rows.from; y !== rows.to; y += rows.step) {
    work(Cycles.pixel * width);
    for (let x = columns.from; x !== columns.to; x += columns.step) {
      format.set(picture, x, y, format.get(picture, x - dx, y - dy));
    }
  }
}
