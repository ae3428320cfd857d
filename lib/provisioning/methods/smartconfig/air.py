# Sorts the frames of the air into streams, and gives those that speak a protocol a decoder.
# MIT licence
#
# A record is 16 bytes, little endian: time u32 in us; length u16 without FCS; sequence number << 4
# and flags u16; rssi i8; channel u8; transmitter u8, a number in the source's table, 255: unknown;
# kind of destination u8: 0 one station, 1 broadcast, 2 multicast; the last three octets of its
# address; a spare one.

import sys

from micropython import const

from . import syncs

RECORD = const(16)
FROM_DS = const(1)  # flags: the access point's copy, to everybody
RETRY = const(2)
QOS = const(4)
LENGTH_ONLY = const(8)  # the radio could not make out more: there is no address

_GROUP = const(0x200)  # in a stream's name: not to one station
_NOBODY = const(0x400)  # the name of the stream of LENGTH_ONLY
_STREAMS = const(12)  # followed at a time; the least useful makes room
_DECODERS = const(6)  # of them, each of 1.5 kB: three phones and their access points' copies
_STALE = const(4000)  # frames of all since a phone made itself known: about 14 s
_SILENT = const(4)  # so much more it counts that a stream is silent
_TRY_AGAIN = const(20)  # syncs later, when there was no place for a decoder
_PATIENCE = const(6)  # a stream with a decoder may be silent 2 ** so many times as long
_WINDOW = const(16)  # retries come so many sequence numbers late at most
_MDNS = const(0x0000FB)  # groups that every network is full of
_SSDP = const(0x7FFFFA)
_SHORT = const(4)  # what the last two lengths of a sync that goes by steps differ by, at most,
_LONGEST = const(65)  # or this, one of them being so long
_LONG = const(1100)
_TURN = const(20)  # the same of its first and third, where lengths take turns


class Air:
    """feed() it with records; it returns what a phone said, a Heard, as soon as that is complete.

    key: of 16 bytes, for what is encrypted, or None. names: SSIDs of the networks here, bytes;
    who knows them can do with less of AirKiss. synced: True while some stream has a decoder,
    which it gets when a phone made itself known in it (syncs.py).
    """

    def __init__(self, key=None, names=()):
        self._key = key
        self._names = names
        self._streams = {}
        self._frames = 0
        self.synced = False

    def feed(self, records, count):
        """`count` records in a buffer. Returns a Heard, or None.

        With a Heard, what comes after it in the buffer is not looked at.
        """
        for at in range(0, count * RECORD, RECORD):
            heard = self._frame(records, at)
            if heard:
                return heard
        return None

    @property
    def progress(self):
        """A number that changes as long as a phone goes on making itself known."""
        return sum(self._streams[name].syncs for name in self._streams)

    @property
    def access_point(self):
        """Its number, if it is an access point's copy in which a phone is heard; else None."""
        for name in self._streams:
            if name & FROM_DS and name != _NOBODY and self._streams[name].decoder:
                return name >> 1 & 0xFF
        return None

    def forget(self):
        """Begin again: no streams, not synced."""
        self._streams.clear()
        self.synced = False

    def _frame(self, records, at):
        flags = records[at + 6]
        length = records[at + 4] | records[at + 5] << 8
        group = sequence = -1
        if flags & LENGTH_ONLY:
            name = _NOBODY
        else:
            sequence = records[at + 7] << 4 | flags >> 4
            name = records[at + 10] << 1 | flags & FROM_DS
            kind = records[at + 11]
            if kind:
                # What a phone says to one station is other traffic, or another protocol.
                name |= _GROUP
                if kind == 2:
                    group = records[at + 12] << 16 | records[at + 13] << 8 | records[at + 14]
                    if group == _MDNS or group == _SSDP:
                        return None
        self._frames = self._frames + 1 & 0xFFFFFF
        stream = self._streams.get(name)
        if stream is None:
            stream = self._admit(name)
        stream.heard_at = self._frames
        heard = stream.feed(length, sequence, group)
        if stream.decoder:
            self.synced = True
        return heard

    def _admit(self, name):
        if len(self._streams) >= _STREAMS:
            self._make_room()
        stream = self._streams[name] = _Stream(self)
        return stream

    def decoder(self, stream, what):
        """One that begins, for a stream; None if there is no memory that nobody else needs."""
        stream.decoder = None
        count = 0
        for name in self._streams:
            if self._streams[name].decoder:
                count += 1
        if count >= _DECODERS and not self._drop():
            return None
        while True:
            try:
                decoder = _load(what).Decoder(self._key)
                decoder.names = self._names
                return decoder
            except MemoryError:
                if not self._drop():
                    return None

    def _drop(self):
        # Take the least useful decoder away, but none of a phone that goes on: two that take each
        # other's would never hear the end. Returns False if there is no such.
        most = _STALE
        dull = None
        for name in self._streams:
            stream = self._streams[name]
            if stream.decoder:
                silent = self._frames - stream.heard_at & 0xFFFFFF
                age = max(self._frames - stream.synced_at & 0xFFFFFF, _SILENT * silent)
                if age > most:
                    most, dull = age, stream
        if dull:
            dull.decoder = None
            dull.what = ""
        return dull is not None

    def _make_room(self):
        # Away with the stream that is silent for longest.
        longest = -1
        dull = None
        for name in self._streams:
            stream = self._streams[name]
            silent = self._frames - stream.heard_at & 0xFFFFFF
            if stream.decoder:
                silent >>= _PATIENCE
            if silent > longest:
                longest, dull = silent, name
        del self._streams[dull]


