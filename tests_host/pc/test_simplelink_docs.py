# docs/simplelink.md names every function with its signature, and every code that one returns.
# MIT licence

import inspect
import re
from pathlib import Path

import pytest

from pc.test_faces_model import TI_CODES

DOCS = (Path(__file__).parents[2] / "docs/simplelink.md").read_text()


def functions():
    import simplelink

    mine = {"include": simplelink.include, "error_name": simplelink.error_name}
    return mine | {n: f for n, f in vars(simplelink).items() if n.startswith("sl_")}


@pytest.mark.parametrize("name", functions())
def test_every_function_is_documented_with_its_signature(name):
    function = functions()[name]
    assert f"`{name}({', '.join(inspect.signature(function).parameters)})`" in DOCS
    assert function.__doc__


@pytest.mark.parametrize("name", TI_CODES)
def test_every_code_that_it_returns_is_documented(name):
    for code in TI_CODES[name]:
        if code < 0:
            assert re.search(rf"(?<!\d){code}(?!\d)", DOCS), code
