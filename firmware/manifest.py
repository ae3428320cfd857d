# What a firmware has frozen: lib/, and what the port or the board has anyway.
# MIT licence
#
# Build with FROZEN_MANIFEST=/path/to/firmware/manifest.py (firmware/README.md). For a part of it,
# a manifest of your own:
#
#   include("/path/to/firmware/manifest.py", features="portal qth")
#
# features: of core (always there), portal, smartconfig, protocomm, improv, qth, simplelink.
# port=False: without the port's own manifest, when yours includes that.

import json
import os

metadata(description="Wi-Fi provisioning for MicroPython boards", license="MIT")
options.defaults(features="portal smartconfig protocomm improv qth simplelink", port=True)

PORTAL = "provisioning/methods/portal/"

# The first that is there. What is missing within it is a fault.
PORTS = ("$(BOARD_DIR)/manifest.py", "$(PORT_DIR)/boards/manifest.py")
for path in PORTS if options.port else ():
    try:
        include(path)
        break
    except Exception as error:
        missing = getattr(error.__context__, "filename", None)
        if not str(missing).endswith("/manifest.py"):
            raise

# What mip installs is listed there already.
files = set()
for feature in ["core", *options.features.split()]:
    with open("../" + feature + ".json") as file:
        files.update(name for name, url in json.load(file)["urls"])
data = {}
for name in sorted(files):
    if name.endswith(".py"):
        module(name, base_path="../lib")
    else:
        with open("../lib/" + name, "rb") as file:
            data[name[len(PORTAL) :]] = file.read()

# Firmware has modules only: the portal's page and texts go into one, which pages.py asks for.
if data:
    os.makedirs("../build/frozen/" + PORTAL, exist_ok=True)
    with open("../build/frozen/" + PORTAL + "files.py", "w") as file:
        file.write("FILES = " + repr(data) + "\n")
    module(PORTAL + "files.py", base_path="../build/frozen")
