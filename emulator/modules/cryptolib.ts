/** The module cryptolib (extmod/modcryptolib.c): AES in three modes. */
import { ecb } from '@noble/ciphers/aes.js';
import { bufferOf } from '../objects/buffer.ts';
import { newBytes } from '../objects/bytes.ts';
import { checkArgCount, funVar } from '../objects/function.ts';
import { toInt } from '../vm/operators.ts';
import { raiseValueError } from '../vm/raise.ts';
import { BufferFlag, MpType } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';

/** As PEP 272 numbers them. */
enum Mode {
  Ecb = 1,
  Cbc = 2,
  Ctr = 6,
}

const BLOCK = 16;
/** Bytes of the reference's context: key schedule, counter. */
const CONTEXT_SIZE = 300;

class MpAes extends MpObj {
  /** What the key is used for; settled by the first call. */
  encrypts: boolean | undefined = undefined;
  private readonly block: { encrypt(data: Uint8Array): Uint8Array; decrypt(data: Uint8Array): Uint8Array };
  /** Counter mode: how much of the current encrypted counter is used up. */
  private used = 0;
  private keyStream: Uint8Array = new Uint8Array(BLOCK);

  constructor(
    key: Uint8Array,
    readonly mode: Mode,
    /** The vector that the next block is chained to, or the counter. */
    private vector: Uint8Array,
  ) {
    super(aesType);
    this.block = ecb(key, { disablePadding: true });
  }

  process(input: Uint8Array, encrypt: boolean): Uint8Array {
    const out = new Uint8Array(input.length);
    if (this.mode === Mode.Ctr) {
      for (let i = 0; i < input.length; i++) out[i] = input[i] ^ this.nextKeyByte();
      return out;
    }
    for (let at = 0; at < input.length; at += BLOCK) {
      const block = input.slice(at, at + BLOCK);
      if (this.mode === Mode.Ecb) out.set(encrypt ? this.block.encrypt(block) : this.block.decrypt(block), at);
      else if (encrypt) {
        this.vector = this.block.encrypt(xor(block, this.vector));
        out.set(this.vector, at);
      } else {
        out.set(xor(this.block.decrypt(block), this.vector), at);
        this.vector = block;
      }
    }
    return out;
  }

  private nextKeyByte(): number {
    if (this.used === 0) {
      this.keyStream = this.block.encrypt(this.vector);
      for (let i = BLOCK - 1; i >= 0; i--) if (++this.vector[i] !== 0) break;
    }
    const byte = this.keyStream[this.used];
    this.used = (this.used + 1) % BLOCK;
    return byte;
  }
}

const xor = (a: Uint8Array, b: Uint8Array) => a.map((byte, i) => byte ^ b[i]);

function makeNew(_type: MpType, args: readonly Value[], kw: Parameters<NonNullable<MpType['makeNew']>>[2]): Value {
  checkArgCount(args.length, kw, 2, 3, false);
  const mode = toInt(args[1]);
  if (mode !== Mode.Ecb && mode !== Mode.Cbc && mode !== Mode.Ctr) raiseValueError('mode');
  vm.heap.alloc(2 * vm.wordSize + CONTEXT_SIZE);
  const key = bufferOf(args[0], BufferFlag.Read).bytes.slice();
  if (key.length !== 16 && key.length !== 32) raiseValueError('key');
  let vector = new Uint8Array(BLOCK);
  if (args.length > 2 && args[2] !== null) {
    vector = bufferOf(args[2], BufferFlag.Read).bytes.slice();
    if (vector.length !== BLOCK) raiseValueError('IV');
  } else if (mode !== Mode.Ecb) raiseValueError('IV');
  return new MpAes(key, mode, vector);
}

function processArgs(args: readonly Value[], encrypt: boolean): Value {
  const self = args[0] as MpAes;
  const input = bufferOf(args[1], BufferFlag.Read).bytes;
  if (self.mode !== Mode.Ctr && input.length % BLOCK !== 0) raiseValueError('blksize % 16');
  const output = args.length > 2 ? bufferOf(args[2], BufferFlag.Write).bytes : undefined;
  if (output !== undefined && output.length < input.length) raiseValueError('output too small');
  self.encrypts ??= encrypt;
  if (self.encrypts !== encrypt) raiseValueError("can't encrypt & decrypt");
  const result = self.process(input, encrypt);
  if (output === undefined) return newBytes(result);
  output.set(result);
  return args[2];
}

const aesType = new MpType('aes', {
  makeNew,
  locals: () => [
    ['encrypt', funVar(2, 3, args => processArgs(args, true))],
    ['decrypt', funVar(2, 3, args => processArgs(args, false))],
  ],
});

export const cryptolibModule: ModuleDef = {
  name: 'cryptolib',
  extensible: true,
  names: () => {
    const names: [string, Value][] = [['aes', aesType]];
    if (vm.feature('cryptolibConsts')) names.push(['MODE_ECB', Mode.Ecb], ['MODE_CBC', Mode.Cbc], ['MODE_CTR', Mode.Ctr]);
    return names;
  },
};
