/** The checksums of zlib (Adler-32, RFC 1950) and gzip (CRC-32, RFC 1952), both computed piece by piece. */

const ADLER_MODULUS = 65521;
/** As many bytes can be summed before the sums leave 32 bits (RFC 1950, section 9). */
const ADLER_RUN = 5552;

/** @param sum what the bytes before gave; 1 at the beginning */
export function adler32(data: Uint8Array, sum: number): number {
  let low = sum & 0xffff;
  let high = sum >>> 16;
  for (let i = 0; i < data.length; ) {
    const runEnd = Math.min(i + ADLER_RUN, data.length);
    for (; i < runEnd; i++) {
      low += data[i];
      high += low;
    }
    low %= ADLER_MODULUS;
    high %= ADLER_MODULUS;
  }
  return ((high << 16) | low) >>> 0;
}

const CRC_POLYNOMIAL = 0xedb88320;
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ CRC_POLYNOMIAL : crc >>> 1;
  return crc;
});

/** The register after `data`, without the inversion at the end. @param register 0xffffffff at the beginning */
export function crc32Register(data: Uint8Array, register: number): number {
  let crc = register;
  for (let i = 0; i < data.length; i++) crc = crcTable[(crc ^ data[i]) & 0xff] ^ (crc >>> 8);
  return crc >>> 0;
}
