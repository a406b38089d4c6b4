/** The module cryptolib (extmod/modcryptolib.c): AES in three modes. */
import { cbc, ctr, ecb } from '@noble/ciphers/aes.js';
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
const WHOLE_BLOCKS = { disablePadding: true };
/** Bytes of the reference's context: key schedule, counter. */
const CONTEXT_SIZE = 300;

class MpAes extends MpObj {
  /** What the key is used for; settled by the first call. */
  encrypts: boolean | undefined = undefined;
  /** Counter mode: how much of the current encrypted counter is used up. */
  private used = 0;

  constructor(
    private readonly key: Uint8Array,
    readonly mode: Mode,
    /** The vector that the next block is chained to, or the counter. */
    private vector: Uint8Array,
  ) {
    super(aesType);
  }

  process(input: Uint8Array, encrypt: boolean): Uint8Array {
    if (input.length === 0) return input.slice();
    if (this.mode === Mode.Ctr) return this.count(input);
    const chained = this.mode === Mode.Cbc;
    const cipher = chained ? cbc(this.key, this.vector.slice(), WHOLE_BLOCKS) : ecb(this.key, WHOLE_BLOCKS);
    const out = encrypt ? cipher.encrypt(input) : cipher.decrypt(input);
    if (chained) this.vector = (encrypt ? out : input).slice(-BLOCK);
    return out;
  }

  /** Both ways are the same: the data are combined with the encrypted counter, from where the last call has left off. */
  private count(input: Uint8Array): Uint8Array {
    const { used } = this;
    const padded = new Uint8Array(used + input.length);
    padded.set(input, used);
    const out = ctr(this.key, this.vector.slice()).encrypt(padded).subarray(used);
    this.used = padded.length % BLOCK;
    for (let blocks = Math.floor(padded.length / BLOCK); blocks > 0; blocks--) {
      let i = BLOCK;
      do this.vector[--i]++;
      while (i > 0 && this.vector[i] === 0);
    }
    return out;
  }
}

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
