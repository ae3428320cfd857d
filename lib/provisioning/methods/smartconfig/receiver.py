# Listens for a phone: channel after channel, then on the one where it was heard.
# MIT licence

import asyncio
import time

from micropython import const

from ... import codes, drop_modules, tasks
from ...profiles import Profile, ProfilesFull

_DWELL_MS = const(120)  # broadcasts come once in a beacon's 102 ms
_POLL_MS = const(40)
_STAY_MS = const(10000)  # where a phone was heard, since it made itself known again
_AGAIN_MS = const(1000)  # when it could not listen
_WAITING = const(32)  # chunks of records at most
_USUAL = (1, 6, 11)
_LAST_CHANNEL = const(13)
_KEPT = ("receiver", "sources", "ack")  # modules that not only listening needs
_TRYING = ("waiting", "joining", "addressing", "checking")


class Receiver:
    """Listens for `session` with a source of sources.py, from start() to stop().

    What a phone said is handed to the session; while that is tried nothing is listened to. When
    it failed the listening begins again. The session hears of synced and sync lost (statuses 13
    and 14 of SWRA513C).
    """

    def __init__(self, session, source):
        self._session = session
        self._source = source
        self._task = None
        self._end = 0  # of the window
        self._channel = 0
        self._alone = session.mode == codes.MODE_SC  # then the window is the run

    def start(self):
        """Listen in the background."""
        if self._source.decodes and not self._alone:
            # Such a module switches the access point off (modsmartconfig.c of PR 13658).
            print("provisioning: this firmware hears SmartConfig in MODE_SC only")
            return
        self._task = asyncio.create_task(self._run())

    async def stop(self):
        """End it."""
        task, self._task = self._task, None
        await tasks.end(task)

    async def _run(self):
        self._open_window()
        print("provisioning: listening for SmartConfig")
        while True:
            try:
                await self._turn()
            except Exception as error:  # whatever it is, the next phone is to be heard
                print("provisioning: SmartConfig:", error)
                await asyncio.sleep_ms(_AGAIN_MS)

    async def _turn(self):
        session = self._session
        if not session.is_waiting():
            # A network is tried. When it fails, the person has time for another.
            self._open_window()
        elif self._may_listen():
            try:
                ssid, heard = await self._listen()
            finally:
                drop_modules(_is_decoder)  # the join needs the room
            if heard and self._hand_over(ssid, heard):
                await self._acknowledge(ssid, heard)
            return
        elif self._end and self._is_late():
            self._end = 0
            print("provisioning: no longer listening for SmartConfig")
        await asyncio.sleep_ms(_POLL_MS)

    def _open_window(self):
        window = self._session.settings["smartconfig_s"] * 1000
        self._end = time.ticks_add(time.ticks_ms(), window) or 1

    def _is_late(self):
        late = not self._end or time.ticks_diff(self._end, time.ticks_ms()) <= 0
        return late and not self._alone

    def _may_listen(self):
        # Not while a network is tried, of the portal's perhaps. With a phone on our access point,
        # or with a link, the radio has to stay (so says esp_wifi_set_channel's documentation), and
        # the portal needs the memory.
        session = self._session
        if not session.is_waiting() or self._is_late():
            return False
        return self._alone or not (session.radio.stations() or session.radio.is_linked())

    async def _listen(self):
        """Until a phone has said it all: (SSID, Heard), None where it may listen no more."""
        source, session = self._source, self._session
        if session.radio.is_linked():
            session.radio.leave()
        self._channel = 0  # nobody knows where the radio was meanwhile
        source.start(session.key)
        try:
            if source.decodes:
                heard = await self._ask_firmware()
            else:
                heard = await self._sweep()
        finally:
            if session.channel and not session.radio.stations():
                self._tune(session.channel)
            source.stop()
        ssid = heard and heard.ssid
        if heard and ssid is None:
            ssid = name_of(heard, session.access_points())
        return ssid, heard

    async def _ask_firmware(self):
        from .heard import Heard

        while self._may_listen():
            said = self._source.read()
            if said:
                heard = Heard("firmware", said[0], said[1])
                heard.extra = said[2]
                self._session.synced()
                return heard
            await asyncio.sleep_ms(_POLL_MS)
        return None

    async def _sweep(self):
        from .air import Air

        session = self._session
        air = Air(session.key, [network.ssid for network in session.networks()])
        for channel in self._channels():
            if not self._may_listen():
                return None
            if not self._tune(channel):
                await asyncio.sleep_ms(_POLL_MS)
                continue
            heard = await self._dwell(air, _DWELL_MS)
            if air.synced:
                session.synced()
                heard = heard or await self._stay(air)
            if heard:
                return heard

    async def _stay(self, air):
        # A phone transmits here; or next door, where it is louder.
        number = air.access_point
        if number is not None and self._may_listen():
            bssid = self._source.transmitter(number)
            for network in self._session.access_points():
                if network.bssid == bssid:
                    self._tune(network.channel)
        before = -1
        heard = None
        while heard is None and air.progress != before and self._may_listen():
            before = air.progress
            heard = await self._dwell(air, _STAY_MS)
        if heard is None:
            self._session.sync_lost()
            air.forget()
        return heard

    async def _dwell(self, air, ms):
        began = time.ticks_ms()
        while True:
            records, count = self._source.read()
            heard = air.feed(records, count)
            if heard:
                return heard
            spent = time.ticks_diff(time.ticks_ms(), began)
            # What waits was heard here; but where more comes than can be decoded, it never ends.
            if spent >= ms and (not count or spent >= 2 * ms) or not self._may_listen():
                return None
            await asyncio.sleep_ms(0 if count else _POLL_MS)

    def _channels(self):
        """Where to listen, for ever; channels with strong access points come first.

        Beside our access point every other turn is on its channel, so that phones find it.
        """
        session = self._session
        strong = [network.channel for network in session.networks()]
        every = []
        for channel in strong + list(_USUAL) + list(range(1, _LAST_CHANNEL + 1)):
            if channel not in every and 1 <= channel <= _LAST_CHANNEL:
                every.append(channel)
        while True:
            for channel in every:
                if session.channel:
                    yield session.channel
                yield channel

    def _tune(self, channel):
        # False where the radio may not go: 12 and 13 in some countries.
        if self._source.decodes or channel == self._channel:
            return True
        try:
            self._source.tune(channel)
        except (OSError, ValueError):
            return False
        self._channel = channel
        for _ in range(_WAITING):
            if not self._source.read()[1]:
                break  # what was left was heard elsewhere
        return True

    def _hand_over(self, ssid, heard):
        """Offer what was heard. False when its name is not known, or it is no network."""
        session = self._session
        if not session.is_waiting():
            return False  # the portal was faster
        if not ssid:
            print("provisioning: SmartConfig named a network that is not in the air")
            session.request_scan()
            return False
        try:
            session.complete(Profile(ssid, heard.key), heard.extra)
        except (ValueError, ProfilesFull) as error:
            print("provisioning: what SmartConfig sent is not taken:", error)
            return False
        return True

    async def _acknowledge(self, ssid, heard):
        """Wait for what becomes of it; when it works, tell the phone on that network."""
        session = self._session
        while session.progress().state in _TRYING:
            await asyncio.sleep_ms(_POLL_MS)
        progress = session.progress()
        link = session.radio.link(ssid)
        ours = progress.state == "connected" and progress.ssid == ssid
        if link and ours and not session.is_waiting():
            from . import ack

            if self._source.decodes or await ack.send(heard, session.mac, link):
                session.read_result()


def _is_decoder(name):
    package = __name__.rsplit(".", 1)[0] + "."
    return name.startswith(package) and name[len(package) :] not in _KEPT


def name_of(heard, networks):
    """The SSID of which the phone sent less than all, out of a scan's Networks, or None.

    The BSSID tells most, but may be that of the same network on 5 GHz (esp-idf #15213).
    """
    from .crc import crc8

    best, found = 0, None
    for network in networks:
        fits = 0
        if network.hidden:
            continue
        if heard.ssid_crc >= 0:
            if crc8(network.ssid) != heard.ssid_crc:
                continue
            fits = 1
        if network.bssid == heard.bssid:
            fits += 4
        elif heard.bssid_crc >= 0 and crc8(network.bssid) == heard.bssid_crc:
            fits += 2
        if fits > best:
            best, found = fits, network.ssid
    return found
