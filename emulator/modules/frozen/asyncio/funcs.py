from . import core


# Awaits `aw` for a `wait_for` that sleeps meanwhile, and ends that sleep by cancelling it with the outcome.
async def _run(waiter, aw):
    try:
        result = await aw
        status = True
    except BaseException as er:
        result = None
        status = er
    if waiter.data is None and waiter.cancel():
        waiter.data = core.CancelledError(status, result)


async def wait_for(aw, timeout, sleep=core.sleep):
    aw = core._promote_to_task(aw)
    if timeout is None:
        return await aw

    runner = core.create_task(_run(core.cur_task, aw))
    try:
        await sleep(timeout)
    except core.CancelledError as er:
        status = er.value
        if status is None:
            # Cancelled from outside.
            runner.cancel()
            raise er
        elif status is True:
            return er.args[1]
        else:
            raise status

    runner.cancel()
    await runner
    raise core.TimeoutError


def wait_for_ms(aw, timeout):
    return wait_for(aw, timeout, core.sleep_ms)


# What a task that gathers seems to wait on; nothing needs to be undone when it is cancelled.
class _Remove:
    @staticmethod
    def remove(t):
        pass


def gather(*aws, return_exceptions=False):
    # How many tasks are still awaited; below 0 if one had failed before; or the exception to end with.
    def done(t, er):
        nonlocal state
        if gather_task.data is not _Remove:
            # Woken already, by another task or by a cancellation.
            return
        elif not return_exceptions and not isinstance(er, StopIteration):
            state = er
        else:
            state -= 1
            if state:
                return
        core._task_queue.push(gather_task)

    ts = [core._promote_to_task(aw) for aw in aws]
    state = 0
    for t in ts:
        if t.state is True:
            t.state = done
            state += 1
        elif t.state:
            raise RuntimeError("can't gather")
        elif not return_exceptions and not isinstance(t.data, StopIteration):
            state = -len(ts)

    gather_task = core.cur_task
    cancel_all = False
    if state > 0:
        gather_task.data = _Remove
        try:
            yield
        except core.CancelledError as er:
            cancel_all = True
            state = er

    for i in range(len(ts)):
        t = ts[i]
        if t.state is done:
            t.state = True
            if cancel_all:
                t.cancel()
        elif isinstance(t.data, StopIteration):
            ts[i] = t.data.value
        elif return_exceptions:
            ts[i] = t.data
        elif isinstance(state, int):
            state = t.data

    if state:
        raise state
    return ts
