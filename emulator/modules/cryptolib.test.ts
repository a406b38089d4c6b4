import { describe, expect, it } from 'vitest';
import { unixProfile } from '../vm/profiles.ts';
import { outputOf } from '../vm/test-machine.ts';

/** A build that has all of it. */
const profile = {
  ...unixProfile,
  modules: [...unixProfile.modules, 'cryptolib'],
  features: new Set([...unixProfile.features, 'cryptolibConsts' as const]),
};

// The vectors are those of NIST SP 800-38A, sections F.1.1, F.2.1 and F.5.1.
const KEY = '2b7e151628aed2a6abf7158809cf4f3c';
const PLAIN = '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51';

describe('cryptolib', () => {
  it('encrypts and decrypts as the standard says, whole and in pieces', () => {
    const program = `import cryptolib
from binascii import hexlify, unhexlify
key, plain = unhexlify('${KEY}'), unhexlify('${PLAIN}')
iv = bytes(range(16))
counter = unhexlify('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')
for args in ((cryptolib.MODE_ECB,), (cryptolib.MODE_CBC, iv), (cryptolib.MODE_CTR, counter)):
    cipher = cryptolib.aes(key, *args)
    secret = cipher.encrypt(plain)
    print(hexlify(secret).decode())
    again = cryptolib.aes(key, *args)
    print(again.decrypt(secret) == plain)
    pieces = cryptolib.aes(key, *args)
    print(pieces.encrypt(plain[:16]) + pieces.encrypt(plain[16:]) == secret)
counting = cryptolib.aes(key, 6, b'\\xff' * 16)
odd = b''.join(counting.encrypt(plain[i:i + n]) for i, n in ((0, 5), (5, 14), (19, 1), (20, 12)))
print(odd == cryptolib.aes(key, 6, b'\\xff' * 16).encrypt(plain))
into = bytearray(32)
cryptolib.aes(key, 1).encrypt(plain, into)
print(hexlify(into[:4]).decode())`;
    expect(outputOf(program, profile)).toBe(`3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf
True
True
7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2
True
True
874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff
True
True
True
3ad77bb4
`);
  });

  it('refuses keys, modes and lengths that do not fit, and one object for both ways', () => {
    const program = `import cryptolib
for call in (lambda: cryptolib.aes(b'short', 1), lambda: cryptolib.aes(bytes(16), 9), lambda: cryptolib.aes(bytes(16), 2), lambda: cryptolib.aes(bytes(16), 6, bytes(8)), lambda: cryptolib.aes(bytes(16), 1).encrypt(b'abc'), lambda: cryptolib.aes(bytes(16), 1).encrypt(bytes(16), bytearray(8))):
    try:
        print(call())
    except Exception as e:
        print(repr(e))
cipher = cryptolib.aes(bytes(16), 1)
cipher.encrypt(bytes(16))
try:
    cipher.decrypt(bytes(16))
except ValueError as e:
    print(repr(e))`;
    expect(outputOf(program, profile)).toBe(`ValueError('key',)
ValueError('mode',)
ValueError('IV',)
ValueError('IV',)
ValueError('blksize % 16',)
ValueError('output too small',)
ValueError("can't encrypt & decrypt",)
`);
  });
});
