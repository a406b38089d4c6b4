import { describe, expect, it } from 'vitest';
import { outputOf } from '../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('io.StringIO and io.BytesIO', () => {
  it('read, write and seek', () => {
    const program = `import io
s = io.StringIO('line one\\nline two\\nend')
print(s.readline(), s.read(4), s.read(), s.tell() if hasattr(s, 'tell') else s.seek(0, 1))
print(s.seek(2), s.write('XY'), s.getvalue(), s.seek(-3, 2), s.read(), s.seek(0), list(s))
b = io.BytesIO(b'abc')
print(b.read(2), b.seek(10), b.write(b'z'), b.getvalue(), b.seek(0), b.readinto(bytearray(4)), b.read())
print(io.BytesIO().getvalue(), io.StringIO().read(5), io.BytesIO(10).getvalue(), io.StringIO('aéb').read(2))
with io.BytesIO(b'q') as f:
    print(f.read())
for call in (lambda: f.read(), lambda: s.write(b'a'), lambda: io.BytesIO().write('a'), lambda: s.seek(0, 5), lambda: s.readinto(5), lambda: io.StringIO(5).read(), lambda: s.seek(-100), lambda: s.read(-1), lambda: s.readline(3)):
    try:
        print(call())
    except Exception as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`line one
 line  two
end 21
2 2 liXY one
line two
end 18 end 0 ['liXY one\\n', 'line two\\n', 'end']
b'ab' 10 1 b'abc\\x00\\x00\\x00\\x00\\x00\\x00\\x00z' 0 4 b'\\x00\\x00\\x00\\x00\\x00\\x00z'
b''  b'' aé
b'q'
ValueError('I/O operation on closed file',)
1
1
0
TypeError('object with buffer protocol required',)

OSError(22,)
liXY one
line two
enda

`);
  });

  it('copy a constant only when it is written to', () => {
    const program = `import io
data = b'const'
b = io.BytesIO(data)
b.write(b'C')
print(data, b.getvalue())
a = bytearray(b'array')
b = io.BytesIO(a)
b.write(b'A')
print(a, b.getvalue())`;
    expect(outputOf(program)).toBe(`b'const' b'Const'
bytearray(b'array') b'Array'
`);
  });
});

describe('streams written in Python', () => {
  it('serve print, readline and json by their readinto and write', () => {
    const program = `import io, json, sys
class S(io.IOBase):
    def __init__(self, data=b''):
        self.data, self.out = data, b''
    def readinto(self, buf):
        n = min(len(buf), len(self.data), 3)
        buf[:n] = self.data[:n]
        self.data = self.data[n:]
        return n
    def write(self, buf):
        self.out += bytes(buf)
        return len(buf)
    def ioctl(self, request, arg):
        print('ioctl', request)
        return 0
s = S(b'{"a": [1, 2]}')
print(json.load(s))
print('to', 'it', 5, file=s, end='!')
json.dump([1], s)
print(s.out)
class Blocked(io.IOBase):
    def readinto(self, buf): return None
    def write(self, buf): return None
class Fails(io.IOBase):
    def readinto(self, buf): return -5
    def write(self, buf): return -28
for stream in (Blocked(), Fails()):
    for call in (lambda: json.load(stream), lambda: print('x', file=stream)):
        try:
            print(call())
        except Exception as e:
            print(repr(e))`;
    expect(outputOf(program)).toBe(`{'a': [1, 2]}
b'to it 5![1]'
OSError(11,)
None
OSError(5,)
OSError(28,)
`);
  });

  it('collect what is written in a BufferedWriter', () => {
    const program = `import io
class S(io.IOBase):
    def write(self, buf):
        print('write', bytes(buf))
        return len(buf)
if hasattr(io, 'BufferedWriter'):
    b = io.BufferedWriter(S(), 4)
    print(b.write(b'ab'), b.write(b'cdefghi'), b.flush())`;
    expect(outputOf(program)).toBe(``);
  });
});
