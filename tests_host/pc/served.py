# A portal that answers beside a test: in a thread of its own.
# MIT licence

import asyncio
import threading
from contextlib import contextmanager


@contextmanager
def served(portal):
    """Serve a fakes.Portal until the end of the block."""
    ready, over = threading.Event(), asyncio.Event()

    async def main():
        async with portal:
            ready.set()
            await over.wait()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    try:
        assert ready.wait(5)
        yield portal
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(5)
        loop.close()
