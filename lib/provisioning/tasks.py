# The end of a background task, for whoever started it.
# MIT licence

import asyncio


async def end(task):
    """Cancel `task` and wait until it has ended; None: there is none.

    What it raised before is raised here.
    """
    if task:
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
