# Where frames come from: our C module, or a firmware that decodes by itself.
# MIT licence

from micropython import const

_CHUNK = const(16)  # records at once: to decode them takes an ESP32 some 40 ms
_RECORD = const(16)


def source(module):
    """What gives frames, or a result, out of a module of the firmware."""
    return Sniffer(module) if hasattr(module, "readinto") else Firmware(module)


class Sniffer:
    """The C module of firmware/usermod/wifi_sniffer: it gives frames, we decode them."""

    decodes = False

    def __init__(self, module):
        self._module = module
        self._buffer = bytearray(_CHUNK * _RECORD)

    def start(self, key):
        """Listen. key: for what decodes by itself. OSError."""
        self._module.start()

    def stop(self):
        """Listen no more."""
        self._module.stop()

    def tune(self, channel):
        """Go to a channel, 1 to 13. OSError."""
        self._module.channel(channel)

    def transmitter(self, number):
        """The address of a transmitter, 6 bytes, b"" if it is not known any more."""
        try:
            return self._module.transmitter(number)
        except IndexError:
            return b""

    def read(self):
        """The next records and how many they are, 0: there are none."""
        return self._buffer, self._module.readinto(self._buffer)


class Firmware:
    """A module `smartconfig` that decodes, joins and acknowledges (MicroPython PR 13658)."""

    decodes = True

    def __init__(self, module):
        self._module = module

    def start(self, key):
        """Listen. key: 16 bytes, for ESP-Touch v2, or None."""
        module = self._module
        if key and hasattr(module, "v2_key"):
            module.v2_key(key.decode())
            module.type(module.TYPE_ESPTOUCH_V2)
        else:
            module.type(module.TYPE_ESPTOUCH_AIRKISS)
        module.start()

    def stop(self):
        """Listen no more."""
        self._module.stop()

    def read(self):
        """(SSID, password, what else was sent) as bytes, or None while nothing has come."""
        module = self._module
        if not module.done():
            return None
        extra = b""
        for name in ("rvd_data", "v2_data"):  # the pull request's, before and after a review
            if hasattr(module, name):
                extra = getattr(module, name)()
        return _bytes(module.ssid()), _bytes(module.password()), _bytes(extra or b"")


def _bytes(text):
    return text.encode() if isinstance(text, str) else bytes(text)
