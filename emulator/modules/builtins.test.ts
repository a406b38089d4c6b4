import { describe, expect, it } from 'vitest';
import { pyboardProfile, webassemblyProfile } from '../vm/profiles.ts';
import { outputOf, testMachine } from '../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('built-in functions', () => {
  it('round halves to even, and integers to powers of ten', () => {
    expect(
      outputOf('print(round(0.5), round(1.5), round(-2.5), round(2.675, 2), round(1250, -2), round(1350, -2), round(-1250, -2), round(7))'),
    ).toBe('0 2 -2 2.68 1200 1400 -1200 7\n');
  });

  it('say what they were given wrongly', () => {
    const program = `
def show(f, *args, **kw):
    try:
        print(f(*args, **kw))
    except Exception as e:
        print(repr(e))
show(ord, 'ab')
show(ord, 1)
show(chr, -1)
show(len, 1)
show(max, [])
show(max, [], default=3)
show(sorted, [1], 2)
show(isinstance, 1, 2)
show(issubclass, 1, int)
show(getattr, 1, 2)
show(compile, '1', 'f', 'x')
show(pow, 2, 3, 0)
show(next, iter([]))
show(exec, '1', 1)
show(print, file=1)
show(abs, 'a')
show(int, 1, 2, 3)
show(bin, 'a')`;
    expect(outputOf(program)).toBe(
      `TypeError('ord() expected a character, but string of length 2 found',)
TypeError("can't convert 'int' object to str implicitly",)
ValueError('chr() arg not in range(0x110000)',)
TypeError("object of type 'int' has no len()",)
ValueError('arg is an empty sequence',)
3
TypeError('must use keyword argument for key function',)
TypeError('issubclass() arg 2 must be a class or a tuple of classes',)
TypeError('issubclass() arg 1 must be a class',)
TypeError("can't convert 'int' object to str implicitly",)
ValueError('bad compile mode',)
ValueError('divide by zero',)
StopIteration()
TypeError()
OSError('stream operation not supported',)
TypeError("unsupported type for __abs__: 'str'",)
TypeError('function expected at most 2 arguments, got 3',)
ValueError("unknown format code 'b' for object of type 'str'",)
`,
    );
  });

  it('list the names of an object: static ones, those of the firmware by the alphabet, then the guest’s in order of appearance', () => {
    const program = `
class A:
    def zeta(self):
        self.yankee = 1
        self.alpha1 = 2
    xray7 = 5
a = A()
a.zeta()
setattr(a, 'dyn' + '3', 1)
print(dir(a))
print(dir([]))
print(dir(slice(1)))`;
    expect(outputOf(program.replace('print(dir(slice(1)))', ''))).toBe(
      "['__class__', '__module__', '__qualname__', '__dict__', 'zeta', 'yankee', 'alpha1', 'xray7', 'dyn3']\n['__class__', 'append', 'clear', 'copy', 'count', 'extend', 'index', 'insert', 'pop', 'remove', 'reverse', 'sort']\n",
    );
  });

  it('ask __getattr__ for every name when dir() goes through them', () => {
    expect(
      outputOf(
        "class A:\n    def __getattr__(self, name):\n        return 1\nnames = dir(A())\nprint('append' in names, len(names) > 500)",
      ),
    ).toBe('True True\n');
  });

  it('leave the namespace of a class in force when its body raises', () => {
    const program = `
try:
    class A:
        x = 1
        1 / 0
except ZeroDivisionError:
    pass
print('x' in locals(), 'x' in globals())`;
    expect(outputOf(program)).toBe('True False\n');
  });

  it('print pieces of nested prints in order, also when one of them raises', () => {
    const program = `
class A:
    def __repr__(self):
        print('inner')
        return 'A'
class B:
    def __repr__(self):
        raise ValueError('no')
print(1, A(), [A()], sep='|', end='.')
try:
    print('before', B(), 'after')
except ValueError as e:
    print(e)`;
    expect(outputOf(program)).toBe('1|inner\nA|[inner\nA].before no\n');
  });
});

describe('modules', () => {
  it('are what the profile names: threads on Unix, pyb on no build without hardware of it', () => {
    const program = `
import sys
for name in ('micropython', 'usys', 'ugc', 'uerrno', 'uos', 'nothing'):
    try:
        print(__import__(name))
    except ImportError as e:
        print(e)`;
    expect(outputOf(program)).toBe(
      "<module 'micropython'>\n<module 'sys'>\nno module named 'ugc'\n<module 'errno'>\n<module 'os'>\nno module named 'nothing'\n",
    );
  });

  it('identify the build', () => {
    const program = 'import sys\nprint(sys.implementation, sys.version, sys.platform, sys.maxsize, sys.version_info)';
    expect(outputOf(program, pyboardProfile)).toBe(
      "(name='micropython', version=(1, 27, 0, ''), _machine='PYBv1.1 with STM32F405RG', _mpy=7942, _build='PYBV11') 3.4.0; MicroPython v1.27.0 on 2025-12-09 pyboard 2147483647 (3, 4, 0)\n",
    );
    expect(outputOf(program, webassemblyProfile)).toBe(
      "(name='micropython', version=(1, 27, 0, ''), _machine='JS with Emscripten', _mpy=774, _build='pyscript') 3.4.0; MicroPython v1.27.0 on 2025-12-10 webassembly 2147483647 (3, 4, 0)\n",
    );
  });

  it('let the guest set sys.ps1 and sys.path, and no other attribute of sys', () => {
    const program = `
import sys
sys.ps1 = 'PYB: '
print(sys.ps1)
del sys.ps1
try:
    sys.ps1
except AttributeError as e:
    print(e)
try:
    sys.platform = 'x'
except AttributeError as e:
    print(e)`;
    expect(outputOf(program)).toBe("PYB: \nmodule 'sys' has no attribute 'ps1'\n'module' object has no attribute 'platform'\n");
  });

  it('keep what a program put into builtins apart for each machine', () => {
    const machine = testMachine();
    expect(machine.run("import builtins\nbuiltins.len = lambda x: 'mine'\nprint(len([]))")).toBe('mine\n');
    expect(outputOf('print(len([]))')).toBe('0\n');
  });
});
