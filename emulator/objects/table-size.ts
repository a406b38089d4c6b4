/** The sizes of hash tables (py/map.c). */

const ALLOCATION_SIZES = [
  0, 2, 4, 6, 8, 10, 12, 17, 23, 29, 37, 47, 59, 73, 97, 127, 167, 223, 293, 389, 521, 691, 919, 1223, 1627, 2161, 3229, 4831, 7243, 10861,
  16273, 24407, 36607, 54907,
];

/** The table size the reference picks for at least `n` entries. */
export function hashAllocation(n: number): number {
  for (const size of ALLOCATION_SIZES) if (size >= n) return size;
  return (n + (n >> 1)) | 1;
}

/** Below this size a scan beats an index. */
export const INDEX_FROM = 9;
