# Where the tools find things in the checkout.
# MIT licence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIB = ROOT / "lib"
TESTS = ROOT / "tests_host"
BUILD = ROOT / "build"
BIN = BUILD / "bin"
CLOUD = BUILD / "cloud"
MPY = BUILD / "mpy"
MPY_TESTS = BUILD / "mpy_tests"
STUBS = BUILD / "stubs"
