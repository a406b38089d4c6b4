/**
 * Where the bytes of a file lie in its skip-list. Block n begins with as many pointers as n can be divided by two, and one
 * more; both versions of littlefs count alike.
 *
 * Source: littlefs's SPEC.md, "CTZ skip-lists".
 */

function onesIn(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}

export const trailingZeros = (value: number): number => 31 - Math.clz32(value & -value);

/** The index of the block that holds byte `position`. */
export function blockIndex(blockSize: number, position: number): number {
  const usable = blockSize - 8;
  const index = Math.floor(position / usable);
  if (index === 0) return 0;
  return Math.floor((position - 4 * (onesIn(index - 1) + 2)) / usable);
}

/** Where in its block byte `position` lies. */
export function blockOffset(blockSize: number, position: number): number {
  const index = blockIndex(blockSize, position);
  return index === 0 ? position : position - (blockSize - 8) * index - 4 * onesIn(index);
}

/** How many links to follow at once from block `current`, to get nearer to block `target`, as a power of two. */
export function skipLevel(current: number, target: number): number {
  return Math.min(31 - Math.clz32(current - target), trailingZeros(current));
}
