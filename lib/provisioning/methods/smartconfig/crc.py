# CRC-8/MAXIM, of ESP-Touch, AirKiss and Tuya.
# MIT licence


def crc8(data, crc=0):
    """Of bytes: polynomial 0x8C reflected, initial 0. crc8(b"a") is 0x3B."""
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
    return crc
