from . import core


# Awaits on behalf of a task that sleeps meanwhile. What comes of it ends that sleep: it travels in a cancellation's arguments.
async def _run(waiter, aw):
    try:
        message = core.CancelledError(None, await aw)
    except BaseException as er:
        message = core.CancelledError(er, None)
    if waiter.data is None and waiter.cancel():
        waiter.data = message


async def wait_for(aw, timeout, sleep=core.sleep):
    task = core._promote_to_task(aw)
    if timeout is None:
        return await task

    runner = core.create_task(_run(core.cur_task, task))
    try:
        await sleep(timeout)
    except core.CancelledError as er:
        if not er.args:
            # This one does not come from the runner.
            runner.cancel()
            raise
        error, result = er.args
        if error is None:
            return result
        raise error

    runner.cancel()
    await runner
    raise core.TimeoutError


def wait_for_ms(aw, timeout):
    return wait_for(aw, timeout, core.sleep_ms)


# What a task that gathers has as the thing it waits on. A cancellation has nothing to undo there.
class _Gathering:
    @staticmethod
    def remove(task):
        pass


def gather(*aws, return_exceptions=False):
    me = core.cur_task
    error = None
    missing = 0

    def fails(outcome):
        return not (return_exceptions or isinstance(outcome, StopIteration))

    # Each task calls this when it ends. The first failure, or else the last end, wakes this one; later calls find it awake.
    def ended(task, outcome):
        nonlocal error, missing
        if me.data is _Gathering:
            missing -= 1
            if fails(outcome):
                error = outcome
            elif missing:
                return
            core._task_queue.push(me)

    tasks = [core._promote_to_task(aw) for aw in aws]
    for task in tasks:
        if task.state is True:
            task.state = ended
            missing += 1
        elif task.state:
            raise RuntimeError("can't gather")
        elif error is None and fails(task.data):
            error = task.data

    cancelled = False
    if missing and error is None:
        me.data = _Gathering
        try:
            yield
        except core.CancelledError as er:
            cancelled = True
            error = er

    for task in tasks:
        if task.state is ended:
            task.state = True
            if cancelled:
                task.cancel()
    if error is not None:
        raise error
    return [task.data.value if isinstance(task.data, StopIteration) else task.data for task in tasks]
