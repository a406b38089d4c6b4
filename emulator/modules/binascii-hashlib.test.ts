import { describe, expect, it } from 'vitest';
import { outputOf } from '../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('binascii', () => {
  it('converts to hexadecimal digits and base 64 and back', () => {
    const program = `import binascii
print(binascii.hexlify(b'\\x00\\x01\\xfe'), binascii.hexlify(b'abc', ':'), binascii.hexlify(b''), binascii.unhexlify('00fE'), binascii.unhexlify(b'616263'))
print(binascii.b2a_base64(b'a'), binascii.b2a_base64(b'ab'), binascii.b2a_base64(b'abc', newline=False), binascii.a2b_base64(b'YQ=='), binascii.a2b_base64('YWJj\\n'), binascii.a2b_base64(b' Y W I = '))
for call in (lambda: binascii.unhexlify('0'), lambda: binascii.unhexlify('0g'), lambda: binascii.a2b_base64(b'YQ'), lambda: binascii.hexlify(1)):
    try:
        print(call())
    except Exception as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`b'0001fe' b'61:62:63' b'' b'\\x00\\xfe' b'abc'
b'YQ==\\n' b'YWI=\\n' b'YWJj' b'a' b'abc' b'ab'
ValueError('non-hex digit',)
ValueError('non-hex digit',)
ValueError('incorrect padding',)
TypeError('object with buffer protocol required',)
`);
  });

  it('computes CRC-32', () => {
    const program = `import binascii
print(binascii.crc32(b'The quick brown fox jumps over the lazy dog'), binascii.crc32(b''), binascii.crc32(b'dog', binascii.crc32(b'The quick brown fox jumps over the lazy ')))`;
    expect(outputOf(program)).toBe(`1095738169 0 1095738169
`);
  });
});

describe('hashlib', () => {
  it('hashes what it was given in pieces', () => {
    const program = `import hashlib
h = hashlib.sha256(b'abc')
print(h.digest())
h = hashlib.sha256()
h.update(b'a' * 100)
h.update(bytearray(b'b' * 100))
print(h.digest())
try:
    h.update(b'more')
    print(h.digest() == hashlib.sha256(b'a' * 100 + b'b' * 100 + b'more').digest())
except Exception as e:
    print(repr(e))
for call in (lambda: hashlib.sha256('text').digest()[:4], lambda: hashlib.sha256(1), lambda: hashlib.sha256(b'a', b'b')):
    try:
        print(call())
    except Exception as e:
        print(repr(e))`;
    expect(
      outputOf(program),
    ).toBe(`b'\\xbax\\x16\\xbf\\x8f\\x01\\xcf\\xeaAA@\\xde]\\xae"#\\xb0\\x03a\\xa3\\x96\\x17z\\x9c\\xb4\\x10\\xffa\\xf2\\x00\\x15\\xad'
b"^\\x8f\\xceus\\x05\\xcf\\xfe7\\xbe\\x05\\x98\\x98\\xfaW-\\xc7\\xe1\\x98\\xbb\\x8c\\x8e\\xb7'\\xbb:\\xf1\\x859\\x14\\x0eC"
ValueError('hash is final',)
b'\\x98-\\x9e>'
TypeError('object with buffer protocol required',)
TypeError('function expected at most 1 arguments, got 2',)
`);
  });
});
