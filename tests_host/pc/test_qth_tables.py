# qth_wifi against the vendor's own tables, read from a copy of them (qth_tables.md).
# MIT licence
import importlib
import inspect
import re
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
TEXT = (HERE / "qth_tables.md").read_text()
DOCS = (HERE.parents[1] / "docs/qth.md").read_text()


def tables(text):
    """The Markdown tables of a text: lists of rows, each a list of cells; the heading is gone."""
    found, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            found.append(rows[2:])
            rows = []
    return found


FUNCTIONS, MODES, STATUSES, CODES = tables(TEXT)


@pytest.fixture(scope="module")
def api():
    """The module, for this file alone: a simulated board loads its own."""
    import shim  # noqa: F401  makes CPython a MicroPython

    before = set(sys.modules)
    yield importlib.import_module("qth_wifi")
    for name in set(sys.modules) - before:
        if name.split(".")[0] in ("qth_wifi", "provisioning"):
            del sys.modules[name]


def numbers(api, prefix):
    """The constants with this prefix, as {name: number}."""
    return {name: getattr(api, name) for name in dir(api) if name.startswith(prefix)}


def functions(api):
    """The functions with C names, as {name: function}."""
    found = inspect.getmembers(api, inspect.isfunction)
    return {name: function for name, function in found if name.startswith("Qth_")}


def test_the_copy_holds_all_that_the_page_has():
    assert [len(table) for table in (FUNCTIONS, MODES, STATUSES, CODES)] == [3, 2, 3, 12]


@pytest.mark.parametrize("name, hexadecimal, decimal, description", CODES)
def test_each_code_has_its_number(api, name, hexadecimal, decimal, description):
    assert getattr(api, name) == int(decimal) == int(hexadecimal, 16), description


def test_no_two_codes_are_the_same(api):
    codes = numbers(api, "OPRT_")
    assert len(set(codes.values())) == len(codes)
    assert all(number <= 0 for number in codes.values())


@pytest.mark.parametrize(
    "table, prefix", [(MODES, "QTH_WIFI_CFGMODE_"), (STATUSES, "QTH_WIFI_CFGSTA_")]
)
def test_each_enumeration_has_its_members_in_the_order_of_the_list(api, table, prefix):
    names = [row[0] for row in table]
    # The page gives no numbers: ours are those of an enum in this order.
    assert [getattr(api, name) for name in names] == list(range(len(names)))
    others = set(numbers(api, prefix)) - set(names)
    assert others <= {"QTH_WIFI_CFGMODE_SILENT"}


def test_each_function_has_the_prototype_of_the_page(api):
    prototypes = dict(re.findall(r"(Qth_\w+)\((.*)\);", TEXT))
    assert [re.search(r"Qth_\w+", row[0])[0] for row in FUNCTIONS] == list(prototypes)
    for name, arguments in prototypes.items():
        expected = [] if arguments == "void" else [arguments.split()[-1]]
        assert list(inspect.signature(getattr(api, name)).parameters) == expected, name


def test_the_mode_is_slient_where_none_is_given(api):
    # The page's own example of Close calls Open without one.
    default = inspect.signature(api.Qth_wifiOpenNetcfg).parameters["mode"].default
    assert default == api.QTH_WIFI_CFGMODE_SLIENT


def test_slient_may_be_spelt_silent(api):
    for name in dir(api):
        if name.endswith("_SLIENT"):
            assert getattr(api, name) == getattr(api, name.replace("SLIENT", "SILENT")), name


def test_device_states_are_those_of_the_published_example(api):
    published = {"NETCFG": 0, "NETCFGED": 2, "CONNECTED_ROUTE": 3, "CONNECTED_DMP": 4, "SLIENT": 5}
    for name, number in published.items():
        assert getattr(api, "QTH_DEV_STATUS_" + name) == number


def test_the_reasons_are_those_of_the_package(api):
    from provisioning import codes

    ours = {name[9:]: number for name, number in numbers(api, "QTH_WIFI_REASON_").items()}
    assert ours == numbers(codes, "REASON_")


def test_every_function_is_documented_with_its_signature(api):
    for name, function in functions(api).items():
        parameters = inspect.signature(function).parameters
        assert f"`{name}({', '.join(parameters)})`" in DOCS, name
        assert function.__doc__, name


def test_every_code_and_constant_is_documented_with_its_number(api):
    for prefix in ("OPRT_", "QTH_"):
        for name, number in numbers(api, prefix).items():
            if not name.endswith("_SILENT"):
                assert re.search(rf"^\|.*`{name}`.*(?<![\d-]){number}(?!\d)", DOCS, re.M), name
