# What one provisioning run does: opens the methods, tries networks, stores the one that worked.
# MIT licence

import asyncio
import sys

from micropython import const

from . import codes, drop_modules, methods
from . import statemachine as machine
from .events import Event, Outcome
from .identity import Identity
from .link import readable
from .profiles import Profile, Profiles, ProfilesFull
from .radio import JoinError, Radio
from .session import Session
from .settings import Settings

_OFFERS = const(4)
_REPLY_MS = const(100)
_REPLY_ONE_ROLE_MS = const(1000)

# Which reason says most, where several offers failed for different ones.
_TELLING = (
    codes.REASON_NO_ADDRESS,
    codes.REASON_WRONG_PASSWORD,
    codes.REASON_SECURITY,
    codes.REASON_LINK_LOST,
    codes.REASON_RADIO,
    codes.REASON_NOT_FOUND,
)

# Loaded while there is local feedback.
_LOCAL = ["provisioning.feedback." + name for name in ("local", "announce", "mdns")]


class Run:
    """One run of a Provisioner; it goes when the run ends.

    role: taken on success. key: SmartConfig's. reason, ssid, address: of the network that is or
    was tried last.
    """

    def __init__(self, provisioner, role, key=None):
        settings = Settings()
        self._provisioner = provisioner
        self._role = role
        self._radio = Radio(settings["country"])
        self._before = (self._radio.role(), self._radio.is_linked())
        self._open = []  # the methods' objects
        self._cable = None  # the one that needs no radio
        self._local = None  # local feedback
        self._offers = []  # (Profile, index to replace)
        self._winner = None  # the offer that worked
        self.reason = codes.REASON_NONE
        self.ssid = b""
        self.address = ""
        # The radio is on: the ESP32's random numbers, for the keys, are good only then (IDF, RNG).
        identity = Identity(settings["name_prefix"])
        self._phones = 0
        self.session = Session(self, Profiles(), identity, settings, key, self._radio)

    @property
    def state(self):
        """The machine's state."""
        return self._provisioner.state

    # What the methods ask for, through their session

    def feed(self, event, arg=0):
        """An event for the machine."""
        self._provisioner.feed(event, arg)

    def offer(self, profile, replace, token):
        """See Session.offer()."""
        profiles = self.session.profiles
        stored = profiles.find(profile.ssid)
        if stored and replace is None:
            replace = profiles.all().index(stored)
        if profiles.is_full() and replace is None:
            raise ProfilesFull("seven networks are stored: say which one to replace")
        if self.state[0] == machine.CONFIG:
            self.ssid = profile.ssid
        # The newest goes first: what somebody else left behind must not win.
        others = [known for known in self._offers if known[0] != profile]
        self._offers = [(profile, replace)] + others[: _OFFERS - 1]
        self._provisioner.tell(Event(codes.EVENT_PROFILE_ADDED, ssid=profile.ssid, token=token))
        self.feed(machine.OFFERED)

    def confirm(self):
        """See Session.confirm()."""
        self.feed(machine.CONFIRM)
        trying = machine.WAIT_RESET <= self.state[0] <= machine.HOLD
        # An offer that is left over came while another is tried: it needs a confirm afterwards.
        return trying and not self.state[4]

    def read_result(self):
        """See Session.read_result()."""
        result = self.state[3]
        self.feed(machine.RESULT_READ)
        return result

    def request_scan(self):
        """See Session.request_scan()."""
        if self.state[0] == machine.CONFIG:
            self._provisioner.spawn("scan", self._scan_later)

    # What the machine asks for

    async def begin(self):
        """Open what the mode asks for, then feed ROLE_READY."""
        session, radio = self.session, self._radio
        # First: until it listens, a web page that looks for it is a Ctrl-C to the port.
        self._cable = await methods.open_cable(session)
        if not radio.is_linked():  # else when a network is tried: perhaps nobody comes
            radio.renew()
        session.firmware = ".".join(str(part) for part in sys.implementation.version[:3])
        radio.set_hostname(session.identity.name)
        self._scan()
        session.mac = radio.mac()
        await self._open_methods()
        self.feed(machine.ROLE_READY)

    def take_offers(self):
        """What is tried now; what is offered from here on waits for the next confirm."""
        offers, self._offers = self._offers, []
        return offers

    async def join(self, offers):
        """Try the offers, one by one; feed what became of it."""
        # Alone, SmartConfig has no access point that would have to go.
        one_role = self.session.settings["one_role"] and self.state[1] != codes.MODE_SC
        self.address = ""
        self._winner = None
        reasons = []
        # The answer to the request leaves before the radio moves (R1 waits for 1 s).
        await asyncio.sleep_ms(_REPLY_ONE_ROLE_MS if one_role else _REPLY_MS)
        if one_role:
            await self._close_methods()
            self._radio.close_ap()
        for profile, replace in offers:
            if reasons:
                self.feed(machine.NEXT)
            if await self._try(profile, replace, reasons):
                self.feed(machine.HELD)
                break
        else:
            self.reason = [reason for reason in _TELLING if reason in reasons][0]
        if self.state[0] in (machine.ASSOC, machine.ADDRESS, machine.HOLD):
            if one_role:
                await self._reopen()  # else the phone still sees the page
            self.feed(machine.FAILED, self.reason)

    async def _try(self, profile, replace, reasons):
        """Try one offer: True when it works, else its reason is added to `reasons`."""
        session = self.session
        settings = session.settings
        self.ssid = profile.ssid
        self.reason = codes.REASON_NONE
        if session.seen(profile.ssid) is None:
            self._scan()
        seen = session.seen(profile.ssid)
        if seen and seen.security == codes.SECURITY_OPEN:
            profile = Profile(profile.ssid, b"", codes.SECURITY_OPEN, profile.priority)
        elif seen and seen.is_supported() and not profile.key:
            reasons.append(codes.REASON_WRONG_PASSWORD)
            return False
        try:
            link = await self._radio.join(
                profile, seen, self._progress, settings=settings, hold_ms=settings["hold_ms"]
            )
        except JoinError as error:
            reasons.append(error.reason)
            return False
        self.address = link.address
        self._winner = (_resolved(profile, seen), replace)
        return True

    def _progress(self, linked):
        self.feed(machine.LINK_UP if linked else machine.GOT_ADDRESS)

    def commit(self):
        """Store the network that worked; if that fails, it is no success."""
        profile, replace = self._winner
        try:
            self.session.profiles.add(profile, replace)
            self.session.profiles.connected(profile)
        except (OSError, ProfilesFull) as error:
            print("provisioning: %s cannot be stored:" % readable(profile.ssid), error)
            self._winner = None
            self.reason = codes.REASON_RADIO
            self._radio.leave()
            self.feed(machine.ERROR)

    async def announce(self):
        """Local feedback on the network that was joined (SWRA513C 5.1.1). No run fails with it."""
        link = self._radio.link(self.ssid)
        if not link or self.state[0] != machine.FEEDBACK:
            return
        if self._cable and not self._cable.is_used:
            await self._close_cable()  # feedback needs the memory
        try:
            from .feedback import local

            self._local = local.Local(self.session)
            await self._local.start(link.address, link.netmask)
        except (OSError, MemoryError, ImportError) as error:
            print("provisioning: no feedback on %s:" % link.ssid, error)
            if not self._local or isinstance(error, MemoryError):
                await self._close_local()  # the page needs what there is

    def reopen(self, reason):
        """Local feedback is over, or the cloud did not confirm: back to the user."""
        self.reason = reason or self.reason
        self._provisioner.spawn("reopen", self._reopen)

    async def _reopen(self):
        await self._close_local()
        self._cable = self._cable or await methods.open_cable(self.session)
        if not self._open:
            # One role at a time: the phone finds the result where it handed the network over.
            self._radio.leave()
            await self._open_methods()

    async def finish(self, how):
        """Close the methods and take the role that `how` says. Returns the Outcome."""
        succeeded = how != machine.RESTORE and self.state[3] == codes.RESULT_SUCCESS
        if succeeded and self._radio.role() == codes.ROLE_AP:
            # The phone's last page and its system's checks go over the access point.
            await asyncio.sleep_ms(self.session.settings["linger_ms"])
        elif succeeded and self._local:
            await asyncio.sleep_ms(_REPLY_ONE_ROLE_MS)  # the answer leaves
        role, link = self._radio.role(), None
        for close in (self._close_local, self._close_cable, self._close_methods):
            try:
                await close()
            except (OSError, MemoryError) as error:  # what comes next makes room
                print("provisioning: not all could be closed:", error)
        try:
            role, link = await self._take_role(how)
        except Exception as error:  # the host waits for the end, whatever happens
            print("provisioning: the role could not be taken:", error)
        return Outcome(self.state[3], self.reason, role, link, self.ssid)

    async def _take_role(self, how):
        """Switch the role (SWRA513C 4.3). Returns it and the Link, or None."""
        radio = self._radio
        role = {
            machine.TAKE: self._role,
            machine.RESTORE: self._before[0],
            machine.STAY: codes.ROLE_STA if radio.is_linked() else radio.role(),
        }[how]
        if role == codes.ROLE_AP:
            radio.leave()
            if radio.role() != codes.ROLE_AP:
                self._open_ap()
            return role, None
        linked = self._before[1] or radio.is_linked()
        radio.close_ap()
        # The network that was handed over, or the one of before, or one that was joined meanwhile.
        profile = self._winner and self._winner[0]
        if not profile and linked:
            profile = self.session.profiles.last()
        self.ssid = profile.ssid if profile else b""
        if radio.is_linked():
            return role, radio.link(self.ssid)
        if not profile:
            radio.leave()
            return role, None
        try:
            return role, await radio.join(profile)
        except JoinError:
            return role, None

    # The access point, the methods, the air

    def phone_came(self):
        """Did a phone join the access point since the last call?"""
        before, self._phones = self._phones, self._radio.stations()
        return self._phones > before

    async def _open_methods(self):
        for name in methods.of_mode(self.state[1], self.session.settings):
            if not methods.exists(name):
                continue
            if name == "portal":
                self._open_ap()
            self._open.append(await methods.load(name).start(self.session))
        is_external = self.state[1] == codes.MODE_APSC_EXTERNAL
        if not self._open and not self._cable and not is_external:
            raise OSError("no method of this mode is installed")

    async def _close_methods(self):
        while self._open:
            try:
                await self._open.pop().stop()
            except (OSError, MemoryError) as error:  # the others are to be closed all the same
                print("provisioning: a method could not be stopped:", error)
        methods.drop()

    async def _close_cable(self):
        cable, self._cable = self._cable, None
        if cable:
            await cable.stop()
            cable = None
            methods.drop("improv")

    async def _close_local(self):
        local, self._local = self._local, None
        if local:
            await local.stop()
            local = None
        drop_modules(lambda name: name in _LOCAL)

    def _open_ap(self):
        session = self.session
        identity, settings = session.identity, session.settings
        key = "" if settings["ap_open"] else identity.ap_key
        channel = settings["ap_channel"]
        if not channel:
            # Most likely the user's own network is the strongest: on its channel the access point
            # need not move for the join.
            near = [network for network in session.networks() if network.channel <= 11]
            channel = near[0].channel if near else 6
        session.channel = channel
        session.address = self._radio.open_ap(
            identity.ap_ssid, key, channel, settings["ap_address"]
        )
        if settings["console"]:
            port = settings["http_port"]
            url = "http://%s%s/" % (session.address, "" if port == 80 else ":%d" % port)
            secret = ", password %s," % key if key else " (open)"
            place = (identity.ap_ssid, secret, url)
            print("provisioning: join the Wi-Fi %s%s and open %s" % place)

    def _scan(self):
        try:
            self.session.scanned(self._radio.scan())
        except OSError as error:
            print("provisioning: no scan:", error)

    async def _scan_later(self):
        # The scan stops the event loop for seconds: let the answer to the request go first.
        await asyncio.sleep_ms(100)
        if self.state[0] == machine.CONFIG:
            self._scan()


def _resolved(profile, seen):
    """The profile as it is stored: with what the air told."""
    security = seen.security if seen else profile.security
    if security == codes.SECURITY_UNKNOWN:
        security = codes.SECURITY_WPA if profile.key else codes.SECURITY_OPEN
    # What no scan finds, and is there, does not announce its name.
    return Profile(profile.ssid, profile.key, security, profile.priority, not seen)
