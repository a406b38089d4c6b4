# The event loop. A task is always in one of three places: among those to run, ordered by time (one that sleeps is one whose time is
# yet to come); in the table of streams; or in the queue of the task, the lock or the event that it waits for.
import select, sys
from _asyncio import Task, TaskQueue
from time import ticks_add, ticks_diff, ticks_ms as ticks


class CancelledError(BaseException):
    pass


class TimeoutError(Exception):
    pass


# Asked a first time it files the running task under the time to wake; asked again it ends. One object serves all sleeps, since
# sleeping must take no memory; that works because a sleep is awaited at once.
class SingletonGenerator:
    def __init__(self):
        self.end = StopIteration()
        self.wake = None

    def __iter__(self):
        return self

    def __next__(self):
        wake, self.wake = self.wake, None
        if wake is not None:
            _task_queue.push(cur_task, wake)
            return
        # Or the traceback would grow with every sleep.
        self.end.__traceback__ = None
        raise self.end


def sleep_ms(t, sgen=SingletonGenerator()):
    assert sgen.wake is None
    sgen.wake = ticks_add(ticks(), t if t > 0 else 0)
    return sgen


def sleep(t):
    return sleep_ms(int(t * 1000))


# Who waits for streams. `map` tells by a stream's id which task wants to read it, which one to write it, and which stream it is.
class IOQueue:
    def __init__(self):
        self.map = {}
        self.poller = select.poll()

    def _enqueue(self, s, idx):
        entry = self.map.setdefault(id(s), [None, None, s])
        assert entry[idx] is None
        entry[idx] = cur_task
        events = select.POLLOUT if idx else select.POLLIN
        if entry[1 - idx] is not None:
            events = select.POLLIN | select.POLLOUT
        self.poller.register(s, events)
        # A cancellation finds its way by this.
        cur_task.data = self

    def _dequeue(self, s):
        self.poller.unregister(s)
        self.map.pop(id(s))

    def queue_read(self, s):
        self._enqueue(s, 0)

    def queue_write(self, s):
        self._enqueue(s, 1)

    def remove(self, task):
        for reader, writer, s in list(self.map.values()):
            if task is reader or task is writer:
                self._dequeue(s)

    def wait_io_event(self, dt):
        for s, ev in self.poller.ipoll(dt):
            entry = self.map[id(s)]
            wanted = 0
            for side, event, other in ((0, select.POLLIN, select.POLLOUT), (1, select.POLLOUT, select.POLLIN)):
                if entry[side] is None:
                    continue
                # Any event but the other side's is for this one: errors and hang-ups wake both.
                if ev & ~other:
                    _task_queue.push(entry[side])
                    entry[side] = None
                else:
                    wanted |= event
            if wanted:
                self.poller.modify(s, wanted)
            else:
                self._dequeue(s)


def create_task(coro):
    if not hasattr(coro, "send"):
        raise TypeError("coroutine expected")
    task = Task(coro, globals())
    _task_queue.push(task)
    return task


def _promote_to_task(aw):
    if isinstance(aw, Task):
        return aw
    return create_task(aw)


# The same dict for every report: it takes no memory when there may be none.
_report = {"message": "Task exception wasn't retrieved", "exception": None, "future": None}
_ends = (CancelledError, Exception)
_quiet_ends = (CancelledError, StopIteration)


def run_until_complete(main_task=None):
    global cur_task
    while True:
        # Wait for what is due first. Streams are looked at before every step, so that tasks which are always ready starve none.
        while True:
            first = _task_queue.peek()
            if first:
                wait = max(ticks_diff(first.ph_key, ticks()), 0)
            elif _io_queue.map:
                wait = -1
            else:
                cur_task = None
                if main_task is None or not main_task.state:
                    return
                # Only an interrupt can bring something now: look again and again.
                wait = 3
            _io_queue.wait_io_event(wait)
            if wait <= 0:
                break

        task = cur_task = _task_queue.pop()
        thrown = task.data
        try:
            if thrown:
                # Cancelled; or ended with an exception that nobody has fetched, which this raises again.
                task.data = None
                task.coro.throw(thrown)
            else:
                task.coro.send(None)
            continue
        except _ends as er:
            outcome = er

        assert task.data is None
        heard = task is main_task
        if heard:
            cur_task = None
            if not isinstance(outcome, StopIteration):
                task.state = False
                raise outcome
            if task.state is None:
                task.state = False
        listeners = task.state
        if listeners is None:
            # It has been round the queue once more, and still nobody asks for its exception.
            task.data = thrown
            _report["exception"] = thrown
            _report["future"] = task
            Loop.call_exception_handler(_report)
        elif listeners:
            if listeners is True:
                task.state = False if heard else None
            else:
                if callable(listeners):
                    listeners(task, outcome)
                    heard = True
                else:
                    while listeners.peek():
                        _task_queue.push(listeners.pop())
                        heard = True
                task.state = False
            if not (heard or isinstance(outcome, _quiet_ends)):
                _task_queue.push(task)
            task.data = outcome
        if task is main_task:
            return outcome.value


def run(coro):
    return run_until_complete(create_task(coro))


def current_task():
    if cur_task:
        return cur_task
    raise RuntimeError("no running event loop")


async def _stopper():
    pass


cur_task = None
_stop_task = None


# There is one loop, and it has no state but the module's: the class stands for it.
class Loop:
    _exc_handler = None

    def create_task(coro):
        return create_task(coro)

    def run_until_complete(aw):
        return run_until_complete(_promote_to_task(aw))

    def run_forever():
        # Until this task runs, which stop() sees to.
        global _stop_task
        _stop_task = Task(_stopper(), globals())
        run_until_complete(_stop_task)

    def stop():
        global _stop_task
        stopper, _stop_task = _stop_task, None
        if stopper is not None:
            _task_queue.push(stopper)

    def close():
        pass

    def get_exception_handler():
        return Loop._exc_handler

    def set_exception_handler(handler):
        Loop._exc_handler = handler

    def call_exception_handler(context):
        handler = Loop._exc_handler or Loop.default_exception_handler
        handler(Loop, context)

    def default_exception_handler(loop, context):
        err = sys.stderr
        future = context["future"]
        print(context["message"], file=err)
        print("future:", future, "coro=", future.coro, file=err)
        sys.print_exception(context["exception"], err)


def new_event_loop():
    global _io_queue, _task_queue
    _io_queue = IOQueue()
    _task_queue = TaskQueue()
    return Loop


# What it may be given once meant the lengths of uasyncio's queues.
def get_event_loop(runq_len=0, waitq_len=0):
    return Loop


new_event_loop()
