from . import core


# A lock is free (`state` is 0), held (1), or promised: `state` is then the task that gets it as soon as it runs.
class Lock:
    def __init__(self):
        self.waiting = core.TaskQueue()
        self.state = 0

    def locked(self):
        return self.state == 1

    def acquire(self):
        me = core.cur_task
        if self.state:
            self.waiting.push(me)
            me.data = self.waiting
            try:
                yield
            except core.CancelledError:
                if self.state is me:
                    # The promise came before the cancellation: pass it on.
                    self.state = 1
                    self.release()
                raise
        self.state = 1
        return True

    def release(self):
        if self.state != 1:
            raise RuntimeError("Lock not acquired")
        heir = self.waiting.peek() and self.waiting.pop()
        self.state = heir or 0
        if heir:
            core._task_queue.push(heir)

    async def __aenter__(self):
        return await self.acquire()

    async def __aexit__(self, exc_type, exc, tb):
        self.release()
