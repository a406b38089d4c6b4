# The old name of asyncio: every name is looked up there.
def __getattr__(attr):
    import asyncio

    return getattr(asyncio, attr)
