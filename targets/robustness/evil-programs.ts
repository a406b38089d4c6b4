/**
 * Programs that try to take more than a board has: memory, stack, time, or the host's own objects. Each must end in the guest's exception,
 * in output, or be still running when its virtual time is up.
 */
const text = String.raw;

export const evilPrograms: Readonly<Record<string, string>> = {
  // Memory
  'a huge string': text`'x' * 10**9`,
  'a huge bytes object': text`b'x' * (1 << 40)`,
  'a huge list': text`[0] * 10**9`,
  'a huge tuple': text`(0, 1) * (1 << 62)`,
  'a list as long as a word': text`[None] * (2**63 - 1)`,
  'a negative repetition': text`print('x' * -10**30, [1] * -5)`,
  'a repetition beyond words': text`'x' * 10**30`,
  'a huge bytearray': text`bytearray(1 << 40)`,
  'a bytearray beyond words': text`bytearray(1 << 80)`,
  'a huge bytes by length': text`bytes(1 << 33)`,
  'a huge array': text`import array
array.array('Q', range(10**9))`,
  'a huge memoryview slice': text`memoryview(bytearray(100))[10**18:-10**18:1]`,
  'a growing list': text`x = []
while True: x.append(x)`,
  'a doubling list': text`x = [1]
while True: x += x`,
  'a doubling string': text`x = 'ab'
while True: x += x`,
  'a doubling bytearray': text`x = bytearray(2)
while True: x.extend(x)`,
  'a growing dict': text`x = {}
i = 0
while True:
    x[i] = i
    i += 1`,
  'a growing set': text`x = set()
i = 0
while True:
    x.add(i)
    i += 1`,
  'a list from an endless iterator': text`def g():
    while True: yield 1
list(g())`,
  'a sum over an endless iterator': text`def g():
    while True: yield 1
sum(g())`,
  'a set, dict, tuple from an endless iterator': text`def g():
    i = 0
    while True:
        yield i
        i += 1
for f in (set, tuple, bytes, bytearray, sorted, min, ''.join, enumerate, lambda g: list(zip(g, g)), lambda g: list(map(abs, g))):
    try: print(type(f(g())))
    except Exception as e: print(type(e))`,
  'a list of a huge range': text`list(range(10**12))`,
  'a sum of a huge range': text`sum(range(10**10))`,
  'membership in a huge range': text`print(-1.5 in range(10**12))`,
  'all of a huge range': text`all(range(1, 10**12))`,
  'a reversed huge range': text`list(reversed(range(10**12)))`,
  'endless string building': text`s = ''
while True: s = s + 'abc' + str(len(s))`,
  'string of strings': text`s = 'a'
for i in range(60): s = s.replace('a', 'aa')`,
  'replace that multiplies': text`('a' * 10000).replace('a', 'b' * 10000)`,
  'replace of nothing': text`print(len(('a' * 1000).replace('', 'b' * 1000)))`,
  'join that multiplies': text`('x' * 10000).join(['y'] * 10000)`,
  'format width': text`'%1000000000d' % 1`,
  'format width by argument': text`'%*d' % (1 << 62, 1)`,
  'format precision': text`'%.1000000000f' % 1.5`,
  'new format width': text`'{:1000000000}'.format(1)`,
  'new format precision': text`'{:.1000000000f}'.format(1.1)`,
  'f-string width': text`w = 10**9
f'{1:{w}}'`,
  center: text`'x'.center(10**10)`,
  'expandtabs and splitlines': text`('\n' * 100000).split('\n')
('\n' * 100000).splitlines()`,
  'int to bytes': text`(1).to_bytes(10**10, 'big')`,
  'int from bytes': text`print(int.from_bytes(b'\xff' * 100000, 'big').bit_length() if hasattr(int, 'bit_length') else 1)`,
  'a deque': text`from collections import deque
deque((), 10**12)`,
  'a string buffer': text`import io
io.StringIO(10**12)`,
  'a bytes buffer': text`import io
b = io.BytesIO()
b.seek(10**12)
b.write(b'x')`,
  'a ring buffer': text`import micropython
micropython.RingIO(10**12)`,
  'a framebuffer': text`import framebuf
framebuf.FrameBuffer(bytearray(10), 10**9, 10**9, framebuf.MONO_HLSB)`,
  'framebuffer far away': text`import framebuf
f = framebuf.FrameBuffer(bytearray(8), 8, 8, framebuf.MONO_HLSB)
f.fill_rect(-2**31, -2**31, 2**31 - 1, 2**31 - 1, 1)
f.line(-2**31, -2**31, 2**31 - 1, 2**31 - 1, 1)
f.ellipse(0, 0, 2**15, 2**15, 1, True)
f.hline(0, 0, 10**9, 1)
f.scroll(10**9, -10**9)
f.text('x' * 10000, 0, 0)
print(f.pixel(10**9, 0))`,
  'a filled ellipse as large as numbers go': text`import framebuf
f = framebuf.FrameBuffer(bytearray(8), 8, 8, framebuf.MONO_HLSB)
f.ellipse(0, 0, 2**31 - 1, 2**31 - 1, 1, True)`,
  'a polygon': text`import framebuf, array
f = framebuf.FrameBuffer(bytearray(8), 8, 8, framebuf.MONO_HLSB)
f.poly(0, 0, array.array('h', [-32768, -32768, 32767, 32767, 0, 32767] * 50), 1, True)`,
  'random bits': text`import random
random.getrandbits(10**9)`,
  urandom: text`import os
os.urandom(10**10)`,
  'input with a huge prompt': text`input('x' * 10**5)`,
  'a huge struct': text`import struct
struct.calcsize('1000000000000000s')
struct.pack('99999999s', b'')`,
  'struct repetitions': text`import struct
struct.unpack('1000000000B', b'12')`,
  'a namedtuple of many': text`from collections import namedtuple
namedtuple('T', ['a%d' % i for i in range(100000)])`,
  'many arguments': text`def f(*a, **k): return len(a)
print(f(*range(100000)))`,
  'many keyword arguments': text`def f(*a, **k): return len(k)
print(f(**{'a%d' % i: i for i in range(20000)}))`,
  'many attributes': text`class C: pass
c = C()
for i in range(10**7): setattr(c, 'a%d' % i, i)`,
  'many globals': text`for i in range(10**7): globals()['a%d' % i] = i`,
  'many classes': text`while True: type('C', (), {})`,
  'many names': text`i = 0
while True:
    i += 1
    exec('a%d = 1' % i)`,
  'many threads': text`import _thread, time
def f():
    while True: time.sleep(0.001)
while True: _thread.start_new_thread(f, ())`,
  'many schedules': text`import micropython
def f(x): micropython.schedule(f, x)
f(0)
while True: pass`,
  'many open files': text`fs = []
i = 0
while True:
    fs.append(open('f%d' % i, 'w'))
    i += 1`,
  'an endless file': text`f = open('f', 'w')
while True: f.write('x' * 10000)`,
  'a sparse file': text`f = open('f', 'wb')
f.seek(1 << 40)
f.write(b'x')`,
  'endless output': text`while True: print('x' * 1000)`,
  // Recursion
  'endless recursion': text`def f(): return f()
f()`,
  'endless recursion that is caught': text`def f():
    try: return f()
    except RuntimeError: return f()
f()`,
  'recursion through a generator': text`def g(): yield from g()
list(g())`,
  'recursion through a key': text`def k(x): return sorted([1, 2], key=k)
k(1)`,
  'recursion through map': text`def f(x): return list(map(f, [x]))
f(1)`,
  'recursion through __getattr__': text`class C:
    def __getattr__(self, n): return getattr(self, n + 'x')
C().a`,
  'recursion through __getattr__ of self': text`class C:
    def __getattr__(self, n): return self.b
C().a`,
  'recursion through __eq__': text`class C:
    def __eq__(self, o): return self == o
C() == C()`,
  'recursion through __add__': text`class C:
    def __add__(self, o): return self + o
    __radd__ = __add__
C() + 1`,
  'recursion through __call__': text`class C: pass
C.__call__ = lambda self: self()
C()()`,
  'a callable of callables': text`class C: pass
c = C()
C.__call__ = c
c()`,
  'recursion through __repr__': text`class C:
    def __repr__(self): return repr(self)
print(C())`,
  'recursion through __iter__': text`class C:
    def __iter__(self): return iter(self)
list(C())`,
  'recursion through __hash__': text`class C:
    def __hash__(self): return hash(self)
{C(): 1}`,
  'recursion through __del__': text`class C:
    def __del__(self): C()
C()
import gc
for i in range(1000): gc.collect()`,
  'recursion through a property': text`class C:
    @property
    def a(self): return self.a
C().a`,
  'recursion through a descriptor': text`class D:
    def __get__(self, o, t): return o.d
    def __set__(self, o, v): o.d = v
class C: d = D()
C().d
C().d = 1`,
  'recursion through __setattr__': text`class C:
    def __setattr__(self, n, v): self.x = v
C().a = 1`,
  'recursion through exec': text`s = 'exec(s)'
exec(s)`,
  'recursion through eval': text`s = 'eval(s)'
eval(s)`,
  'recursion through import': text`import sys
sys.modules.clear()
import subject`,
  'recursion through exceptions': text`def f():
    try: raise ValueError
    finally: f()
f()`,
  'recursion through with': text`class C:
    def __enter__(self):
        with self: pass
    def __exit__(self, *a): pass
with C(): pass`,
  'recursion through isinstance': text`class M:
    pass
t = ()
for i in range(100000): t = (t, int)
isinstance(1, t)`,
  'a class of itself': text`class A: pass
try: A.__bases__ = (A,)
except Exception as e: print(type(e))
class B(A): pass
try: A.__bases__ = (B,)
except Exception as e: print(type(e))
print(issubclass(B, A))`,
  'a list in itself': text`x = []
x.append(x)
print(x)
print(x == x)
y = []
y.append(y)
print(x == y)`,
  'a dict in itself': text`x = {}
x[0] = x
print(x)
y = {0: x}
x == y`,
  'a deep list': text`x = []
for i in range(100000): x = [x]
print(x)`,
  'deep equality': text`x = []
y = []
for i in range(100000):
    x = [x]
    y = [y]
print(x == y)`,
  'deep hash': text`x = ()
for i in range(100000): x = (x,)
print(hash(x))`,
  'deep comparison': text`x = ()
y = ()
for i in range(50000):
    x = (x,)
    y = (y,)
print(x < y)`,
  'deep json': text`import json
print(json.loads('[' * 100000))`,
  'deep json objects': text`import json
json.loads('{"a":' * 100000 + '1' + '}' * 100000)`,
  'deep json out': text`import json
x = []
for i in range(50000): x = [x]
json.dumps(x)`,
  'json of itself': text`import json
x = []
x.append(x)
json.dumps(x)`,
  'json numbers': text`import json
print(json.loads('1e999999999'), json.loads('-' + '9' * 5000)) if 0 else json.loads('1' * 20000)`,
  'a chain of generators': text`def g(i):
    yield from i
x = iter([1])
for i in range(20000): x = g(x)
print(list(x))`,
  'a chain of maps': text`x = [1]
for i in range(20000): x = map(abs, x)
print(list(x))`,
  'a chain of bound methods': text`class C: pass
f = lambda *a: a
for i in range(20000):
    C.m = f
    f = C().m
f()`,
  'a chain of exceptions': text`e = None
for i in range(10000):
    try:
        raise ValueError(i) from e
    except ValueError as x: e = x
raise e`,
  'a chain of closures': text`f = lambda: 1
for i in range(20000): f = (lambda g: lambda: g())(f)
f()`,
  'a deep class': text`C = object
for i in range(5000): C = type('C', (C,), {})
C().x`,
  'a wide class': text`bases = tuple(type('B%d' % i, (), {}) for i in range(2000))
C = type('C', bases, {})
C().x`,
  'a diamond of classes': text`class A: pass
for i in range(40):
    L = type('L', (A,), {})
    R = type('R', (A,), {})
    A = type('A', (L, R), {})
try: A().nothing
except AttributeError: print('none')
print(issubclass(A, int), isinstance(A(), int))
super(A, A()).nothing`,
  'a generator that runs itself': text`def g():
    yield next(x)
x = g()
next(x)`,
  'a generator closed by itself': text`def g():
    x.close()
    yield 1
x = g()
next(x)`,
  'a generator that will not close': text`def g():
    while True:
        try: yield 1
        except GeneratorExit: pass
x = g()
next(x)
x.close()`,
  // Time in one operation
  'a huge power': text`2 ** 10**9`,
  'a power of powers': text`9 ** 9 ** 9`,
  'a growing power': text`x = 3
while True: x = x ** 3`,
  'a huge modular power': text`print(pow(3, 10**300, 10**300 + 7))`,
  'a huge shift': text`1 << 10**9`,
  'a shift beyond words': text`1 << (1 << 70)`,
  'a shift back beyond words': text`print(1 >> (1 << 70))`,
  'a negative shift': text`1 << -1`,
  'huge factors': text`x = 1
for i in range(1, 10**6): x *= i`,
  'huge division': text`x = (1 << 100000) - 1
for i in range(10000): divmod(x * x, x + 1)`,
  'a huge number to text': text`print(len(str(1 << 300000)))`,
  'a huge number from text': text`print(int('9' * 100000) % 7)`,
  'a huge float from text': text`print(float('9' * 100000), float('1e' + '9' * 1000), float('.' + '0' * 10000 + '1'))`,
  'a huge float to int': text`print(int(1e38) * int(3e38))`,
  'endless comparison': text`a = 'x' * 100000
b = 'x' * 100000
while True: a == b`,
  'endless search': text`a = 'a' * 50000
while True: a.find('a' * 20000 + 'b')`,
  'endless rsplit': text`a = 'ab' * 20000
while True: a.rsplit('b')`,
  'a sort that never agrees': text`class K:
    def __lt__(self, o): return True
x = [K() for i in range(2000)]
x.sort()
print(len(x))`,
  'a sort that changes its list': text`x = list(range(1000))
def k(i):
    x.append(i)
    return -i
try: x.sort(key=k)
except Exception as e: print(type(e))
x = list(range(1000))
def k(i):
    x.clear()
    return -i
x.sort(key=k)
print(len(x))`,
  'a sort whose comparison changes its list': text`class K:
    def __init__(self, i): self.i = i
    def __lt__(self, o):
        x.clear()
        return self.i < o.i
x = [K(i) for i in range(100)]
x.sort()
class L:
    def __lt__(self, o):
        x.append(L())
        return True
x = [L() for i in range(100)]
x.sort()`,
  'a sort with random answers': text`import random
class K:
    def __lt__(self, o): return random.getrandbits(1)
x = [K() for i in range(3000)]
x.sort()
sorted(x, reverse=True)
print(len(x))`,
  'a sort of what cannot be compared': text`[1, 'a', None, 2.5, [], {}, object()].sort()`,
  'a sort with nan': text`x = [float('nan'), 1, float('inf'), -1] * 500
x.sort()
print(len(x))`,
  'a heap of evil keys': text`import heapq
class K:
    def __lt__(self, o):
        h.clear()
        return True
h = [K() for i in range(100)]
try: heapq.heapify(h)
except Exception as e: print(type(e))
h = [K() for i in range(100)]
try: heapq.heappop(h)
except Exception as e: print(type(e))
h = [K() for i in range(100)]
heapq.heappush(h, K())`,
  'a dict that changes while iterated': text`d = {i: i for i in range(100)}
for k in d:
    d.pop(k, None)
    d[k + 1000] = 1
    if len(d) > 5000: break
for k, v in d.items(): d.clear()
d = {1: 1}
for k in d.keys(): d[len(d) + 1] = 1`,
  'a set that changes while iterated': text`s = {1, 2, 3}
for x in s:
    s.add(len(s) + 1)
    if len(s) > 3000: break
for x in s: s.clear()`,
  'a list that grows while iterated': text`x = [1]
for i in x: x.append(i)`,
  'a list that shrinks while iterated': text`x = list(range(1000))
for i in x: x.pop()
print(len(x))`,
  'an extend that changes its source': text`class I:
    def __iter__(self):
        for i in range(10):
            x.clear()
            yield i
x = [1, 2, 3]
x.extend(I())
x[1:2] = I()
print(x)`,
  'a slice that changes its list': text`class I:
    def __index__(self):
        x.clear()
        return 2
x = [1, 2, 3, 4]
try: print(x[I()])
except Exception as e: print(type(e))
try: x[I()] = 1
except Exception as e: print(type(e))
try: print(x[I():I()])
except Exception as e: print(type(e))`,
  'evil hashes': text`class H:
    def __hash__(self): return 1
    def __eq__(self, o): return False
d = {}
for i in range(3000): d[H()] = i
print(len(d))`,
  'hashes that are no numbers': text`for h in (None, 'x', 1.5, 1 << 100, -1 << 100, True, []):
    class H:
        def __hash__(self): return h
    try: print(hash(H()), len({H(): 1}), len({H()}))
    except Exception as e: print(type(e))`,
  'comparisons that change the dict': text`class H:
    def __init__(self, i): self.i = i
    def __hash__(self): return 1
    def __eq__(self, o):
        d.clear()
        d[self.i] = 1
        return False
d = {}
for i in range(50): d[H(i)] = i
print(len(d) > 0)
for i in range(50):
    d.get(H(i))
    d.pop(H(i), None)
    d.setdefault(H(i), 2)
    H(i) in d`,
  'comparisons that change the list': text`class E:
    def __eq__(self, o):
        x.clear()
        return False
x = [E() for i in range(50)]
x.count(1)
x = [E() for i in range(50)]
try: x.index(1)
except Exception as e: print(type(e))
x = [E() for i in range(50)]
try: x.remove(1)
except Exception as e: print(type(e))
x = [E() for i in range(50)]
print(1 in x)
x = [E() for i in range(50)]
print(x == [E() for i in range(50)])`,
  'truth that raises': text`class T:
    def __bool__(self): raise ValueError
    def __len__(self): return -1
    def __contains__(self, o): return 1 << 100
print(1 in T())
try: len(T())
except Exception as e: print(type(e))
not T()`,
  'lengths that lie': text`class L:
    def __init__(self, n): self.n = n
    def __len__(self): return self.n
    def __getitem__(self, i): return i
for n in (-1, 1 << 70, 'x', None, 1.5):
    try: print(len(L(n)), bool(L(n)))
    except Exception as e: print(type(e))
try: print(list(reversed(L(3))))
except Exception as e: print(type(e))
list(L(1))`,
  'indices that lie': text`class I:
    def __init__(self, n): self.n = n
    def __index__(self): return self.n
    def __int__(self): return self.n
for n in (-1, 1 << 70, 'x', None, 1.5):
    for f in (lambda i: [1, 2][i], lambda i: 'ab'[i:], lambda i: range(i), lambda i: bytearray(i), lambda i: int(i), lambda i: [1] * i, lambda i: chr(i), lambda i: hex(i)):
        try: print(f(I(n)))
        except Exception as e: print(type(e))`,
  'steps at the ends of numbers': text`for s in (slice(None, None, -2**63), slice(2**63, -2**63, 2**62), slice(-2**70, 2**70, 2**70), slice(None, None, 0)):
    for x in ('abc', b'abc', [1, 2, 3], (1, 2, 3), bytearray(3), range(3), memoryview(b'abc')):
        try: print(x[s])
        except Exception as e: print(type(e))`,
  'ranges at the ends of numbers': text`for a in ((2**62,), (0, 2**62, 2**61), (-2**63, 2**63 - 1), (0, -2**63, -2**62), (2**31,), (0, 2**31, 2**30)):
    try:
        r = range(*a)
        print(len(r), r[-1], r[0], r[1:2], 5 in r, hash(r) == hash(r))
    except Exception as e: print(type(e))`,
  // Parsers
  'deep parentheses': text`eval('(' * 10000 + ')' * 10000)`,
  'deep brackets': text`eval('[' * 10000 + ']' * 10000)`,
  'deep braces': text`eval('{1:' * 10000 + '1' + '}' * 10000)`,
  'deep unary operators': text`eval('-' * 100000 + '1')`,
  'deep nots': text`eval('not ' * 100000 + '1')`,
  'a long sum': text`print(eval('+'.join(['1'] * 20000)))`,
  'a long sum of names': text`x = 1
print(eval('+'.join(['x'] * 20000)))`,
  'deep lambdas': text`eval('lambda: ' * 10000 + '1')`,
  'deep conditionals': text`eval('1 if 1 else ' * 10000 + '1')`,
  'deep attributes': text`x = 1
eval('x' + '.real' * 20000)`,
  'deep calls': text`f = lambda: f
eval('f' + '()' * 20000)`,
  'deep blocks': text`exec(''.join(' ' * i + 'if 1:\n' for i in range(500)) + ' ' * 500 + 'pass')`,
  'deep functions': text`exec(''.join(' ' * i + 'def f():\n' for i in range(300)) + ' ' * 300 + 'pass')`,
  'deep classes': text`exec(''.join(' ' * i + 'class C:\n' for i in range(300)) + ' ' * 300 + 'pass')`,
  'deep loops': text`exec(''.join(' ' * i + 'for i in [1]:\n' for i in range(300)) + ' ' * 300 + 'print(1)')`,
  'deep handlers': text`exec(''.join(' ' * i + 'try:\n' for i in range(300)) + ' ' * 300 + 'pass\n' + ''.join(' ' * i + 'finally: pass\n' for i in range(299, -1, -1)))`,
  'deep f-strings': text`eval("f'{f\"{1}\"}'")
s = '1'
for i in range(100): s = "f'{" + s + "}'"
eval(s)`,
  'a long name': text`exec('a' * 100000 + ' = 1')`,
  'a long string': text`exec('x = "' + 'a' * 100000 + '"')`,
  'many constants folded': text`exec('x = 1 << 100 << 100 << 100\ny = 2 ** 1000 ** 2')`,
  'a huge constant': text`exec('x = 10 ** 100000')`,
  'constants that grow': text`exec('x = 1 << 1000000')`,
  'a repeated constant': text`exec('x = "a" * 1000000000')`,
  'many arguments in source': text`exec('def f(' + ','.join('a%d' % i for i in range(300)) + '): pass')`,
  'many values in source': text`exec('x = [' + ','.join('a' for i in range(70000)) + ']')`,
  'a line of nothing': text`exec('\n' * 100000 + 'x = 1')`,
  'odd bytes in source': text`exec(b'\xff\xfe\x00x = 1')
`,
  'code with a null': text`exec('x = 1\x00y = 2')`,
  'a regular expression that backtracks': text`import re
re.match('(a*)*b', 'a' * 40)`,
  'nested quantifiers': text`import re
re.match('(a|a)*b', 'a' * 60)`,
  'quantifiers on quantifiers': text`import re
re.match('a*' * 30 + 'b', 'a' * 200)`,
  'a long match': text`import re
print(re.match('(.*)', 'a' * 100000))`,
  'a deep pattern': text`import re
re.compile('(' * 5000 + 'a' + ')' * 5000)`,
  'a long pattern': text`import re
re.compile('a?' * 20000)`,
  'broken patterns': text`import re
for p in ('(', ')', '[', '[]', '[^', '*', '+', '?', 'a{2}', '\\', '(?', '(?:', '[a-', 'a**', '|', '(|)', '\\8', '[z-a]', '(*)', '{', 'x' * 1000 + '('):
    try:
        r = re.compile(p)
        print(p, r.match('aaa') is None)
    except Exception as e: print(p, type(e))`,
  'a split by nothing': text`import re
re.compile('').split('abc')`,
  'a substitution without end': text`import re
print(len(re.sub('', 'x' * 1000, 'a' * 1000)))
re.sub('a', lambda m: 'a' * 100000, 'a' * 10000)`,
  'a substitution that recurses': text`import re
def f(m): return re.sub('a', f, 'a')
re.sub('a', f, 'a')`,
  'groups that are not there': text`import re
m = re.match('(a)|(b)', 'b')
for g in (0, 1, 2, 3, -1, 1 << 70, 'x'):
    try: print(m.group(g), m.span(g) if hasattr(m, 'span') else 0)
    except Exception as e: print(type(e))
re.sub('(a)', '\\9\\g<99>', 'a')`,
  'a deflate bomb': text`import deflate, io
d = deflate.DeflateIO(io.BytesIO(b'\xed\xc1\x01\x0d\x00\x00\x00\xc2\xa0\xf7Om\x0e7\xa0' * 100), deflate.RAW, 15)
while d.read(1000): pass`,
  'a broken deflate stream': text`import deflate, io, random
for i in range(200):
    try: deflate.DeflateIO(io.BytesIO(bytes(random.getrandbits(8) for j in range(50))), i % 4, i % 16).read()
    except Exception as e: pass
print('ok')`,
  'broken base64 and hex': text`import binascii
for f in (binascii.a2b_base64, binascii.unhexlify):
    for s in (b'', b'=', b'a', b'====', b'\xff' * 100, b'ab' * 50000, 'x'):
        try: print(len(f(s)))
        except Exception as e: print(type(e))`,
  // Direct access
  'wild addresses by uctypes': text`import uctypes
for a in (0, 1, -1, 8, 0x20000000, 0xffffffff, 1 << 40, (1 << 63) - 1, 1 << 64, -1 << 70):
    for f in (lambda: uctypes.bytearray_at(a, 4)[0], lambda: uctypes.bytes_at(a, 1 << 33), lambda: uctypes.struct(a, {'x': uctypes.UINT32}).x, lambda: setattr(uctypes.struct(a, {'x': uctypes.UINT64}), 'x', 1)):
        try: print(type(f()))
        except Exception as e: print(type(e))`,
  'wild layouts by uctypes': text`import uctypes
b = bytearray(4)
for d in ({'x': uctypes.UINT32 | 1000}, {'x': (uctypes.ARRAY | 0, 1 << 20, {'y': uctypes.UINT8})}, {'x': (uctypes.PTR | 0, uctypes.UINT8)}, {'x': (uctypes.PTR, {'y': 0})}, {'x': 'y'}, {'x': ()}, {'x': (1, 2, 3, 4)}, {'x': uctypes.BFUINT8 | 0 | 7 << uctypes.BF_POS | 31 << uctypes.BF_LEN}, [], 1, None, (uctypes.ARRAY | uctypes.UINT8 | 1 << 25,)):
    for f in (lambda s: s.x, lambda s: setattr(s, 'x', 1 << 80), lambda s: s.x[5], lambda s: s.x[0].y, lambda s: uctypes.sizeof(s), lambda s: bytes(s), lambda s: s[1 << 30]):
        try: print(type(f(uctypes.struct(uctypes.addressof(b), d))))
        except Exception as e: print(type(e))`,
  'a layout in itself': text`import uctypes
d = {}
d['x'] = (0, d)
uctypes.sizeof(d)`,
  'wild memory accesses': text`import machine
for m in (machine.mem8, machine.mem16, machine.mem32):
    for a in (0x1000, 0x20000000, 0x40000001, 0x3, -1, 1 << 40, 1 << 70):
        try:
            x = m[a]
            m[a] = x
        except Exception as e: print(type(e))`,
  'memory of odd views': text`m = memoryview(bytearray(10))
for f in (lambda: m[100], lambda: m[3:1][0], lambda: m.__setitem__(slice(0, 5), b'123'), lambda: m[::2], lambda: memoryview(m)[1 << 62:], lambda: memoryview('x'), lambda: m.__setitem__(0, 1 << 100), lambda: m.__setitem__(0, 'x')):
    try: print(f())
    except Exception as e: print(type(e))
b = bytearray(10)
v = memoryview(b)
b.extend(bytes(1000))
v[9] = 1`,
  'struct into too little': text`import struct
for f in (lambda: struct.pack_into('<Q', bytearray(4), 0, 1), lambda: struct.pack_into('B', bytearray(4), -5, 1), lambda: struct.pack_into('B', bytearray(4), 1 << 70, 1), lambda: struct.unpack_from('<I', b'123', 1), lambda: struct.unpack('z', b''), lambda: struct.pack('B', 1 << 100), lambda: struct.pack('f', 'x'), lambda: struct.pack('P', -1), lambda: struct.unpack('O', bytes(8)), lambda: struct.unpack('S', bytes(8)), lambda: struct.unpack('P', b'\xff' * 8), lambda: struct.pack('O', 1)):
    try: print(f())
    except Exception as e: print(type(e))`,
  'arrays of odd types': text`import array
for t in 'bBhHiIlLqQfdPOSxz':
    try:
        a = array.array(t, [1, 2])
        a.append(3)
        print(t, a[0], a[-1], bytes(a)[:2])
        a[0] = 1 << 100
    except Exception as e: print(t, type(e))
array.array('O', b'12345678')[0].x`,
  // The language's own machinery
  'names of JavaScript': text`import sys
for n in ('__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', 'length', 'name', 'call', 'then'):
    class C: pass
    c = C()
    for o in (c, C, sys, 1, 'x', [], {}, (), len, lambda: 1, None, 1.5, ValueError(1), type):
        try: print(n, o, getattr(o, n))
        except AttributeError: pass
        except Exception as e: print(type(e))
        try: print(n, hasattr(o, n))
        except Exception as e: print(type(e))
    setattr(c, n, 1)
    print(getattr(c, n), dir(c)[-1] == n)
    delattr(c, n)
    d = {}
    d[n] = 1
    print(d, n in d, d.get(n), d.pop(n))
    def f(**k): return k
    print(f(**{n: 1}))
    print(n in globals(), n in sys.modules)
    try: print(eval(n))
    except NameError: print('no name')
    try: __import__(n)
    except ImportError: print('no module')
    exec(n + ' = 5\nprint(' + n + ')')
    try: print('{' + n + '}'.format(1))
    except Exception as e: print(type(e))
    try: print('{0.constructor}'.format(1))
    except Exception as e: print(type(e))
    try: print(f'{c}'[:2], ('%(' + n + ')s') % {n: 3})
    except Exception as e: print(type(e))`,
  'properties named so': text`from collections import namedtuple, OrderedDict
T = namedtuple('__proto__', ('constructor', '__proto__', 'toString'))
t = T(1, 2, 3)
print(t, t.constructor, t.__proto__, t.toString)
d = OrderedDict()
d['__proto__'] = 1
print(d, dict(__proto__=1, constructor=2))
class constructor:
    __proto__ = 1
    def toString(self, __proto__=3): return __proto__
print(constructor().toString(__proto__=7), constructor.__proto__)
import json
print(json.dumps({'__proto__': 1}), json.loads('{"__proto__": {"constructor": 1}}'))`,
  'module attributes named so': text`import sys, builtins
sys.__proto__ = 1 if False else None
builtins.__proto__ = 5
print(__proto__)
builtins.constructor = 6
print(constructor)`,
  'exceptions that are none': text`for e in (1, 'x', None, int, object(), [], ValueError, BaseException, type):
    try:
        raise e
    except BaseException as x: print(type(x))
    try:
        try: 1 / 0
        except e: print('caught')
    except BaseException as x: print(type(x))`,
  'exceptions with odd arguments': text`class E(Exception):
    def __init__(self): pass
    def __str__(self): raise ValueError
try: raise E()
except E as e:
    try: print(e)
    except ValueError: print('value')
    print(e.args)
raise E()`,
  'exits of odd kinds': text`raise SystemExit([1, 2, (3,)])`,
  'an exit that prints': text`class C:
    def __str__(self): raise SystemExit(C())
    __repr__ = __str__
raise SystemExit(C())`,
  'output to a broken stream': text`import sys
class W:
    def write(self, x): raise ValueError
print(1, file=sys.stdout)
print(1, file=W())`,
  'output that recurses': text`class W:
    def write(self, x): print(x, file=self)
print(1, file=W())`,
  'a stream that lies': text`import io
class S(io.IOBase):
    def __init__(self, n): self.n = n
    def readinto(self, b): return self.n
    def write(self, b): return self.n
    def ioctl(self, r, a): return self.n
for n in (-1, 0, None, 1 << 30, 1 << 70, 'x', 1.5):
    for f in (lambda s: s.read(5), lambda s: s.read(), lambda s: s.readline(), lambda s: print('xy', file=s), lambda s: s.seek(0), lambda s: __import__('json').load(s), lambda s: __import__('select').poll().register(s)):
        try: print(n, f(S(n)))
        except Exception as e: print(n, type(e))`,
  'types misused': text`for f in (lambda: type(1, 2), lambda: type('x', (1,), {}), lambda: type('x', (int, str), {}), lambda: type('x', (bool,), {})(), lambda: type('x', (type(None),), {})(), lambda: object.__new__(int), lambda: int.__new__(object), lambda: list.append(1, 2), lambda: dict.get([], 1), lambda: str.format(1), lambda: super().x, lambda: super(int, 'x').y, lambda: super(1, 2), lambda: Exception.__init__(1), lambda: type(lambda: 1)(), lambda: type(len)(), lambda: type((i for i in []))(), lambda: list.__init__(1), lambda: property()(1), lambda: staticmethod(), lambda: classmethod(1)()):
    try: print(f())
    except Exception as e: print(type(e))`,
  'natives called wrongly': text`class L(list): pass
class D(dict): pass
class I(int): pass
class E(Exception): pass
for c in (L, D, I, E):
    o = c.__new__(c)
    for n in dir(o):
        try: m = getattr(o, n)
        except Exception: continue
        for a in ((), (o,), (1, 2), (o, o, o)):
            if n in ('__class__', '__dict__'): continue
            try: m(*a)
            except BaseException as e: pass
print('ok')`,
  'everything called wrongly': text`import builtins
skip = ('input', 'exit', 'quit', 'help', 'print', 'exec', 'eval', 'execfile')
things = (None, 1, -1, 1 << 70, 1.5, 'x', b'x', [], [1], (), {}, {1}, object, len, lambda *a: 1, slice(1), range(3), Exception('x'))
for n in dir(builtins):
    if n in skip or n.startswith('__'): continue
    f = getattr(builtins, n)
    for a in things:
        for args in ((), (a,), (a, a), (a, 1, a), (1, a), ('x', a)):
            try: f(*args)
            except Exception as e: pass
print('ok')`,
  'every method called wrongly': text`things = (1, 1 << 70, 1.5, 'x', b'x', bytearray(2), [1], (1,), {1: 2}, {1}, frozenset((1,)) if 'frozenset' in dir(__builtins__ if False else object) else 1, slice(1), range(3), memoryview(b'x'), Exception('x'), (i for i in [1]), {}.keys(), open, type, object())
args = (None, -1, 1 << 70, 1.5, 'x', b'x', [], (), {}, len)
for o in things:
    for n in dir(o):
        try: m = getattr(o, n)
        except Exception: continue
        if not callable(m) or n == '__class__': continue
        for a in args:
            for x in ((), (a,), (a, a), (a, 1), (a, a, a)):
                try: m(*x)
                except Exception as e: pass
print('ok')`,
  'every module called wrongly': text`import sys
skip = {'exit', 'input', 'sleep', 'sleep_ms', 'sleep_us', 'lightsleep', 'deepsleep', 'reset', 'soft_reset', 'bootloader', 'hard_reset', 'stop', 'standby', 'wfi', 'disable_irq', 'idle', 'fault_debug', 'abort', 'heap_lock', 'repl_uart', 'main', 'delay', 'udelay', 'system', 'unlink', 'remove', 'dupterm', 'mkfs', 'kbd_intr', 'start_new_thread', 'freq'}
things = (None, -1, 3, 1 << 70, 1.5, 'x', b'xx', bytearray(4), [], [1, 2], (), {}, len, object())
for name in ('array', 'binascii', 'cmath', 'collections', 'cryptolib', 'deflate', 'errno', 'framebuf', 'gc', 'hashlib', 'heapq', 'io', 'json', 'machine', 'math', 'micropython', 'os', 'platform', 'random', 're', 'select', 'socket', 'struct', 'sys', 'time', 'uctypes', 'vfs', 'pyb', 'network', '_thread', 'termios', 'websocket', 'marshal', 'asyncio'):
    try: m = __import__(name)
    except ImportError: continue
    for n in dir(m):
        if n in skip or n.startswith('__'): continue
        f = getattr(m, n)
        if not callable(f): continue
        for a in things:
            for args in ((), (a,), (a, a), (1, a), ('x', a), (a, a, a), (bytearray(8), a), (a, 1, 2, 3)):
                try: f(*args)
                except Exception as e: pass
print('ok')`,
  'locks misused': text`import _thread
l = _thread.allocate_lock()
try: l.release()
except Exception as e: print(type(e))
l.acquire()
l.acquire()`,
  'a lock in a sort': text`import _thread
l = _thread.allocate_lock()
l.acquire()
[2, 1].sort(key=lambda x: l.acquire())`,
  'a wait for nothing': text`import time
time.sleep(10**9)`,
  'a long wait': text`import time
time.sleep_ms(1 << 62)`,
  'a poll without end': text`import select
select.poll().poll()`,
  'coroutines misused': text`import asyncio
async def f(): await f()
try: asyncio.run(f())
except RuntimeError: print('depth')
async def g():
    while True: await asyncio.sleep(0)
async def h():
    while True: asyncio.create_task(h()); await asyncio.sleep(0)
asyncio.run(h())`,
  'a gather of itself': text`import asyncio
async def f():
    t = asyncio.current_task()
    await asyncio.gather(t, t)
asyncio.run(f())`,
  'heap locked for ever': text`import micropython
micropython.heap_lock()
x = [1, 2, 3]
print(x)`,
  'a collection without end': text`import gc
while True: gc.collect()`,
  thresholds: text`import gc
for t in (0, 1, -1, 1 << 40):
    gc.threshold(t)
    x = [[] for i in range(1000)]
print(gc.threshold())`,
  'opt levels': text`import micropython
for l in (0, 3, 100, -1, 1 << 62):
    micropython.opt_level(l)
    exec('assert 1\nprint(1)')`,
  'paths of odd kinds': text`import os
for p in ('', '.', '..', '/', '//', '/..', '../../../../etc/passwd', '/etc/passwd', 'a\x00b', '\x00', 'x' * 10000, '/x/' * 1000, b'x', 1, None, '\ud800' if False else '~', '/proc/self/environ', '/dev/zero', 'file:///etc/passwd', 'C:\\'):
    for f in (open, os.stat, os.listdir, os.mkdir, os.rmdir, os.remove, os.chdir, lambda p: os.rename(p, p), lambda p: __import__(p), os.ilistdir, lambda p: open(p, 'w'), os.statvfs):
        try: print(type(f(p)))
        except Exception as e: print(type(e))`,
  'a full disk': text`i = 0
while True:
    with open('f%d' % i, 'w') as f:
        for j in range(100): f.write('x' * 10000)
    i += 1`,
  'deep folders': text`import os
while True:
    os.mkdir('d')
    os.chdir('d')`,
  'mounts without end': text`import os
class F:
    def mount(self, r, m): pass
    def umount(self): pass
    def chdir(self, p): pass
    def stat(self, p): raise SystemExit
    def open(self, p, m): return self
try:
    import vfs
except ImportError: vfs = os
i = 0
while True:
    vfs.mount(F(), '/m%d' % i)
    i += 1`,
  'a mount of itself': text`try:
    import vfs
except ImportError:
    import os as vfs
class F:
    def mount(self, r, m): vfs.mount(self, '/x')
    def umount(self): vfs.umount(self)
vfs.mount(F(), '/y')`,
};
