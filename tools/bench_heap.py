# The benchmark's memory half: heap of the board, and the size of the files it loads.
# MIT licence

import socket

from tools import bench_board
from tools.bench_board import HOME, ROM, BenchError, Board, Flash, Resolver, fetch
from tools.bench_time import spread

BOARD_HEAP = 100 * 1024  # what is left for the library; about that of an ESP32 without PSRAM
FACES = ("provisioning", "qth_wifi", "simplelink")
_SERVED = ("/", "/v1/status", "/v1/networks", "/__SL_G_MCR")
_NAME = "connectivitycheck.gstatic.com"

# From the ground up, so that each module is charged with its own part alone. What is not named
# here comes after these, in the order of the alphabet.
_FIRST = """
    provisioning provisioning.codes provisioning.store provisioning.settings provisioning.profiles
    provisioning.link provisioning.identity provisioning.radio provisioning.keeper
    provisioning.events provisioning.statemachine provisioning.session provisioning.methods
    provisioning.run provisioning.provisioner provisioning.methods.portal
    provisioning.methods.portal.pages provisioning.methods.portal.browser
    provisioning.methods.portal.json_api provisioning.methods.portal.ti_api
""".split()


def _module(path, tree):
    """The name by which a compiled file is imported."""
    parts = list(path.relative_to(tree).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sizes():
    """Bytes of the files: {"modules": {name: bytes}, "page": bytes, "languages": {name: bytes}}"""
    tree = HOME / "lib"
    modules = {_module(path, tree): path.stat().st_size for path in sorted(tree.rglob("*.mpy"))}
    portal = tree / "provisioning/methods/portal"
    return {
        "modules": modules,
        "page": (portal / "page.html").stat().st_size,
        "languages": {path.stem: path.stat().st_size for path in sorted(portal.glob("lang/*"))},
    }


def imports():
    """What each module takes when it is loaded: a list of dicts, in the order of loading.

    bytes: of heap, its qstrs included. qstrs: how many names and short texts it adds to
    MicroPython's table of them. qstr_bytes: by how much that table grew; nothing gives it back.
    brought: modules that came with it and are in its bytes.
    """
    names = list(sizes()["modules"])
    order = [name for name in _FIRST if name in names]
    order += [name for name in names if name not in order]
    found = []
    with Flash() as flash, Board("imports", board="esp32", flash=flash) as board:
        board.send(" ".join(order))
        before = board.until("qstrs")
        board.base()
        while "done" not in (message := board.next()):
            after = board.next()
            message["qstrs"] = after["qstrs"] - before["qstrs"]
            message["qstr_bytes"] = after["qstr_bytes"] - before["qstr_bytes"]
            found.append(message)
            before = after
    return found


class Portal:
    """A board whose portal is open, for a `with` block: .board, .port, .dns_port, .base, .free.

    app: see tests_host/bench/portal.py. free: bytes of heap that are left for the library, plenty
    if None. speed: of the radio. rom: a ROMFS image with the library. settings: of the board.
    """

    def __init__(self, app, name="esp32", free=None, speed=100, rom=None, **settings):
        self.port = bench_board.free_port()
        self.dns_port = bench_board.free_port(socket.SOCK_DGRAM)
        self._flash = Flash(http_port=self.port, dns_port=self.dns_port, **settings)
        self._words = {"board": name, "app": app, "speed": speed}
        if rom:
            self._words["rom"] = rom
        self._left = free

    def __enter__(self):
        words = dict(self._words, flash=self._flash.__enter__())
        heap = bench_board.ROOMY
        if self._left is not None:
            heap = bench_board.heap_that_leaves(self._left, "portal", **words)
        self.board = Board("portal", heap, **words)
        try:
            self._qstrs = self.board.until("qstr_bytes")["qstr_bytes"]
            self.base, self.free = self.board.base()
            self.imported = self.board.until("imported")["imported"] - self.base
            bench_board.wait_for(self.port, self.board)
        except BenchError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.board.__exit__()
        self._flash.__exit__()

    def serve(self):
        """Answer each kind of question once."""
        for path in _SERVED:
            fetch(self.port, path)
        with Resolver(self.dns_port) as resolver:
            resolver.ask(bench_board.query(_NAME))

    def ask(self, command):
        """Bytes beyond the base, as the board says them."""
        return self.board.ask(command, command) - self.base

    def provision(self):
        """Hand over a network that works, wait for the end.

        Returns the bytes that are still in use then, and how many of them are MicroPython's table
        of names.
        """
        bench_board.provision(self.port, "HomeNet", "correct horse battery")
        table = self.board.until("qstr_bytes")["qstr_bytes"] - self._qstrs
        return self.board.until("after")["after"] - self.base, table


def _run(app, rom=None):
    """One run from import to end: {"imported", "open", "serving", "most", "kept", "table"}."""
    with Portal(app, rom=rom, hold_ms=0, linger_ms=0) as portal:
        found = {"imported": portal.imported, "open": portal.ask("heap")}
        portal.serve()
        found["serving"] = portal.ask("heap")
        portal.board.send("watch")
        portal.board.until("watching")
        portal.serve()
        found["most"] = portal.ask("most")
        found["kept"], found["table"] = portal.provision()
    return found


def _face(name):
    """What one of the faces takes by itself: {"imported", "used"}."""
    with Flash(stored=1) as flash, Board("faces", board="esp32", flash=flash, face=name) as board:
        return {key: board.until(key)[key] for key in ("imported", "used")}


def _configured(name):
    """What a configured board keeps after online(), beyond a bare connect()'s."""
    kept = {}
    for how in ("bare", "online"):
        with (
            Flash(stored=1) as flash,
            Board("join", board=name, flash=flash, how=how, speed=50) as board,
        ):
            kept[how] = board.until("kept")["kept"]
    return kept["online"] - kept["bare"]


def _serves(free):
    """Can a whole run be served with that many bytes for the library?"""
    try:
        with Portal("keeps", free=free, hold_ms=0, linger_ms=0) as portal:
            portal.serve()
            portal.provision()
            return True
    except (BenchError, OSError):
        return False


def smallest(step, highest=256 * 1024):
    """Bytes for the library with which a whole run is served; None if `highest` is too little."""
    low, high = 0, highest
    if not _serves(high):
        return None
    while high - low > step:
        middle = (low + high) // 2
        if _serves(middle):
            high = middle
        else:
            low = middle
    return high


def measure(times=3, step=1024):
    """The heap figures, each with its spread over `times` boards."""
    runs = {app: [_run(app) for _ in range(times)] for app in ("keeps", "online")}
    both = runs["keeps"] + runs["online"]
    found = {name: spread([run[name] for run in both]) for name in ("imported", "open")}
    for name in ("serving", "most"):
        found[name] = spread([run[name] for run in runs["keeps"]])
    for app, made in runs.items():
        found["kept_" + app] = spread([run["kept"] for run in made])
        found["table_" + app] = spread([run["table"] for run in made])
    for name in bench_board.BOARDS:
        found["configured_" + name] = spread([_configured(name) for _ in range(times)])
    for name in FACES:
        faces = [_face(name) for _ in range(times)]
        for key in ("imported", "used"):
            found[f"{key}_{name}"] = spread([face[key] for face in faces])
    rom = [_run("online", ROM) for _ in range(times)]
    found["rom_serving"] = spread([run["serving"] for run in rom])
    found["rom_kept"] = spread([run["kept"] for run in rom])
    found["smallest"] = smallest(step)
    found["modules"] = imports()
    return found
