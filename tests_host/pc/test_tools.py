# The tools that set a checkout up: what they read, decide and say.
# MIT licence
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tools import apt, deps, micropython, mpy, node, reset, setup
from tools.paths import BUILD, CLOUD, ROOT, TESTS

ONE_LINE = """\
# deb http://old.example/debian buster main
deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian bookworm main # x
deb-src http://mirror.example/debian bookworm main
deb http://security.example/debian-security bookworm-security main
deb [ trusted=yes ] file:///srv/debian trixie main contrib
deb
"""

DEB822 = """\
# the mirror
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: trixie
Components: main

Types: deb-src
URIs: http://source.example/debian
Suites: trixie
Components: main
"""


def test_one_line_sources():
    found = apt.parse_list(ONE_LINE)
    assert [s.uris for s in found] == [
        "http://mirror.example/debian",
        "http://security.example/debian-security",
        "file:///srv/debian",
    ]
    assert found[0].signed_by == "/usr/share/keyrings/k.gpg"
    assert (found[0].suites, found[0].components) == (("bookworm",), ("main",))
    assert (found[2].trusted, found[2].components) == ("yes", ("main", "contrib"))


def test_deb822_sources():
    (found,) = apt.parse_deb822(DEB822)
    assert found.uris == "http://mirror.example/debian"
    assert found.suites == ("trixie", "trixie-updates")
    assert "\n .\n abc\n" in found.signed_by


def test_key_block_survives_into_the_private_source():
    (mirror,) = apt.parse_deb822(DEB822)
    (again,) = apt.parse_deb822(apt.source_entry(mirror, "trixie"))
    assert again.signed_by == mirror.signed_by
    assert again.suites == ("trixie",)


@pytest.mark.parametrize(
    "line, wanted",
    [
        ("deb http://m.example/debian bookworm main", True),
        ("deb http://m.example/debian sid main", True),
        ("deb http://m.example/debian-security bookworm-security main", False),
        ("deb http://m.example/debian bookworm-backports main", False),
        ("deb http://m.example/ubuntu noble main", False),
        ("deb http://m.example/debian bookworm contrib", False),
    ],
)
def test_which_entry_is_a_debian_mirror(line, wanted):
    assert (apt.debian_mirror(apt.parse_list(line)) is not None) is wanted


def test_machine_sources_of_both_formats(tmp_path):
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text("deb http://one.example/debian bookworm main\n")
    (parts / "debian.sources").write_text(DEB822)
    (parts / "extra.list").write_text("deb http://two.example/debian bookworm main\n")
    (parts / "gone.list.disabled").write_text("deb http://three.example/debian bookworm main\n")
    hosts = [s.uris.split("/")[2] for s in apt.machine_sources(tmp_path)]
    assert hosts == ["one.example", "mirror.example", "two.example"]


