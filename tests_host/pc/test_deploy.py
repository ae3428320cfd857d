# deploy, to bare-metal MicroPython under QEMU: whole, changed, interrupted, as a ROMFS.
# MIT licence
import threading

import pytest

from pc import deployed
from pc.bare_board import BareBoard
from pc.deployed import ROOT, command, complaint, mpremote, wanted
from tools import packages
from tools.boards import BoardError, bundle, deploy
from tools.boards.wire import Board, BoardFault


@pytest.fixture
def board(tmp_path):
    """A board that has the package."""
    with deployed.board(tmp_path) as board:
        yield board


def hashes(contents):
    return {path: bundle.digest(content) for path, content in contents.items()}


def files(board):
    """All files on the board that are not its own records: {path: SHA-256}."""
    with Board(board.port, resume=False) as wire:
        programs = ["/main.py", "/boot.py"]
        survey = wire.run("survey", stage=deploy.STAGE, folders=["/lib"], files=programs, heads=[])
    return survey["found"]


def bring(board, **options):
    return deploy.deploy(board.port, quiet=True, **options)


@pytest.mark.parametrize("part", ["some", pytest.param("whole", marks=pytest.mark.long)])
def test_to_an_empty_board_with_real_mpremote_as_witness(tmp_path, monkeypatch, part):
    whole = bundle.library()
    page = "/lib/provisioning/methods/portal/page.html"
    if part == "some":
        some = {p: c for p, c in whole.items() if "/st" in p or p == page}
        monkeypatch.setattr(bundle, "library", lambda source=False, cloud=False: some)
    with BareBoard(tmp_path) as board:
        assert set(bring(board)["copied"]) == set(wanted())
        assert files(board) == hashes(wanted())
        listed = mpremote(board.port, "fs", "ls", ":/lib/provisioning")
        assert "statemachine.mpy" in listed
        assert bundle.digest(whole[page]) in mpremote(board.port, "fs", "sha256sum", f":{page}")


@pytest.mark.long
@pytest.mark.parametrize("package", ["provisioning-qth", "provisioning"])
def test_mpremote_installs_the_package_from_an_index(tmp_path, package):
    packages.index(tmp_path / "index")
    with packages.serving(tmp_path / "index") as address, BareBoard(tmp_path) as board:
        mpremote(board.port, "mip", "install", "--index", address, package)
        code = "import qth_wifi, provisioning as p; print(p.__version__, p.__file__)"
        assert board.do(code) == f"{packages.version()} /lib/provisioning/__init__.mpy\n"


def test_again_does_nothing(board):
    assert "nothing to do" in command("deploy", "--port", board.port)


def test_what_changed_is_copied_and_what_is_gone_is_removed(board):
    board.do(
        "import os\n"
        "os.mkdir('/lib/provisioning/aged')\n"
        "new = ('provisioning/old.mpy', 'provisioning/aged/x.mpy', 'qth_wifi.py', 'mine.py')\n"
        "for name in new + ('provisioning/store.mpy',):\n"
        " open('/lib/' + name, 'w').close()\n"
        "os.remove('/lib/simplelink.mpy')"
    )
    found = bring(board)
    assert found["copied"] == ["/lib/provisioning/store.mpy", "/lib/simplelink.mpy"]
    gone = ["/lib/provisioning/aged/x.mpy", "/lib/provisioning/old.mpy", "/lib/qth_wifi.py"]
    assert found["removed"] == gone
    assert files(board) == hashes({**wanted(), "/lib/mine.py": b""})
    assert "aged" not in board.do("import os; print(os.listdir('/lib/provisioning'))")


def test_settings_networks_and_identity_stay(board):
    look = (
        "import provisioning as p\n"
        "print(p.Settings(), [q.key for q in p.Profiles().all()], p.Identity().ap_key)"
    )
    board.do(
        "import os, provisioning as p\n"
        "p.Settings().update(ap_open=True)\n"
        "p.Profiles().add(p.Profile(b'HomeNet', b'correct horse'))\n"
        "os.remove('/lib/provisioning/link.mpy')"
    )
    before = board.do(look)
    assert bring(board)["copied"] == ["/lib/provisioning/link.mpy"]
    assert board.do(look) == before
    assert before.startswith("Settings(ap_open=True) [b'correct horse'] ")


def test_a_program_of_the_users_own_stays_until_he_says_replace(board):
    board.do("with open('/main.py','w') as f: f.write('print(42)\\n')")
    assert bring(board)["kept"] == ["/main.py"]
    assert files(board)["/main.py"] == bundle.digest(b"print(42)\n")
    assert bring(board, replace=True)["copied"] == ["/main.py"]
    assert files(board) == hashes(wanted())