class _Stream:
    # The frames of one transmitter in one direction, to groups or to one station.
    def __init__(self, air):
        self._air = air
        self.decoder = None
        self.what = ""  # the decoder
        self.heard_at = 0  # and when the phone last made itself known, in frames of all
        self.synced_at = 0
        self.syncs = 0
        self._newest = 0  # sequence number; and which of those before it there were, as bits
        self._were = 0
        self._b = self._c = self._d = 0  # the last lengths
        self._offset = 0
        self._rival = ""  # what was seen last, perhaps something else, and how often in a row
        self._rival_offset = 0
        self._times = 0

    def feed(self, length, sequence, group):
        """One frame. Returns a Heard, or None."""
        if sequence >= 0:
            if sequence == self._newest + 1:
                # The usual case, in short.
                self._newest = sequence
                self._were = self._were << 1 & 0xFFFF | 1
            elif self._again(sequence):
                return None
        a, b, c = self._b, self._c, self._d
        self._b, self._c, self._d = b, c, length
        # A frame that can be none of those should be out of here at once.
        step = length - c
        turn = c - a
        if not (
            (group >= 0 and self._is_sync(syncs.BY_GROUP, group, length))
            or (
                -_LONGEST <= step <= _LONGEST
                and (-_SHORT <= step <= _SHORT or length > _LONG or c > _LONG)
                and self._look(syncs.BY_STEP, a, b, c, length)
            )
        ) and (-_TURN <= turn <= _TURN or b == length):
            self._look(syncs.BY_TURN, a, b, c, length)
        if self.decoder:
            # A new one gets the frame at which it was believed, which tells it where it is.
            return self.decoder.feed(length - self._offset, sequence, group)
        return None

    def _again(self, sequence):
        # A retry: its first copy was heard. One whose first copy was lost is as good as that.
        # Out of order is no reason: the radio sends blocks again in pieces.
        ahead = sequence - self._newest & 0xFFF
        if not self._were:
            ahead = _WINDOW  # the first
        elif ahead == 0:
            return True
        elif ahead > 0x800:
            behind = 0x1000 - ahead
            if behind < _WINDOW:
                if self._were >> behind & 1:
                    return True
                self._were |= 1 << behind
                return False
            ahead = _WINDOW  # they begin anew
        self._newest = sequence
        self._were = ((self._were << ahead) & 0xFFFF | 1) if ahead < _WINDOW else 1
        return False

    def _is_sync(self, protocol, *what):
        name, function, times = protocol
        offset = function(*what)
        if offset >= 0:
            self._seen(name, offset, times)
        return offset >= 0

    def _look(self, protocols, a, b, c, d):
        for name, function, times in protocols:
            offset = function(a, b, c, d)
            if offset >= 0:
                self._seen(name, offset, times)
                return True
        return False

    def _seen(self, what, offset, times):
        if what == self._rival and offset == self._rival_offset:
            self._times += 1
        else:
            self._rival, self._rival_offset, self._times = what, offset, 1
        if what == self.what and offset == self._offset:
            self.syncs += 1
            self.synced_at = self.heard_at
            return
        # What is there already takes more to go: its data may look like that once.
        if self._times >= (2 * times if self.decoder else times):
            self.decoder = self._air.decoder(self, what)
            if self.decoder:
                self.what, self._offset = what, offset
                self.synced_at = self.heard_at
            else:
                self.what = ""
                self._times = -_TRY_AGAIN


def _load(what):
    what = "provisioning.methods.smartconfig." + what
    __import__(what)
    return sys.modules[what]
