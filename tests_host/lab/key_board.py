# A product that has a SmartConfig key, in main.py's place.
# MIT licence

import asyncio

from provisioning import MODE_APSC, Provisioner


async def main():
    provisioner = Provisioner(print)
    print("outcome:", await provisioner.run(MODE_APSC, key="Key0Key0Key0Key0"))


asyncio.run(main())
