# Packages for mip, from an index on loopback, and lib/ frozen: whole and by feature.
# MIT licence
import ast
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

import mpremote.mip
import pytest

from tools import micropython, packages, twins
from tools.apt import AptError
from tools.building import BuildError, make
from tools.paths import LIB, ROOT, TESTS

CI = os.environ.get("CI") == "true"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
FEATURES = ["core", "portal", "smartconfig", "protocomm", "improv", "qth", "simplelink"]
MODULES = {path.relative_to(LIB).as_posix() for path in LIB.rglob("*.py")}
FILES = "provisioning/methods/portal/files.py"  # the page, where all is frozen


def missing(reason):
    """A skip on a developer's machine, a failure in CI."""
    (pytest.fail if CI else pytest.skip)(reason)


def listed(name):
    """What a JSON file for GitHub installs: {path on the board: address}."""
    return dict(json.loads((ROOT / f"{name}.json").read_text())["urls"])


def needs(name):
    """Where lib/ has the files of a feature and of all that it needs."""
    return set(listed(name))


# The JSON files


def test_the_json_files_are_up_to_date():
    assert packages.stale() == [], "run python -m tools.packages"


def test_a_json_file_that_is_old_is_found(monkeypatch):
    monkeypatch.setattr(packages, "version", lambda: "9.9.9")
    assert packages.stale() == sorted([f"{name}.json" for name in FEATURES] + ["package.json"])


def test_every_file_of_lib_is_in_a_package(tmp_path):
    files = {path for own in packages.own_files().values() for path in own}
    assert files == {p.as_posix() for p in packages.mpy.sources([LIB])}
    (tmp_path / "provisioning/methods/pigeon").mkdir(parents=True)
    (tmp_path / "provisioning/methods/pigeon/__init__.py").write_text("")
    with pytest.raises(packages.PackagesError, match="is in no package"):
        packages.own_files(tmp_path)


def test_the_version_is_the_same_everywhere(tmp_path):
    assert packages.version() == VERSION
    assert {json.loads((ROOT / f"{n}.json").read_text())["version"] for n in FEATURES} == {VERSION}
    assert re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)[1] == VERSION
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "9.9.9"\n')
    with pytest.raises(packages.PackagesError, match=r"__version__ is not pyproject's 9\.9\.9"):
        packages.version(tmp_path / "pyproject.toml")


@pytest.mark.parametrize("name", ["package", *FEATURES])
def test_nothing_comes_from_elsewhere(name):
    assert listed(name) == {path: f"lib/{path}" for path in listed(name)}


@pytest.mark.parametrize("name", FEATURES)
def test_what_a_module_imports_when_it_is_loaded_comes_with_it(name):
    for path in sorted(needs(name) & MODULES):
        for node in ast.parse((LIB / path).read_text()).body:
            if isinstance(node, ast.ImportFrom) and node.level:
                parts = path.split("/")[: -node.level] + (node.module or "").split(".")
                folder = "/".join(part for part in parts if part)
                homes = [f"{folder}.py", f"{folder}/__init__.py"]
                homes += [f"{folder}/{alias.name}.py" for alias in node.names if not node.module]
                assert set(homes) & needs(name), f"{path}, line {node.lineno}"


class Folder:
    """As much of a board as mpremote's installer asks for: its files are in a folder."""

    def __init__(self, root):
        self.root = root

    def fs_exists(self, path):
        return (self.root / path.lstrip("/")).exists()

    def fs_mkdir(self, path):
        (self.root / path.lstrip("/")).mkdir()

    def fs_writefile(self, path, data, progress_callback=None):
        (self.root / path.lstrip("/")).write_bytes(data)


@pytest.mark.parametrize("name", ["package", *FEATURES])
@pytest.mark.parametrize("place, tag", [("github:me/fork", "v1"), (".", None)])
def test_mpremote_installs_from_github_and_from_a_checkout(
    name, place, tag, tmp_path, monkeypatch
):
    def opened(url):
        own = url.removeprefix("https://raw.githubusercontent.com/me/fork/v1/")
        assert own != url and ".." not in own, url
        return io.BytesIO((ROOT / own).read_bytes())

    monkeypatch.setattr(urllib.request, "urlopen", opened)
    monkeypatch.chdir(ROOT)
    (tmp_path / "lib").mkdir()
    package = f"{place}/{name}.json".removeprefix("./")
    mpremote.mip._install_package(Folder(tmp_path), package, None, "/lib", tag, True)
    for path in listed(name):
        assert (tmp_path / "lib" / path).read_bytes() == (LIB / path).read_bytes()