def test_the_users_program_is_app_py(board, tmp_path):
    program = tmp_path / "lamp.py"
    program.write_text("def main(link): pass\n")
    assert bring(board, app=program)["copied"] == ["/app.py"]
    assert board.do("print(open('/app.py').read())") == "def main(link): pass\n\n"
    assert bring(board, app=program)["copied"] == []


def spoil(board):
    """Make some modules differ, so that a deployment has some work. Returns their paths."""
    paths = sorted(path for path in wanted() if path.startswith("/lib/provisioning/p"))
    board.do(f"for p in {paths!r}:\n with open(p,'w') as f: f.write('old')")
    return paths


@pytest.mark.parametrize("whole", [pytest.param(0, marks=pytest.mark.long), 3])
def test_pulling_the_cable_changes_nothing_and_the_next_time_it_goes_on(board, monkeypatch, whole):
    spoiled = spoil(board)
    before = files(board)
    put, puts = Board.put, []

    def pull_the_cable(wire, path, data, progress=None):
        puts.append(path)
        if len(puts) > whole:
            cut = threading.Timer(0.05, board.unplug)  # in the middle of this file
            cut.start()
            try:
                while True:
                    put(wire, path, data, progress)
            finally:
                cut.join()
        put(wire, path, data, progress)

    monkeypatch.setattr(Board, "put", pull_the_cable)
    with pytest.raises(BoardError, match="unplugged"):
        bring(board)
    monkeypatch.undo()
    board.plug_in()
    assert files(board) == before
    found = bring(board)
    sizes = [len(wanted()[path]) for path in spoiled]
    assert found["copied"] == spoiled
    # The file that was on its way may have been whole just then.
    assert found["bytes"] in (sum(sizes[whole:]), sum(sizes[whole + 1 :])), "copied again"
    assert files(board) == hashes(wanted())
    assert "/.deploy" not in board.do("import os; print(os.listdir('/'))")


def test_a_power_cut_while_the_new_version_takes_its_place(board, monkeypatch):
    spoiled = spoil(board)
    run = Board.run

    def cut_in_the_middle(wire, script, silence_s=20, **values):
        if script == "commit":
            values = {**values, "moves": values["moves"][:2], "stale": ["/no/such/file"]}
        return run(wire, script, silence_s, **values)

    monkeypatch.setattr(Board, "run", cut_in_the_middle)
    with pytest.raises(BoardFault, match="ENOENT"):
        bring(board)
    monkeypatch.undo()
    board.unplug()
    board.plug_in()
    found = bring(board)
    assert (found["copied"], found["bytes"]) == (spoiled[2:], 0)
    assert files(board) == hashes(wanted())


FILL = """
import os
size, _, _, free = os.statvfs("/")[:4]
with open("/big", "wb") as f:
    for _ in range(free - 5):
        f.write(bytes(size))
"""


def test_no_room(board):
    spoil(board)
    board.do(FILL)
    before = files(board)
    said = complaint("deploy", "--port", board.port)
    assert "no room: " in said and "kB are free" in said
    assert files(board) == before


def test_romfs(board, monkeypatch):
    some = ("/lib/provisioning/__init__", "/lib/provisioning/s", "/lib/provisioning/identity")
    few = {p: content for p, content in bundle.library().items() if p.startswith(some)}
    monkeypatch.setattr(bundle, "library", lambda source=False, cloud=False: few)
    found = bring(board, romfs=True)
    assert found["romfs"] > sum(map(len, few.values()))
    assert "/lib/provisioning/store.mpy" in found["removed"]
    said = board.do("import provisioning.store as s; print(s.__file__, s.load('nothing'))")
    assert said == "/rom/provisioning/store.mpy None\n"


def test_another_bytecode_and_an_old_micropython_are_refused():
    survey = {"version": [1, 24, 1], "bytecode": 6, "romfs": False}
    with pytest.raises(BoardError, match="is needed"):
        deploy._check(survey, source=False, romfs=False)
    survey = {"version": [1, 30, 0], "bytecode": 7, "romfs": False}
    with pytest.raises(BoardError, match="bytecode 7, and mpy-cross makes 6"):
        deploy._check(survey, source=False, romfs=False)
    deploy._check(survey, source=True, romfs=False)
    with pytest.raises(BoardError, match="no ROMFS partition"):
        deploy._check(survey, source=True, romfs=True)


def test_the_sources_can_be_deployed_instead():
    library = bundle.library(source=True)
    assert library["/lib/provisioning/radio.py"] == (
        (ROOT / "lib/provisioning/radio.py").read_bytes()
    )
    assert not [path for path in library if path.endswith(".mpy")]


def test_a_cloud_board_gets_an_mqtt_client():
    extra = set(bundle.library(cloud=True)) - set(bundle.library())
    assert extra == {"/lib/umqtt/__init__.mpy", "/lib/umqtt/simple2.mpy"}
