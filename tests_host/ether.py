# Lets twins hear each other: the access point of one is a router in the air of the others.
# MIT licence
"""`Ether(sockets)` listens at the control sockets of running twins (TWIN_CONTROL) and tells each
what the others do. For CPython.
"""

import asyncio


class Member:
    """One twin, and the numbers that the others have in its air."""

    def __init__(self, number, path):
        self.number = number
        self.path = path
        self.mac = bytes((0x02, 0, 0, 0x77, 0, number)).hex()
        self.bssid = bytes((0x02, 0, 0, 0x77, 1, number)).hex()
        self.ap = {}
        self.routers = {}  # by member: its router's number here
        self.phones = {}  # by member: its phone's number here
        self.changing = asyncio.Lock()  # its routers and phones are numbered one after the other
        self._answers = asyncio.Queue()

    async def connect(self):
        """Wait for the twin's socket, and give the twin a hardware address of its own."""
        for _ in range(1000):
            try:
                self._reader, self._writer = await asyncio.open_unix_connection(self.path)
                break
            except OSError:
                await asyncio.sleep(0.01)
        else:
            raise TimeoutError(f"no twin at {self.path}")

    async def tell(self, command):
        """Have the twin carry out a command. Returns its answer; ValueError with its complaint."""
        self._writer.write(command.encode() + b"\n")
        word, _, text = (await self._answers.get()).partition(" ")
        if word != "ok":
            raise ValueError(f"{command}: {text}")
        return text

    async def listen(self, heard):
        """Read until the twin ends: answers, and reports for heard(member, words)."""
        while line := (await self._reader.readline()).decode().rstrip("\n"):
            if line.startswith("* "):
                heard(self, line[2:])
            else:
                self._answers.put_nowait(line)

    def close(self):
        self._writer.close()


def values(text):
    """{name: value} of the words of a report or an answer."""
    return dict(word.split("=", 1) for word in text.split() if "=" in word)


class Ether:
    """The air that twins share. Use it as `async with Ether(paths): ...`."""

    def __init__(self, paths):
        self.members = [Member(number + 1, path) for number, path in enumerate(paths)]
        self._tasks = []

    async def __aenter__(self):
        for member in self.members:
            await member.connect()
            self._tasks.append(asyncio.create_task(member.listen(self._heard)))
            await member.tell(f"option mac={member.mac}")
        for member in self.members:
            self._tell_ap(member, values(await member.tell("ap")))
        return self

    async def __aexit__(self, *_):
        for task in self._tasks:
            task.cancel()
        for member in self.members:
            member.close()

    def _heard(self, member, report):
        word, _, text = report.partition(" ")
        if word == "ap":
            self._tell_ap(member, values(text))
        elif word in ("joined", "left", "lost"):
            for other in self.members:
                if other.bssid == values(text)["bssid"]:
                    self._later(self._visit(other, member, word == "joined"))

    def _later(self, work):
        self._tasks.append(asyncio.create_task(work))

    def _tell_ap(self, member, ap):
        member.ap = ap
        for other in self.members:
            if other is not member:
                self._later(self._show(member, other, ap))

    async def _show(self, member, other, ap):
        """Have `other` hear the access point of `member`, or hear it no more."""
        async with other.changing:
            known = member in other.routers
            if ap["up"] == "0":
                if known:
                    await other.tell(f"router {other.routers[member]} present=0")
                return
            if not known:
                other.routers[member] = int(await other.tell("routers"))
            await other.tell(
                f"router {other.routers[member]} present=1 bssid={member.bssid} ssid={ap['ssid']}"
                f" key={ap['key']} channel={ap['channel']} hidden={ap['hidden']}"
                f" security={'wpa2' if ap['secured'] == '1' else 'open'}"
            )

    async def _visit(self, host, guest, comes):
        """The station of `guest` is on the access point of `host`, or leaves it."""
        async with host.changing:
            number = host.phones.setdefault(guest, len(host.phones))
            what = f"join key={host.ap['key']}" if comes else "leave"
            await host.tell(f"phone {number} mac={guest.mac} {what}")
