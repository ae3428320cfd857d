# The rules of the house (README, "How it is built"), kept by reading the source.
# MIT licence
import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIB = ROOT / "lib"
MODULES = sorted(LIB.rglob("*.py"))
MAX_LINES = 480


def checkout():
    """Every file of the checkout that git has, or would have with the next commit."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def text_of(path):
    """What is in a text file; empty for other files."""
    data = path.read_bytes()
    return "" if b"\0" in data else data.decode(errors="replace")


def imports(path):
    """The modules that a file imports anywhere, relative ones with their dots."""
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            dots = "." * node.level
            if node.module:
                found.add(dots + node.module)
            else:
                found |= {dots + alias.name for alias in node.names}
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "__import__":
            first = node.args[0]
            found.add(first.value if isinstance(first, ast.Constant) else "?")
    return found


def file_writes(source):
    """The line numbers of a source that open a file for writing, or move or remove one."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        owner = getattr(getattr(node.func, "value", None), "id", "")
        if name == "open" and owner in ("", "io"):
            modes = [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "mode")]
            for mode in modes:
                if not isinstance(mode, ast.Constant) or set(str(mode.value)) & set("wax+"):
                    lines.append(node.lineno)
        elif owner == "os" and name in ("rename", "replace", "remove", "unlink"):
            lines.append(node.lineno)
    return lines


def in_lib(path):
    return path.relative_to(LIB).as_posix()


def test_there_is_a_library_to_judge():
    assert "provisioning/radio.py" in {in_lib(path) for path in MODULES}


def test_only_radio_imports_network():
    users = {in_lib(p) for p in MODULES if "network" in {n.split(".")[0] for n in imports(p)}}
    assert users == {"provisioning/radio.py"}


def test_only_store_writes_files():
    writers = {in_lib(p): file_writes(p.read_bytes()) for p in MODULES}
    writers.pop("provisioning/store.py")
    assert {name: lines for name, lines in writers.items() if lines} == {}


@pytest.mark.parametrize(
    "source, writes",
    [
        ("open(name)", False),
        ("open(name, 'rb')", False),
        ("open(name, 'wb')", True),
        ("open(name, mode='a')", True),
        ("open(name, how)", True),
        ("io.open(name, 'r+')", True),
        ("os.rename(a, b)", True),
        ("session.open(a, 'w')", False),
    ],
)
def test_the_rule_on_writing_sees(source, writes):
    assert bool(file_writes(source)) is writes


def test_statemachine_imports_codes_alone():
    allowed = {".codes", "provisioning.codes", "micropython"}  # micropython: const()
    assert imports(LIB / "provisioning/statemachine.py") - allowed == set()


def test_codes_import_nothing_of_the_package():
    assert imports(LIB / "provisioning/codes.py") - {"micropython"} == set()


def test_lib_imports_nothing_of_the_tests():
    names = {p.stem for p in (ROOT / "tests_host").glob("*")}
    names |= {p.stem for p in (ROOT / "tests_host/shim").glob("*.py")}
    # A shim that stands in for a board's module has that module's name.
    board = {"network", "machine", "micropython", "socket", "time", "os", "select", "asyncio"}
    for path in MODULES:
        # A relative import does not leave the package.
        tops = {name.split(".")[0] for name in imports(path) if name[0] != "."}
        assert tops & (names - board - {"__init__"}) == set(), path
        assert "tests_host" not in path.read_text(), path


def test_lib_does_not_know_that_it_is_simulated():
    word = re.compile(r"\b(sim|sims|simulat\w*|shim|shims|fake\w*|mock\w*)\b", re.IGNORECASE)
    found = []
    for path in MODULES:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if word.search(line):
                found.append(f"{in_lib(path)}:{number}: {line.strip()}")
    assert found == []


def test_no_file_is_long():
    long = {}
    for path in checkout():
        count = text_of(path).count("\n")
        if count > MAX_LINES and path.suffix != ".json":
            long[path.relative_to(ROOT).as_posix()] = count
    assert long == {}


def test_python_files_say_what_they_are():
    without = []
    for path in checkout():
        if path.suffix == ".py" and path.stat().st_size:
            head = path.read_text().splitlines()[:4]
            said = [line for line in head if line.startswith("# ") and "licence" not in line]
            if "# MIT licence" not in head or not said:
                without.append(path.relative_to(ROOT).as_posix())
    assert without == []


def test_no_file_names_a_registry_or_a_place_on_one_machine():
    # Put together here, or this file would be its own find.
    hosts = ("pypi|org", "pythonhosted|org", "npmjs|org", "npmjs|com", "debian|org")
    places = ("work", "root", "tmp", "home")
    parts = [re.escape(host.replace("|", ".")) for host in hosts]
    parts += [rf"(?<![\w.}}*-])/{place}/\w" for place in places]
    pattern = re.compile("|".join(parts))
    found = []
    for path in checkout():
        for number, line in enumerate(text_of(path).splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []


def test_the_name_of_the_network_is_asked_from_the_port_in_one_place():
    """ESP32: config("ssid") of a name of 32 bytes goes on into the password. Radio.ssid() cuts it
    off: test_radio.py."""
    asked = re.compile(r"""config\(\s*["']e?ssid["']""")
    places = {in_lib(p): len(asked.findall(p.read_text())) for p in MODULES}
    assert {name: n for name, n in places.items() if n} == {"provisioning/radio.py": 1}
