# Folding constants into the modules that use them: the numbers are right, and nothing else moves.
# MIT licence

import ast

import pytest

from conftest import ROOT
from tools import fold

HOMES = {"codes": {"A": 1, "B": -2169}, "statemachine": {"OFF": 0}}
MODULES = sorted((ROOT / "lib").rglob("*.py"))


def test_numbers_take_the_places_of_names():
    text = "from .codes import A, B, other\nx = A + B\ny = other\nz = 'é', A\n"
    assert fold.fold(text, HOMES) == (
        "from .codes import other\nx = 1 + (-2169)\ny = other\nz = 'é', 1\n"
    )


def test_a_module_that_is_used_otherwise_stays():
    text = "from . import codes, statemachine as machine\nmachine.step(machine.OFF, codes.A)\n"
    assert fold.fold(text, HOMES) == (
        "from . import statemachine as machine\nmachine.step(0, 1)\n"
    )


def test_lines_stay_where_they_are():
    text = "from ..codes import (\n    A,\n    B,\n)\n\nprint(A, B)\n"
    assert fold.fold(text, HOMES) == "pass\n\n\n\n\nprint(1, (-2169))\n"


def test_what_only_looks_alike_is_left_alone():
    text = "from codes import A\nB = 3\nself.A = B\nother.codes.A\n"
    assert fold.fold(text, HOMES) == text


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_module_of_ours_folds(path):
    text = path.read_text()
    folded = fold.fold(text, fold.known())
    ast.parse(folded)
    assert len(folded.splitlines()) == len(text.splitlines())
    if path.stem != "__init__":
        names = {node.id for node in ast.walk(ast.parse(folded)) if isinstance(node, ast.Name)}
        assert "codes" not in names
