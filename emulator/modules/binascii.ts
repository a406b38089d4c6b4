/** The module binascii (extmod/modbinascii.c). */
import { bufferOf } from '../objects/buffer.ts';
import { newBytes } from '../objects/bytes.ts';
import { hexSeparator, hexText, parseHex } from '../objects/bytes-hex.ts';
import { fun1, funKw, funVar, parseArgs } from '../objects/function.ts';
import { newInt, toIntTruncated } from '../objects/int.ts';
import { encodeUtf8 } from '../objects/utf8.ts';
import { raiseValueError } from '../vm/raise.ts';
import { BufferFlag } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { crc32Register } from './deflate/checksum.ts';
import type { ModuleDef } from './module-def.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = '='.charCodeAt(0);
const NEWLINE = 0x0a;
const codes = Uint8Array.from(ALPHABET, c => c.charCodeAt(0));
const values = new Map(Array.from(codes, (code, value) => [code, value]));

/** Skips whatever is not in the alphabet; padding ends the data where it can. */
function decodeBase64(value: Value): Value {
  const { bytes } = bufferOf(value, BufferFlag.Read);
  const out: number[] = [];
  let bits = 0;
  let bitCount = 0;
  let padded = false;
  for (const byte of bytes) {
    if (byte === PAD) {
      if (bitCount === 2 || (bitCount === 4 && padded)) {
        bitCount = 0;
        break;
      }
      padded = true;
    }
    const sextet = values.get(byte);
    if (sextet === undefined) continue;
    padded = false;
    bits = ((bits << 6) | sextet) & 0xffff;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      out.push((bits >> bitCount) & 0xff);
    }
  }
  if (bitCount !== 0) raiseValueError('incorrect padding');
  return newBytes(Uint8Array.from(out));
}

function encodeBase64(args: readonly Value[], kw: KwArgs): Value {
  const [newline] = parseArgs([{ name: 'newline', as: 'bool', default: true }], args.slice(1), kw);
  const { bytes } = bufferOf(args[0], BufferFlag.Read);
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4 + (newline ? 1 : 0)).fill(PAD);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const have = Math.min(3, bytes.length - i);
    const bits = (bytes[i] << 16) | ((have > 1 ? bytes[i + 1] : 0) << 8) | (have > 2 ? bytes[i + 2] : 0);
    for (let k = 0; k <= have; k++) out[at + k] = codes[(bits >> (18 - 6 * k)) & 0x3f];
    at += 4;
  }
  if (newline) out[at] = NEWLINE;
  return newBytes(out);
}

function crc32(args: readonly Value[]): Value {
  const { bytes } = bufferOf(args[0], BufferFlag.Read);
  const before = args.length > 1 ? Number(BigInt.asUintN(32, BigInt(toIntTruncated(args[1])))) : 0;
  return newInt(~crc32Register(bytes, ~before >>> 0) >>> 0);
}

export const binasciiModule: ModuleDef = {
  name: 'binascii',
  extensible: true,
  names: () => [
    ['hexlify', funVar(1, 2, args => newBytes(encodeUtf8(hexText(bufferOf(args[0], BufferFlag.Read).bytes, hexSeparator(args)))))],
    ['unhexlify', fun1(text => newBytes(parseHex(bufferOf(text, BufferFlag.Read).bytes).slice()))],
    ['a2b_base64', fun1(decodeBase64)],
    ['b2a_base64', funKw(1, encodeBase64)],
    ['crc32', funVar(1, 2, crc32)],
  ],
};
