# The commands in README, docs/ and --help run as they are printed.
# MIT licence
"""Each command in a block of a document, or in a command's --help, either runs here, or its words
are taken by its own parser, and what it does is tested elsewhere.
"""

import os
import re
import shlex
import subprocess
import sys

import pytest

from pc import deployed
from pc.deployed import ROOT
from tools import __main__ as tools

DOCUMENTS = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
DOCUMENTS += [ROOT / "firmware/README.md", ROOT / "firmware/selftest/README.md"]
_PYTHON = "build/venv/bin/python -m tools "
# In the order of the documents, on one board; the others are parsed.
ON_A_BOARD = (
    *("make deploy", "make deploy ARGS='--app lamp.py'", "make label"),
    *("make status", "make settings", "make settings ARGS='ap_open=true led_pin=8'"),
    *("make settings ARGS='--check product.json'", "make settings ARGS='--file product.json'"),
    *("make logs ARGS='--restart --seconds 5'", "make doctor", "make forget ARGS=--yes"),
    "build/venv/bin/python -m tools label -o label.png --ssid Lamp-1a2b3c --key h7k2m9xp4r "
    "--name Lamp",
)


def commands(text):
    """The commands in the blocks of a document, a line that goes on in the next as one."""
    found = []
    for block in re.findall(r"^```(?:\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            line = re.sub(r"\s+#.*", "", line.removeprefix("$ ")).strip()
            if re.match(r"(make|build/venv/bin/\w+|python -m tools)\b", line):
                found.append(line)
    return found


def documented():
    """All of them, [(document, command)], and those in the text between backticks."""
    found = []
    for path in DOCUMENTS:
        text = path.read_text()
        inline = re.findall(r"`(make [^`]+|build/venv/bin/python -m tools[^`]*)`", text)
        for command in dict.fromkeys([*commands(text), *inline]):
            found.append((path.relative_to(ROOT).as_posix(), command))
    return found


def shown_in_help():
    """The examples in the commands' own descriptions."""
    found = []
    for name in tools.COMMANDS:
        module = sys.modules.get(f"tools.boards.{name}") or __import__(
            f"tools.boards.{name}", fromlist=["SUMMARY"]
        )
        for line in module.__doc__.replace("\n          --", " --").splitlines():
            command = re.split(r"\s{2,}", line.strip())[0]
            if line.startswith(f"  {name}") and command.split()[0] == name:
                found.append((f"{name} --help", _PYTHON + command))
    return found


def words_of(command):
    """What a command of ours hands to the parser of python -m tools; None for other commands."""
    words = shlex.split(command)
    if words[0] == "make" and len(words) > 1:
        name = {"board-repl": "repl"}.get(words[1], words[1])
        given = dict(word.split("=", 1) for word in words[2:] if "=" in word)
        return [name, *shlex.split(given.get("ARGS", ""))] if name in tools.COMMANDS else None
    if command.startswith(_PYTHON):
        return words[3:]
    return None


def test_there_is_something_to_test():
    assert len(documented()) > 40 and len(shown_in_help()) > 12
    assert {command for _, command in documented()} >= set(ON_A_BOARD)


def is_one(command):
    """Neither a pattern for any, nor in MicroPython's sources: test_packages.py builds those."""
    words = words_of(command) or shlex.split(command)
    return not words[0].isupper() and "COMMAND" not in words and "-C" not in words


@pytest.mark.parametrize(
    "place, command", [each for each in documented() + shown_in_help() if is_one(each[1])]
)
def test_its_words_are_taken(place, command):
    words = words_of(command)
    if words is not None:
        assert tools.parser().parse_args(words)
    elif command.startswith("make "):
        dry = ["make", "-n", *shlex.split(command)[1:]]
        dry = [word for word in dry if word not in ("or", "NAME")]
        done = subprocess.run(dry, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    else:
        program = shlex.split(command)[0]
        assert (ROOT / program).exists() or program == "python", command


SOME = ("make status", "make settings ARGS='--check product.json'", "make doctor")


@pytest.mark.parametrize("chosen", [SOME, pytest.param(ON_A_BOARD, marks=pytest.mark.long)])
def test_on_a_board(tmp_path, chosen):
    (tmp_path / "lamp.py").write_text("def main(link):\n    pass\n")
    (tmp_path / "product.json").write_text('{"ap_open": false, "led_pin": 8}')
    with deployed.board(tmp_path / "board") as board:
        for command in chosen:
            # As printed, but where files are made and looked for.
            words = [sys.executable, "-m", "tools", *words_of(command)]
            done = subprocess.run(
                words,
                cwd=tmp_path,
                env={**os.environ, "PORT": board.port, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    if chosen is ON_A_BOARD:
        assert (tmp_path / "label.pdf").read_bytes().startswith(b"%PDF")
        assert (tmp_path / "label.png").exists()


def test_make_hands_its_words_on(tmp_path):
    product = tmp_path / "product.json"
    product.write_text("{}")
    command = ["make", "settings", f"ARGS=--check {product}", f"VENV={sys.executable}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "0 settings, all within their limits" in done.stdout, done.stderr
