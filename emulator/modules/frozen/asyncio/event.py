from . import core


class Event:
    def __init__(self):
        self.waiting = core.TaskQueue()
        self.state = False

    def wait(self):
        if not self.state:
            me = core.cur_task
            self.waiting.push(me)
            # So a cancellation takes the task off the queue.
            me.data = self.waiting
            yield
        return True

    def set(self):
        self.state = True
        sleepers = self.waiting
        while sleepers.peek():
            core._task_queue.push(sleepers.pop())

    def clear(self):
        self.state = False

    def is_set(self):
        return self.state


try:
    from io import IOBase
except ImportError:
    IOBase = None

if IOBase:
    # A flag that may be set from anywhere, an interrupt or a thread too: to the scheduler it is a stream that has become readable.
    class ThreadSafeFlag(IOBase):
        def __init__(self):
            self.state = 0

        def ioctl(self, req, flags):
            # The one request that means something here: is it ready?
            if req != 3:
                return -1
            return flags if self.state else 0

        def set(self):
            self.state = 1

        def clear(self):
            self.state = 0

        async def wait(self):
            if not self.state:
                yield core._io_queue.queue_read(self)
            self.state = 0
