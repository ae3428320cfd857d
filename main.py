# Runs after boot.py: keeps the board online for ever, and runs app.py when it is.
# MIT licence
#
# app.py is yours. It has a function main(link), with `async` or without; README.md shows one.

import asyncio
import sys

import provisioning


def work(link):
    print("online: ssid=%s ip=%s" % (link.ssid, link.address))
    sys.modules.pop("app", None)  # after a fault it starts afresh
    try:
        import app
    except ImportError as error:
        if "'app'" not in str(error):
            raise
        return None  # there is none: the board is online, and that is all
    return app.main(link)


asyncio.run(provisioning.keep(work, on_event=print))