def test_no_mirror_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(apt.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(apt.AptError, match="names no Debian mirror"):
        apt.PrivateApt(("trixie",), "i386", tmp_path, etc=tmp_path)


def test_no_apt_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(apt.shutil, "which", lambda name: None)
    with pytest.raises(apt.AptError, match="not a Debian"):
        apt.PrivateApt(("trixie",), "i386", tmp_path)


@pytest.mark.parametrize("whole, words", [("one", "one"), ("two", "one two"), ("none", "one two")])
def test_a_half_renewed_suite_is_left_for_its_other_name(tmp_path, monkeypatch, whole, words):
    asked = tmp_path / "asked"
    program(
        tmp_path / "path/apt-get",
        f"suite=$(sed -n 's/^Suites: //p' ${{3%apt.conf}}debian.sources); echo $suite >>{asked}\n"
        f'[ $suite = {whole} ] || {{ echo "E: $suite: unexpected size"; exit 100; }}',
    )
    program(tmp_path / "path/dpkg-deb", "exit 1")
    (tmp_path / "sources.list").write_text("deb http://one.example/debian bookworm main\n")
    monkeypatch.setenv("PATH", f"{tmp_path}/path:{os.environ['PATH']}")
    with apt.PrivateApt(("one", "two"), "i386", tmp_path, etc=tmp_path) as private:
        if whole == "none":
            with pytest.raises(apt.AptError, match=r"(?s)one: unexpected.*two: unexpected"):
                private.update()
        else:
            private.update()
    assert asked.read_text().split() == words.split()


@pytest.fixture
def empty_build(tmp_path, monkeypatch):
    """A checkout whose build/ has nothing, on a machine without MicroPython."""
    monkeypatch.setattr(micropython, "BIN", tmp_path / "bin")
    monkeypatch.setattr(micropython, "HOME", tmp_path / "micropython")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return tmp_path


def program(path, text):
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_nothing_found_says_what_to_do(empty_build):
    found = micropython.find(32)
    assert found.path is None
    assert "make setup" in found.reason
    found = micropython.fetch(32)
    assert found.path is None
    assert "no 32-bit MicroPython" in found.reason
    assert "apt-get install micropython" in found.reason
    # Asked again, it is not tried again, and the reason is still known.
    assert micropython.find(32) == found


def test_ci_without_micropython_ends_with_the_reason(tmp_path):
    script = (
        "import sys, pathlib, pytest; from tools import micropython\n"
        "micropython.BIN = micropython.HOME = pathlib.Path(sys.argv.pop())\n"
        "sys.exit(pytest.main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "-p", "no:cacheprovider", __file__, str(tmp_path)],
        env={**os.environ, "CI": "true", "PATH": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode
    assert "ERROR: no 32-bit MicroPython: this machine has no apt-get" in done.stderr
    assert "passed" not in done.stdout


def test_micropython_on_path_is_taken(empty_build):
    native = program(empty_build / "path/micropython", "echo 'micropython (1, 26, 0) True'")
    found = micropython.fetch(64)
    assert str(native) in found.reason
    ran = subprocess.run([found.path, "-c", ""], capture_output=True, text=True, check=True)
    assert ran.stdout == "micropython (1, 26, 0) True\n"
    assert micropython.find(64).path == found.path


@pytest.mark.parametrize(
    "answer",
    ["micropython (1, 24, 1) True", "micropython (1, 26, 0) False", "cpython (3, 11) True"],
)
def test_unfit_micropython_on_path_is_left(empty_build, answer):
    program(empty_build / "path/micropython", f"echo '{answer}'")
    assert micropython.on_path(64) is None


def test_broken_wrapper_is_replaced(empty_build):
    program(micropython.wrapper(64), "exit 127")
    program(empty_build / "path/micropython", "echo 'micropython (1, 26, 0) True'")
    assert "on PATH" in micropython.fetch(64).reason


def test_real_interpreters_are_what_they_say():
    for bits in (64, 32):
        found = micropython.find(bits)
        if found.path is None:
            pytest.skip(found.reason)
        version, width = micropython.probe(found.path)
        assert version >= micropython.FLOOR
        assert width == bits


def test_runner_tells_outcomes_apart(tmp_path):
    if not micropython.find(32).path:
        pytest.skip(micropython.find(32).reason)
    path = tmp_path / "some/test_outcomes.py"
    path.parent.mkdir()
    path.write_text(
        "class Skip(Exception): pass\n"
        "def test_fails(): assert 1 == 2, 'one is not two'\n"
        "def test_passes(): print('hello')\n"
        "def test_skips(): raise Skip('no radio')\n"
        "def test_takes_too_much(): bytearray(101 * 1024)\n"
        "async def test_was_not_wrapped(): pass\n"
    )
    command = [micropython.wrapper(32), "-X", "heapsize=300k", TESTS / "runner.py", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    lines = [s for s in done.stdout.splitlines() if re.match("ok|skip|FAIL|heap", s)]
    assert lines[:-1] == [
        "FAIL test_fails",
        "ok test_passes",
        "skip test_skips no radio",
        "FAIL test_takes_too_much",
        "FAIL test_was_not_wrapped",
    ]
    assert re.fullmatch(r"heap \d+ 9[56]\d{3}", lines[-1]), "100 kB, but for the name table"
    assert "one is not two" in done.stdout


def test_dependency_groups_are_pinned_and_nest():
    run, dev = setup.group("run"), setup.group("dev")
    assert set(run) < set(dev)
    assert [r for r in dev if not re.fullmatch(r"[\w.\[\]-]+==[\w.]+", r)] == []


def test_what_a_cloud_needs_is_pinned_by_hash_and_laid_out():
    for name, pin in deps.wanted().items():
        assert re.fullmatch(r"[0-9a-f]{64}", pin["sha256"]), name
        assert pin["files"], name
        for file in pin["files"]:
            assert (CLOUD / file).is_file(), file


def test_what_fetches_it_is_not_needed_without_a_cloud():
    group = setup.group("run")
    assert not any(name.startswith("unearth") for name in group)


def test_a_source_archive_is_unpacked_without_its_folder(tmp_path):
    folder = tmp_path / "x-1"
    folder.mkdir()
    (folder / "a.py").write_text("A = 1\n")
    archive = tmp_path / "x-1.tar.gz"
    with tarfile.open(archive, "w:gz") as sources:
        sources.add(folder, "x-1")
    deps.unpack(archive, ["a.py"], tmp_path / "out")
    assert (tmp_path / "out/a.py").read_text() == "A = 1\n"
    with pytest.raises(deps.DepsError, match=r"x-1.tar.gz has no b.py"):
        deps.unpack(archive, ["b.py"], tmp_path / "out")


def test_a_source_archive_with_another_hash_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(deps, "_run", lambda *words: (tmp_path / "x-1.tar.gz").touch())
    with pytest.raises(deps.DepsError, match="not the pinned one"):
        deps.download("x", "1", "0" * 64, tmp_path)


def test_a_mirror_that_pip_is_set_to_is_used_for_archives_too(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    assert deps.pip_index() == "https://mirror.example/simple"


def test_cross_compilation_follows_the_sources(tmp_path):
    source, made = tmp_path / "lib", tmp_path / "mpy"
    (source / "p").mkdir(parents=True)
    (source / "p/a.py").write_text("A = 1\n")
    (source / "p/page.html").write_text("<p>")
    assert mpy.build(made, [source]) == 2
    assert {p.name for p in (made / "p").iterdir()} == {"a.mpy", "page.html"}
    assert mpy.build(made, [source]) == 0
    (source / "p/a.py").write_text("A = 2\n")
    (source / "p/page.html").unlink()
    assert mpy.build(made, [source]) == 1
    assert {p.name for p in (made / "p").iterdir()} == {"a.mpy"}


def test_cross_compilation_says_what_is_wrong(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/a.py").write_text("def\n")
    with pytest.raises(mpy.MpyError, match=r"a\.py(.|\n)*SyntaxError"):
        mpy.build(tmp_path / "mpy", [tmp_path / "lib"])


def test_reset_empties_a_board(tmp_path):
    (tmp_path / "board/provisioning").mkdir(parents=True)
    (tmp_path / "board/provisioning/a").touch()
    (tmp_path / "board/link").symlink_to(tmp_path)
    assert reset.refusal(tmp_path / "board") == ""
    assert reset.empty(tmp_path / "board") == 2
    assert list((tmp_path / "board").iterdir()) == []


@pytest.mark.parametrize(
    "folder", ["/", "/usr", Path.home(), ROOT, ROOT.parent, ROOT / "lib", BUILD]
)
def test_reset_leaves_what_is_no_board(folder):
    assert reset.refusal(folder)


def test_reset_leaves_files_of_others(tmp_path):
    assert reset.refusal(tmp_path) == ""
    (tmp_path / "letter.txt").touch()
    assert "none of a simulated board" in reset.refusal(tmp_path)


def test_make_lists_every_target():
    listed = subprocess.run(
        ["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    phony = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    listed = re.findall(r"^  make ([\w-]+) +\S", listed, re.MULTILINE)
    assert set(listed) == set(" ".join(phony).split())


def test_ci_script_is_sound_bash():
    subprocess.run(["bash", "-n", ROOT / ".ci/run"], check=True)


def test_set_up_needs_only_the_standard_library():
    """A fresh machine has no packages: the set-up's own modules must import without any."""
    code = "import tools.setup, tools.micropython, tools.apt, tools.reset"
    subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({str(ROOT)!r}); {code}"],
        check=True,
    )


@pytest.mark.long
@pytest.mark.timeout(60)
def test_a_registry_that_is_not_there_is_given_up_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(node, "NODE", tmp_path)
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1")
    with pytest.raises(node.NodeError, match="ECONNREFUSED"):
        node.install()
    assert not (tmp_path / "stamp").exists()
