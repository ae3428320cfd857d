# Runs after boot.py: brings the board online, then does the board's work.
# MIT licence

import asyncio

import provisioning


async def main():
    link = await provisioning.online(on_event=print)
    print("online: ssid=%s ip=%s" % (link.ssid, link.address))
    # The application starts here.


asyncio.run(main())
