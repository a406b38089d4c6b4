import { describe, expect, it } from 'vitest';
import { pyboardProfile } from '../vm/profiles.ts';
import { outputOf, testMachine } from '../vm/test-machine.ts';

describe('_thread', () => {
  it('runs functions, closures, bound methods and built-in functions beside the main program', () => {
    const program = `
import _thread, time
log = []
class C:
    def method(self, a, *, b):
        log.append(('method', a, b))
def outer(x):
    def inner(y):
        log.append(('closure', x, y))
    return inner
_thread.start_new_thread(lambda *a: log.append(a), (1, 2))
_thread.start_new_thread(C().method, (3,), {'b': 4})
_thread.start_new_thread(outer(5), (6,))
_thread.start_new_thread(log.append, ('native',))
log.append('main')
time.sleep_ms(1)
print(log)`;
    expect(outputOf(program)).toBe("['main', (1, 2), ('method', 3, 4), ('closure', 5, 6), 'native']\n");
  });

  it('switches between threads that never wait', () => {
    const program = `
import _thread
turns = []
stop = False
def count(name):
    while not stop:
        if not turns or turns[-1] != name: turns.append(name)
for name in 'ab': _thread.start_new_thread(count, (name,))
while len(turns) < 6:
    if not turns or turns[-1] != 'main': turns.append('main')
stop = True
print(turns[:6])`;
    expect(outputOf(program)).toBe("['main', 'a', 'main', 'b', 'main', 'a']\n");
  });

  it('lets each thread sleep for its own time, in virtual time', () => {
    const program = `
import _thread, time
start = time.ticks_ms()
def sleeper(ms):
    for _ in range(3):
        time.sleep_ms(ms)
        print(ms, time.ticks_ms() - start)
_thread.start_new_thread(sleeper, (200,))
_thread.start_new_thread(sleeper, (350,))
time.sleep(2)
print('main', time.ticks_ms() - start)`;
    expect(outputOf(program)).toBe('200 200\n350 350\n200 400\n200 600\n350 700\n350 1050\nmain 2000\n');
  });

  it('makes a thread wait for a lock until its holder gives it back', () => {
    const program = `
import _thread, time
lock = _thread.allocate_lock()
def worker(n):
    with lock:
        print('in', n)
        time.sleep_ms(10)
        print('out', n)
for n in range(3): _thread.start_new_thread(worker, (n,))
time.sleep_ms(5)
print(lock.locked(), lock.acquire(False), lock.acquire(0))
lock.acquire()
print('main has it', lock.locked())
lock.release()
time.sleep_ms(100)
try:
    lock.release()
except RuntimeError as e:
    print(repr(e), lock.locked())`;
    const output = outputOf(program);
    expect(
      output
        .replace('True False False\n', '')
        .replace(/main has it True\n/, '')
        .replaceAll(/in (\d)\nout \1\n/g, 'one after another\n'),
    ).toBe(`${'one after another\n'.repeat(3)}RuntimeError() False\n`);
    expect(output).toContain('True False False\n');
  });

  it('reports an exception that ends a thread on the standard error stream, and is silent about SystemExit', () => {
    const program = `
import _thread, time
def fails(): return 1 // 0
def leaves(): _thread.exit()
_thread.start_new_thread(fails, ())
_thread.start_new_thread(leaves, ())
_thread.start_new_thread(fails, (1,))
time.sleep_ms(1)
print('goes on')`;
    const machine = testMachine();
    expect(machine.run(program)).toBe('goes on\n');
    expect(machine.errors.replaceAll(/0x[0-9a-f]+/g, '0x0')).toBe(`Unhandled exception in thread started by <function fails at 0x0>
Traceback (most recent call last):
  File "test.py", line 3, in fails
ZeroDivisionError: divide by zero
Unhandled exception in thread started by <function fails at 0x0>
TypeError: fails() takes 0 positional arguments but 1 were given
`);
  });

  it('has a stack of its own for each thread, and an identity', () => {
    const program = `
import _thread, time
def deep(n):
    try: return deep(n + 1)
    except RuntimeError: return n
depths = {}
def measure(name):
    depths[name] = deep(0), _thread.get_ident()
print(_thread.stack_size(), _thread.stack_size(65536 * 4), _thread.stack_size(), _thread.stack_size())
ident = _thread.start_new_thread(measure, ('small',))
time.sleep_ms(50)
_thread.stack_size(65536 * 4)
_thread.start_new_thread(measure, ('large',))
time.sleep_ms(50)
print(depths['large'][0] > 3 * depths['small'][0] > 100, depths['small'][1] == ident, ident != _thread.get_ident())`;
    expect(outputOf(program)).toBe('0 0 262144 0\nTrue True True\n');
  });

  it('keeps what a waiting thread holds when memory is collected', () => {
    const program = `
import _thread, time, gc
def keeper():
    data = bytearray(range(256))
    time.sleep_ms(10)
    print(list(data) == list(range(256)))
_thread.start_new_thread(keeper, ())
time.sleep_ms(1)
base = gc.mem_alloc()
gc.collect()
held = base - gc.mem_alloc()
for i in range(2000): bytearray(10000)
time.sleep_ms(20)`;
    expect(outputOf(program)).toBe('True\n');
  });

  it('ends a thread in an error that waits inside a native function for one that cannot go on', () => {
    const program = `
import _thread, time
lock = _thread.allocate_lock()
lock.acquire()
def key(n):
    lock.acquire()
    return n
def sorts():
    try:
        sorted([1, 2], key=key)
    except RuntimeError as e:
        print(e)
_thread.start_new_thread(sorts, ())
time.sleep_ms(1)
print('goes on')`;
    expect(outputOf(program)).toBe('a thread inside a native function waits for one that cannot go on before it\ngoes on\n');
  });

  it('lets two threads talk over a socket', () => {
    const program = `
import _thread, socket, time
address = socket.getaddrinfo('127.0.0.1', 4000)[0][-1]
def serve(server):
    connection, _ = server.accept()
    while True:
        data = connection.recv(64)
        if not data: break
        connection.send(data.upper())
    connection.close()
    print('served')
server = socket.socket()
server.bind(address)
server.listen(1)
_thread.start_new_thread(serve, (server,))
client = socket.socket()
client.connect(address)
for word in (b'abc', b'def'):
    client.send(word)
    print(client.recv(64))
client.close()
time.sleep_ms(1)`;
    expect(outputOf(program)).toBe("b'ABC'\nb'DEF'\nserved\n");
  });

  it('is not on a pyboard', () => {
    expect(outputOf('import _thread', pyboardProfile)).toContain("ImportError: no module named '_thread'");
  });
});
