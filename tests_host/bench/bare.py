# A web server of a dozen lines: what asyncio alone does on the same interpreter.
# MIT licence
"""port=8000 sizes=100,2000: answers GET /100 with 100 bytes, always the same."""

import asyncio

from bench import world

_HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"


async def _serve(choice):
    bodies = {b"/" + size.encode(): b"x" * int(size) for size in choice["sizes"].split(",")}

    async def answer(reader, writer):
        request = await reader.read(512)
        body = bodies[request.split(b" ")[1]]
        writer.write(_HEAD % len(body))
        writer.write(body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", int(choice["port"]))
    world.base()
    await server.wait_closed()


asyncio.run(_serve(world.options()))
