import { describe, expect, it } from 'vitest';
import { outputOf } from '../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('time', () => {
  it('converts between seconds and dates', () => {
    const program = `import time
for t in (0, 1, 86399, 951782400, 951868800, 1709164800, 1735689599, 4102444800, 2**31):
    print(t, time.gmtime(t), time.mktime(time.gmtime(t)))
print(time.mktime((2024, 14, 35, 25, 61, 61, 0, 0)), time.mktime((2024, 1, 0, 0, 0, 0, 0, 0)), time.mktime((2023, 2, 29, -1, -1, -1, 0, 0)))
for call in (lambda: time.mktime((2024, 1)), lambda: time.mktime(5), lambda: time.gmtime('a')):
    try:
        print(call())
    except Exception as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`0 (1970, 1, 1, 0, 0, 0, 3, 1, 0) 0
1 (1970, 1, 1, 0, 0, 1, 3, 1, 0) 1
86399 (1970, 1, 1, 23, 59, 59, 3, 1, 0) 86399
951782400 (2000, 2, 29, 0, 0, 0, 1, 60, 0) 951782400
951868800 (2000, 3, 1, 0, 0, 0, 2, 61, 0) 951868800
1709164800 (2024, 2, 29, 0, 0, 0, 3, 60, 0) 1709164800
1735689599 (2024, 12, 31, 23, 59, 59, 1, 366, 0) 1735689599
4102444800 (2100, 1, 1, 0, 0, 0, 4, 1, 0) 4102444800
2147483648 (2038, 1, 19, 3, 14, 8, 1, 19, 0) 2147483648
1741399321 1703980800 1677625139
TypeError('mktime needs a tuple of length 8 or 9',)
TypeError("object 'int' isn't a tuple or list",)
TypeError("can't convert str to float",)
`);
  });

  it('counts ticks round a circle', () => {
    const program = `import time
half = 1 << 61
print(time.ticks_diff(5, 3), time.ticks_diff(3, 5), time.ticks_add(3, -5) == 2 * half - 2, time.ticks_diff(time.ticks_add(3, -5), 3), time.ticks_diff(0, half))
for call in (lambda: time.ticks_add(0, half), lambda: time.ticks_add(0, -half)):
    try:
        print(call())
    except Exception as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`2 -2 True -5 -2305843009213693952
OverflowError('ticks interval overflow',)
OverflowError('ticks interval overflow',)
`);
  });

  it('refuses to sleep for less than nothing', () => {
    const program = `import time
for call in (lambda: time.sleep(-1), lambda: time.sleep_ms(-1), lambda: time.sleep_us(-1), lambda: time.sleep('a')):
    try:
        print(call())
    except Exception as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`OSError(22,)
None
None
TypeError("can't convert str to float",)
`);
  });
});

describe('select', () => {
  it('asks streams written in Python what they are ready for', () => {
    const program = `import select, io
class S(io.IOBase):
    ready = 0
    def ioctl(self, request, arg):
        if request == 3:
            return self.ready & (arg | 4 | 8)
        return -1
a, b = S(), S()
p = select.poll()
p.register(a)
p.register(b, select.POLLIN)
print(p.poll(0), p.poll(1))
a.ready = 5
b.ready = 16
print([(s is a, e) for s, e in p.poll()], [(s is a, e) for s, e in p.ipoll(0)])
b.ready = 1 | 8
p.modify(a, 1)
print(sorted([(s is a, e) for s, e in p.poll(5)]))
print(sum(e for s, e in p.ipoll(0, 1)))
print(sorted(e for s, e in p.poll(0)))
p.unregister(a)
p.unregister(a)
for call in (lambda: p.modify(a, 1), lambda: p.register(1.5), lambda: p.register('x'), lambda: select.poll(1)):
    try:
        print(call())
    except Exception as e:
        print(repr(e))
print(select.POLLIN, select.POLLOUT, select.POLLERR, select.POLLHUP)`;
    expect(outputOf(program)).toBe(`[] []
[(True, 5)] [(True, 5)]
[(False, 9), (True, 5)]
14
[4, 8]
OSError(2,)
OSError('stream operation not supported',)
OSError('stream operation not supported',)
TypeError('function takes 0 positional arguments but 1 were given',)
1 4 8 16
`);
  });
});
