# A product with a cloud, in main.py's place: its host asks there whether the network is good.
# MIT licence

import asyncio

from provisioning import FLAG_EXTERNAL_CONFIRMATION, MODE_AP, Provisioner
from provisioning.feedback import confirm


async def ask():
    reader, writer = await asyncio.open_connection("192.168.1.1", 8000)
    writer.write(b"GET /hello HTTP/1.0\r\n\r\n")
    await writer.drain()
    answer = await reader.read(-1)
    writer.close()
    await writer.wait_closed()
    return answer.endswith(b"accept")


async def main():
    provisioner = Provisioner(print)
    provisioner.start(MODE_AP, timeout_s=600, flags=FLAG_EXTERNAL_CONFIRMATION)
    print("outcome:", await confirm(provisioner, ask))


asyncio.run(main())
