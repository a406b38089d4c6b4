# The scheduler: tasks that are ready or asleep stand in one queue, ordered by time; tasks that wait for a stream are known to the
# poller. A task that waits for anything else stands in that thing's own queue.
from time import ticks_ms as ticks, ticks_diff, ticks_add
import sys, select
from _asyncio import TaskQueue, Task


class CancelledError(BaseException):
    pass


class TimeoutError(Exception):
    pass


# One dict for every report, so that reporting takes no memory.
_exc_context = {"message": "Task exception wasn't retrieved", "exception": None, "future": None}


# Puts the running task to sleep at its first step and ends at the second. One object serves all sleeps, for no memory is to be
# allocated: a sleep is always awaited at once.
class SingletonGenerator:
    def __init__(self):
        self.state = None
        self.exc = StopIteration()

    def __iter__(self):
        return self

    def __next__(self):
        wake = self.state
        if wake is None:
            self.exc.__traceback__ = None
            raise self.exc
        _task_queue.push(cur_task, wake)
        self.state = None
        return None


def sleep_ms(t, sgen=SingletonGenerator()):
    assert sgen.state is None
    sgen.state = ticks_add(ticks(), max(0, t))
    return sgen


def sleep(t):
    return sleep_ms(int(t * 1000))


# Tasks that wait for streams. `map` has for each stream, by its id: the task that waits to read, the one that waits to write, and
# the stream.
class IOQueue:
    def __init__(self):
        self.poller = select.poll()
        self.map = {}

    def _enqueue(self, s, idx):
        entry = self.map.get(id(s))
        if entry is None:
            entry = [None, None, s]
            entry[idx] = cur_task
            self.map[id(s)] = entry
            self.poller.register(s, select.POLLOUT if idx else select.POLLIN)
        else:
            assert entry[idx] is None
            assert entry[1 - idx] is not None
            entry[idx] = cur_task
            self.poller.modify(s, select.POLLIN | select.POLLOUT)
        # Who cancels the task finds it here.
        cur_task.data = self

    def _dequeue(self, s):
        del self.map[id(s)]
        self.poller.unregister(s)

    def queue_read(self, s):
        self._enqueue(s, 0)

    def queue_write(self, s):
        self._enqueue(s, 1)

    def remove(self, task):
        while True:
            stream = None
            for key in self.map:
                reader, writer, s = self.map[key]
                if reader is task or writer is task:
                    stream = s
                    break
            if stream is None:
                break
            self._dequeue(stream)

    def wait_io_event(self, dt):
        for s, ev in self.poller.ipoll(dt):
            entry = self.map[id(s)]
            # Errors wake both sides.
            if entry[0] is not None and ev & ~select.POLLOUT:
                _task_queue.push(entry[0])
                entry[0] = None
            if entry[1] is not None and ev & ~select.POLLIN:
                _task_queue.push(entry[1])
                entry[1] = None
            if entry[0] is not None:
                self.poller.modify(s, select.POLLIN)
            elif entry[1] is not None:
                self.poller.modify(s, select.POLLOUT)
            else:
                self._dequeue(s)


def _promote_to_task(aw):
    return aw if isinstance(aw, Task) else create_task(aw)


def create_task(coro):
    if not hasattr(coro, "send"):
        raise TypeError("coroutine expected")
    task = Task(coro, globals())
    _task_queue.push(task)
    return task


def run_until_complete(main_task=None):
    global cur_task
    ends = (CancelledError, Exception)
    silent = (CancelledError, StopIteration)
    while True:
        # Serve the streams until the first task of the queue is due.
        dt = 1
        while dt > 0:
            dt = -1
            t = _task_queue.peek()
            if t:
                dt = max(0, ticks_diff(t.ph_key, ticks()))
            elif not _io_queue.map:
                cur_task = None
                if not main_task or not main_task.state:
                    return
                # Nothing can wake the main task any more. It must not return either, so it goes on looking.
                dt = 3
            _io_queue.wait_io_event(dt)

        t = _task_queue.pop()
        cur_task = t
        try:
            exc = t.data
            if not exc:
                t.coro.send(None)
            else:
                # Cancelled; or it ended with an exception that nobody has asked for: then this raises at once.
                t.data = None
                t.coro.throw(exc)
        except ends as er:
            assert t.data is None
            noticed = t is main_task
            if noticed:
                cur_task = None
                if not isinstance(er, StopIteration):
                    t.state = False
                    raise er
                if t.state is None:
                    t.state = False
            if t.state:
                if t.state is True:
                    # Nobody waited.
                    t.state = False if noticed else None
                elif callable(t.state):
                    t.state(t, er)
                    t.state = False
                    noticed = True
                else:
                    while t.state.peek():
                        _task_queue.push(t.state.pop())
                        noticed = True
                    t.state = False
                if not noticed and not isinstance(er, silent):
                    # Once more round the queue: if by then nobody has asked for the exception it is reported.
                    _task_queue.push(t)
                t.data = er
            elif t.state is None:
                t.data = exc
                _exc_context["exception"] = exc
                _exc_context["future"] = t
                Loop.call_exception_handler(_exc_context)
            if t is main_task:
                return er.value


def run(coro):
    return run_until_complete(create_task(coro))


async def _stopper():
    pass


cur_task = None
_stop_task = None


class Loop:
    _exc_handler = None

    def create_task(coro):
        return create_task(coro)

    def run_forever():
        global _stop_task
        _stop_task = Task(_stopper(), globals())
        run_until_complete(_stop_task)

    def run_until_complete(aw):
        return run_until_complete(_promote_to_task(aw))

    def stop():
        global _stop_task
        if _stop_task is not None:
            _task_queue.push(_stop_task)
            _stop_task = None

    def close():
        pass

    def set_exception_handler(handler):
        Loop._exc_handler = handler

    def get_exception_handler():
        return Loop._exc_handler

    def default_exception_handler(loop, context):
        print(context["message"], file=sys.stderr)
        print("future:", context["future"], "coro=", context["future"].coro, file=sys.stderr)
        sys.print_exception(context["exception"], sys.stderr)

    def call_exception_handler(context):
        (Loop._exc_handler or Loop.default_exception_handler)(Loop, context)


# The arguments were uasyncio's.
def get_event_loop(runq_len=0, waitq_len=0):
    return Loop


def current_task():
    if cur_task is None:
        raise RuntimeError("no running event loop")
    return cur_task


def new_event_loop():
    global _task_queue, _io_queue
    _task_queue = TaskQueue()
    _io_queue = IOQueue()
    return Loop


new_event_loop()
