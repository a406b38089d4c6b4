import { describe, expect, it } from 'vitest';
import { outputOf } from '../../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('asyncio', () => {
  it('runs tasks side by side, by the time', () => {
    const program = `import asyncio, time
async def worker(name, delay, n):
    for i in range(n):
        await asyncio.sleep_ms(delay)
        print(name, i)
    return name
async def main():
    tasks = [asyncio.create_task(worker(*a)) for a in (('a', 20, 2), ('b', 30, 2))]
    print(await tasks[0], await tasks[1])
    print(await asyncio.gather(worker('c', 10, 1), worker('d', 5, 1)))
asyncio.run(main())`;
    expect(outputOf(program)).toBe(`a 0
b 0
a 1
b 1
a b
d 0
c 0
['c', 'd']
`);
  });

  it('cancels, times out and passes exceptions on', () => {
    const program = `import asyncio
async def fails():
    await asyncio.sleep_ms(1)
    raise ValueError('inner')
async def forever():
    try:
        while True:
            await asyncio.sleep_ms(10)
    except asyncio.CancelledError:
        print('cancelled')
        raise
    finally:
        print('finally')
async def forever_not():
    await asyncio.sleep_ms(5)
    return 'done'
async def main():
    try:
        await fails()
    except ValueError as e:
        print(repr(e))
    t = asyncio.create_task(forever())
    await asyncio.sleep_ms(15)
    print(t.cancel(), t.done())
    try:
        await t
    except asyncio.CancelledError:
        print('task was cancelled', t.done())
    try:
        await asyncio.wait_for_ms(forever(), 25)
    except asyncio.TimeoutError:
        print('timeout')
    print(await asyncio.gather(fails(), forever_not(), return_exceptions=True))
    try:
        await asyncio.gather(fails(), forever_not())
    except ValueError:
        print('gathered')
asyncio.run(main())`;
    expect(outputOf(program)).toBe(`ValueError('inner',)
True False
cancelled
finally
task was cancelled True
cancelled
finally
timeout
[ValueError('inner',), 'done']
gathered
`);
  });

  it('has locks, events, flags and an exception handler', () => {
    const program = `import asyncio
async def locked(lock, n):
    async with lock:
        print('in', n)
        await asyncio.sleep_ms(1)
        print('out', n)
async def waits(event, n):
    await event.wait()
    print('event', n)
async def broken():
    raise OSError(5)
def handler(loop, context):
    print(context['message'], repr(context['exception']))
async def main():
    lock, event = asyncio.Lock(), asyncio.Event()
    await asyncio.gather(locked(lock, 1), locked(lock, 2), locked(lock, 3))
    try:
        lock.release()
    except RuntimeError as e:
        print(repr(e))
    tasks = [asyncio.create_task(waits(event, n)) for n in range(3)]
    await asyncio.sleep(0)
    event.set()
    await asyncio.gather(*tasks)
    event.clear()
    print(event.is_set())
    asyncio.get_event_loop().set_exception_handler(handler)
    asyncio.create_task(broken())
    await asyncio.sleep_ms(5)
    flag = asyncio.ThreadSafeFlag()
    flag.set()
    await flag.wait()
    print(asyncio.current_task() is not None)
asyncio.run(main())
try:
    asyncio.current_task()
except Exception as e:
    print(repr(e))`;
    expect(outputOf(program)).toBe(`in 1
out 1
in 2
out 2
in 3
out 3
RuntimeError('Lock not acquired',)
event 0
event 1
event 2
False
Task exception wasn't retrieved OSError(5,)
True
RuntimeError('no running event loop',)
`);
  });

  it('serves and opens connections', () => {
    const program = `import asyncio
async def serve(reader, writer):
    while True:
        line = await reader.readline()
        if not line: break
        writer.write(b'echo ' + line)
        await writer.drain()
    writer.close()
    await writer.wait_closed()
async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', 8127)
    reader, writer = await asyncio.open_connection('127.0.0.1', 8127)
    writer.write(b'one\\ntwo\\n')
    await writer.drain()
    print(await reader.readline(), await reader.readexactly(4), await reader.read(100))
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
asyncio.run(main())`;
    expect(outputOf(program)).toBe(`b'echo one\\n' b'echo' b' two\\n'
`);
  });
});
