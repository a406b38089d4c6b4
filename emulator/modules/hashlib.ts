/** The module hashlib (extmod/modhashlib.c): which algorithms there are depends on the build. */
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bufferOf } from '../objects/buffer.ts';
import { newBytes } from '../objects/bytes.ts';
import { checkArgCount, fun1, fun2 } from '../objects/function.ts';
import { raiseValueError } from '../vm/raise.ts';
import { BufferFlag, type Locals, MpType } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';

interface RunningHash {
  update(data: Uint8Array): unknown;
  digest(): Uint8Array;
}

class MpHash extends MpObj {
  /** After digest() the object is of no more use. */
  final = false;
  constructor(
    type: MpType,
    readonly hash: RunningHash,
  ) {
    super(type);
  }
  open(): RunningHash {
    if (this.final) raiseValueError('hash is final');
    return this.hash;
  }
}

function update(self: MpHash, data: Value): null {
  const hash = self.open();
  // A copy: the hash keeps what does not fill a block.
  hash.update(bufferOf(data, BufferFlag.Read).bytes.slice());
  return null;
}

/** @param stateSize bytes of the reference's state */
function hashType(name: string, create: () => RunningHash, stateSize: number): MpType {
  return new MpType(name, {
    makeNew(type, args, kw) {
      checkArgCount(args.length, kw, 0, 1, false);
      vm.heap.alloc(2 * vm.wordSize + stateSize);
      const self = new MpHash(type, create());
      if (args.length === 1) update(self, args[0]);
      return self;
    },
    locals: () => [
      ['update', fun2((self, data) => update(self as MpHash, data))],
      [
        'digest',
        fun1(value => {
          const self = value as MpHash;
          const hash = self.open();
          self.final = true;
          return newBytes(hash.digest());
        }),
      ],
    ],
  });
}

const sha256Type = hashType('sha256', () => sha256.create(), 112);
const sha1Type = hashType('sha1', () => sha1.create(), 92);
const md5Type = hashType('md5', () => md5.create(), 88);

export const hashlibModule: ModuleDef = {
  name: 'hashlib',
  extensible: true,
  names: () => {
    const names: [string, Value][] = [['sha256', sha256Type]];
    if (vm.feature('hashlibSha1')) names.push(['sha1', sha1Type]);
    if (vm.feature('hashlibMd5')) names.push(['md5', md5Type]);
    return names satisfies Locals;
  },
};