# The index, with mip in MicroPython


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    packages.index(folder)
    with packages.serving(folder) as found:
        yield found


def run(bits, code, *paths):
    """Run a program in MicroPython of this machine. Returns what it printed."""
    found = micropython.find(bits)
    if not found.path:
        missing(found.reason)
    done = subprocess.run(
        [str(found.path), "-c", code],
        env=dict(os.environ, MICROPYPATH=":".join([*map(str, paths), ".frozen"])),
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "no module named 'mip'" in done.stderr:
        missing("this MicroPython has no mip")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def install(bits, name, address, target, mpy=True):
    words = f"{name!r}, index={address!r}, target={str(target)!r}, mpy={mpy}"
    printed = run(bits, f"import mip; mip.install({words})")
    assert printed.endswith("Done\n"), printed
    return {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}


def compiled(paths):
    return {re.sub(r"\.py$", ".mpy", path) for path in paths}


# Every module that was installed, and what a user begins with.
IMPORTS = """\
import sys
import harness
sys.path[0] = {target!r}
harness.install("esp32", harness.new_air())
for name in {names!r}:
    __import__(name)
import provisioning
print(provisioning.__version__, provisioning.Settings()["http_port"])
"""


def names(paths):
    for path in sorted(paths):
        stem, _, kind = path.rpartition(".")
        if kind in ("py", "mpy"):
            yield stem.removesuffix("/__init__").replace("/", ".")


@pytest.mark.parametrize("name", ["", *FEATURES])
def test_mip_installs_from_an_index_and_it_runs(name, address, tmp_path):
    package = f"provisioning-{name}" if name else "provisioning"
    found = install(32, package, address, tmp_path)
    assert found == compiled(listed(name or "package"))
    code = IMPORTS.format(target=str(tmp_path), names=list(names(found)))
    assert run(32, code, "", TESTS).splitlines()[-1] == f"{VERSION} 80"


def test_mip_installs_sources_as_well_and_64_bit_takes_them(address, tmp_path):
    found = install(64, "provisioning", address, tmp_path, mpy=False)
    assert found == set(listed("package"))
    for path in found & MODULES:
        assert (tmp_path / path).read_bytes() == (LIB / path).read_bytes()


def test_features_add_up_and_mip_looks_at_nothing_twice(address, tmp_path):
    for name in FEATURES:
        found = install(32, f"provisioning-{name}", address, tmp_path)
    assert found == compiled(listed("package"))
    printed = run(32, f"import mip; mip.install('provisioning', {address!r}, {str(tmp_path)!r})")
    assert "Copying" not in printed
    assert printed.count("Exists") == len(found)


def test_an_index_keeps_older_versions(tmp_path, monkeypatch):
    packages.index(tmp_path)
    monkeypatch.setattr(packages, "version", lambda: "9.9.9")
    packages.index(tmp_path)
    for number, newest in ((VERSION, "9.9.9"), ("9.9.9", "9.9.9")):
        place = tmp_path / "package/6/provisioning-qth"
        assert json.loads((place / f"{number}.json").read_text())["version"] == number
        assert json.loads((place / "latest.json").read_text())["version"] == newest


WITHOUT = """\
import sys
import harness
sys.path[0] = {target!r}
harness.install("esp32", harness.new_air())
import provisioning
from provisioning import methods
print([methods.exists(name) for name in ("portal", "smartconfig")])
print(provisioning.Provisioner().start(provisioning.MODE_SC))
"""


def test_core_alone_knows_that_it_has_no_methods(address, tmp_path):
    install(32, "provisioning-core", address, tmp_path)
    printed = run(32, WITHOUT.format(target=str(tmp_path)), "", TESTS).splitlines()
    assert "[False, False]" in printed and printed[-1] == "-2173"


# Frozen


def source():
    if not (micropython.HOME / "source").exists() and not CI:
        pytest.skip(
            "no MicroPython source yet: build/venv/bin/python -m tools.micropython --source"
        )
    try:
        return micropython.source()
    except AptError as error:
        return missing(str(error))


def frozen(manifest, *options, mode="freeze"):
    """What MicroPython's own tool makes of a manifest: {module's path: its file}, or its error."""
    tool = source() / "tools/manifestfile.py"
    done = subprocess.run(
        [sys.executable, str(tool), f"--{mode}", *options, str(manifest)],
        capture_output=True,
        text=True,
    )
    pairs = re.findall(r"full_path='([^']+)', target_path='([^']+)'", done.stdout)
    return {target: full for full, target in pairs} if done.returncode == 0 else done.stderr


@pytest.mark.parametrize("mode", ["freeze", "compile", "pyproject"])
def test_the_manifest_freezes_all_modules_and_nothing_else(mode):
    found = frozen(ROOT / "firmware/manifest.py", mode=mode)
    assert set(found) == MODULES | {FILES}
    data = {}
    exec(Path(found.pop(FILES)).read_text(), data)
    pages = LIB / "provisioning/methods/portal"
    others = [path for path in pages.rglob("*") if path.suffix in (".html", ".json")]
    assert data["FILES"] == {p.relative_to(pages).as_posix(): p.read_bytes() for p in others}
    for path, full in found.items():
        assert full == str(LIB / path)


@pytest.mark.parametrize("name", FEATURES)
def test_the_manifest_freezes_a_feature(name, tmp_path):
    own = tmp_path / "mine.py"
    own.write_text(f"include({str(ROOT / 'firmware/manifest.py')!r}, features={name!r})\n")
    modules = {path for path in listed(name) if path.endswith(".py")}
    assert set(frozen(own)) - {FILES} == modules


def port_with(tmp_path, port, board=None):
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards/manifest.py").write_text(port)
    (tmp_path / "ports_own.py").write_text("")
    (tmp_path / "board").mkdir()
    if board:
        (tmp_path / "board/manifest.py").write_text(board)
    return ["--port", str(tmp_path), "--board", str(tmp_path / "board")]


def test_the_ports_own_modules_stay(tmp_path):
    options = port_with(tmp_path, 'module("../ports_own.py")\n')
    assert "../ports_own.py" in frozen(ROOT / "firmware/manifest.py", *options)


def test_the_boards_own_modules_go_first(tmp_path):
    board = 'module("../ports_own.py")\n'
    options = port_with(tmp_path, 'module("none.py")\n', board)
    assert "../ports_own.py" in frozen(ROOT / "firmware/manifest.py", *options)


@pytest.mark.parametrize("fault", ['module("none.py")', 'include("none.py")', 'freeze("none")'])
def test_a_fault_in_the_ports_manifest_is_told(fault, tmp_path):
    found = frozen(ROOT / "firmware/manifest.py", *port_with(tmp_path, fault + "\n"))
    assert "boards/manifest.py" in found and "none" in found


FROZEN = """\
for name in {names!r}:
    __import__(name)
import provisioning
from provisioning.methods.portal import pages
print(provisioning.__file__, provisioning.__version__, pages._open("page.html").read(15))
"""


def test_a_firmware_with_lib_frozen_imports_it(tmp_path):
    found = twins.build("esp32")
    if not found.path:
        missing(found.reason)
    place = tmp_path / "build"
    # With the files' times: make compiles only what is frozen.
    shutil.copytree(twins.folder("esp32"), place)
    manifest = tmp_path / "manifest.py"
    own = f"include({str(ROOT / 'firmware/manifest.py')!r}, port=False)\n"
    manifest.write_text(f"include({str(TESTS / 'twin/esp32/manifest.py')!r})\n{own}")
    variables = [
        *twins._variables("esp32", 32, ""),
        f"BUILD={place}",
        f"FROZEN_MANIFEST={manifest}",
    ]
    try:
        make(source() / "ports/unix", variables, tmp_path / "build.log")
    except BuildError as error:
        pytest.fail(str(error))
    done = subprocess.run(
        [str(place / "micropython"), "-c", FROZEN.format(names=list(names(MODULES)))],
        env=dict(os.environ, MICROPYPATH=".frozen"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout == f"provisioning/__init__.py {VERSION} b'<!doctype html>'\n", done.stderr
