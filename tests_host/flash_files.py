# Records on the flash of a simulated board that has not been switched on yet.
# MIT licence

import json
import zlib

# A board gives slow routers and slow people time; nobody here is slow. Where a default time is
# what a test is about, the test says it.
BRISK = {
    "hold_ms": 500,
    "linger_ms": 500,
    "settle_ms": 0,
    "join_timeout_ms": 5000,
    "address_timeout_ms": 5000,
}


def put(folder, name, record):
    """Write a record as lib/provisioning/store.py does; the folder is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    body = json.dumps(record).encode()
    (folder / name).write_bytes(b"1 %08x\n%s" % (zlib.crc32(body), body))
