# What TI's network processor does around a run: on or off, its role and policy, what it refuses
# meanwhile, what it holds back. simplelink.py gives it TI's names.
# MIT licence

from micropython import const

from . import codes, host, store
from . import statemachine as machine
from .places import Places
from .scans import LENGTH, Scans
from .wlan import Wlan

# Return codes (errors.h, SDK 3.30).
_INVALID_INPUT = const(-2006)
_ALREADY_STARTED = const(-2012)
_PROVISIONING_IN_PROGRESS = const(-2014)
_NOT_STARTED = const(-2018)
_INVALID_ROLE = const(-2050)
_NO_SCAN_POLICY_NOW = const(-2052)
_INVALID_SECURITY = const(-2054)
_INVALID_POLICY_TYPE = const(-2066)
_INVALID_PM_OPTION = const(-2067)
_ALREADY_DISCONNECTED = const(-2071)
_LIST_LATER = const(-2073)
_NO_SUCH_PROFILE = const(-2074)
_INTERVAL_TOO_LOW = const(-2077)
_INVALID_SCAN_POLICY = const(-2078)
_STA_FAILED = const(-4107)
_AP_FAILED = const(-4108)
_INVALID_NAME = const(-6147)
_NO_SUCH_APP = const(-6212)
_INVALID_NAME_LENGTH = const(-6218)
_INVALID_PARAM = const(-14338)

_POLICY_CONNECTION = const(0x10)
_POLICY_SCAN = const(0x20)
_POLICY_PM = const(0x30)
_AUTO = const(1)
_FAST = const(2)
_AUTO_PROVISIONING = const(0x20)

_HTTP_SERVER = const(1)
_DEVICE = const(0x10)
_PRIMARY_PORT = const(0)
_URN = const(0)
_DOMAIN = const(1)
_OUR_DOMAIN = "mysimplelink.net"

_ALL_PROFILES = const(255)
_MODE = "mode"  # the record of the role that a start takes
_AP_INTERVAL_S = const(10)
_LONGEST_S = const(0x7FFFF)  # what a port's ticks can tell
_JOINABLE = (codes.SECURITY_OPEN, codes.SECURITY_WPA, codes.SECURITY_WPA3, codes.SECURITY_UNKNOWN)

STAYS = True  # drop_modules() leaves it: it remembers


class Refused(Exception):
    """A command was refused; `code` is TI's."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Processor:
    """The network processor. Each method raises Refused, and what else is said there.

    on_event(event) gets each Event of a run; on_link(what, ssid, detail) is Wlan's `tell`, and
    silent while a run blocks the API.
    """

    def __init__(self, on_event, on_link):
        self._host = host.get()
        self._host.listen(self._heard)
        self._on_event = on_event
        self._on_link = on_link
        self._started = False
        self._off_in_run = False  # switched off while one was on: what it leaves has to go
        self._commands = 0  # since the start
        self._wlan = Wlan(self._host, self._tell_link, self._keep)
        self._places = Places(self._profiles)
        self._scans = Scans(self._host.spawn, self._scan)

    # What may be asked now (SWRA513C 7.5)

    def check(self):
        """Refused, unless a call may be made now."""
        self._command()
        if not self._started:
            raise Refused(_NOT_STARTED)
        if self.is_blocked():
            raise Refused(_PROVISIONING_IN_PROGRESS)

    def _command(self):
        self._commands += 1
        self._wlan.look_again()

    def is_blocked(self):
        """Does a run block the API? Not after status 16 with flag 1, nor while mode 3 waits."""
        phase, mode, flags = self._host.provisioner.state[:3]
        if phase == machine.CLOUD:
            return not flags & codes.FLAG_EXTERNAL_CONFIRMATION
        if phase == machine.CONFIG or phase == machine.WAIT_RESET:
            return mode != codes.MODE_APSC_EXTERNAL
        return phase != machine.OFF

    def _phase(self):
        return self._host.provisioner.state[0]

    # On and off

    def start(self):
        """Switch on, or go on after EVENT_RESET_REQUEST. Returns the role."""
        if self._started:
            raise Refused(_ALREADY_STARTED)
        phase = self._phase()
        if phase == machine.WAIT_RESET and self._off_in_run:
            self._on()
            self._host.restarted()
            return self._wlan.radio.role()
        if phase != machine.OFF:
            raise Refused(_PROVISIONING_IN_PROGRESS)
        role = self._mode()
        self._switch_on(role)
        self._on()
        return role

    def stop(self):
        """Switch off. A run ends, but for one that asked for this by EVENT_RESET_REQUEST."""
        if not self._started:
            raise Refused(_NOT_STARTED)
        self._started = False
        self._wlan.end()
        phase = self._phase()
        self._off_in_run = phase != machine.OFF
        if phase == machine.OFF:
            self._go_dark()
        elif phase != machine.WAIT_RESET:
            self._host.stop()

    def _on(self):
        self._started = True
        self._off_in_run = False
        self._commands = 0
        self._wlan.begin()

    def _switch_on(self, role):
        settings = self._settings()
        try:
            self._wlan.switch_on(settings["country"])
            if role == codes.ROLE_STA:
                self._wlan.radio.close_ap()
            elif self._wlan.radio.role() != codes.ROLE_AP:
                identity = self._identity()
                key = "" if settings["ap_open"] else identity.ap_key
                channel = settings["ap_channel"] or 6
                self._wlan.radio.open_ap(identity.ap_ssid, key, channel, settings["ap_address"])
        except OSError as error:
            print("provisioning: the radio cannot be used:", error)
            raise Refused(_STA_FAILED if role == codes.ROLE_STA else _AP_FAILED)

    def _go_dark(self):
        self._wlan.radio.leave()
        self._wlan.radio.close_ap()

    # Runs

    def provision(self, command, role, timeout_s, key, flags):
        """TI's provisioning command. Returns 0 or TI's code."""
        self._command()
        if command == codes.CMD_STOP or command == codes.CMD_ABORT_EXTERNAL_CONFIRMATION:
            # A run of before a reset of the host's program is stopped without a start.
            if not self._started and self._phase() == machine.OFF:
                raise Refused(_NOT_STARTED)
            stops = command == codes.CMD_STOP
            return self._host.stop(role) if stops else self._host.abort()
        if not self._started:
            raise Refused(_NOT_STARTED)
        code = self._host.start(command, role, timeout_s, key, flags, True)
        if not code:
            self._wlan.give_up()
        return code

    def _heard(self, event):
        if event.id == codes.EVENT_STATUS and event.status == codes.STATUS_STOPPED:
            if self._off_in_run:
                self._off_in_run = False
                self._go_dark()
            elif self._started:
                self._wlan.found(event.ssid)
                self._keep_role(event.role)
        self._on_event(event)

    def _keep_role(self, role):
        try:
            self.set_mode(role)
        except OSError as error:
            print("provisioning: the role cannot be stored:", error)

    def _tell_link(self, what, ssid, detail):
        if self._started and not self.is_blocked():
            self._on_link(what, ssid, detail)

    # Role and policy

    def _mode(self):
        return store.load(_MODE) or codes.ROLE_STA

    def set_mode(self, role):
        """The role from the next start on: ROLE_STA or ROLE_AP. OSError."""
        if role not in (codes.ROLE_STA, codes.ROLE_AP):
            raise Refused(_INVALID_ROLE)
        if role != self._mode():  # flash wears out
            store.save(_MODE, role)

    def set_policy(self, kind, policy, value=None):
        """A policy, as TI numbers them. ValueError, OSError.

        Connection: its bits. Scan: bits 1 on, 2 hidden ones too; value: the interval in s.
        """
        if kind == _POLICY_CONNECTION:
            self._settings().update(policy=policy)
            self._wlan.follow()
        elif kind == _POLICY_SCAN:
            self._set_scan_policy(policy, value)
        elif kind != _POLICY_PM:
            raise Refused(_INVALID_POLICY_TYPE)
        elif policy:
            raise Refused(_INVALID_PM_OPTION)

    def policy(self, kind):
        """(policy, value) of a kind."""
        if kind == _POLICY_CONNECTION:
            return self._settings()["policy"], None
        if kind == _POLICY_SCAN:
            return self._scans.policy, self._scans.interval_s
        if kind == _POLICY_PM:
            return 0, None
        raise Refused(_INVALID_POLICY_TYPE)

    def _keep(self):
        """Keep a link by the policy, or do not. While a run is on, nothing changes."""
        if self._phase() != machine.OFF:
            return
        policy = self._settings()["policy"]
        if not self._profiles().all():
            # Rule 1 of 4.2 is for hosts that say nothing.
            wanted = policy & _AUTO_PROVISIONING and not self._commands
        else:
            wanted = policy & (_AUTO | _FAST) and self._wlan.radio.role() == codes.ROLE_STA
        if wanted:
            self._host.keep()
        else:
            self._host.unkeep()

    # The link

    def connect(self, profile):
        """Join the network of `profile`, once, in the background; it is not stored."""
        self._need_radio()
        if profile.security not in _JOINABLE:
            raise Refused(_INVALID_SECURITY)
        self._wlan.connect(profile, self._settings())

    def disconnect(self):
        """Give up the link, or the attempt; the policy rests until it is set, or a start."""
        self._need_radio()
        if not self._wlan.disconnect():
            raise Refused(_ALREADY_DISCONNECTED)

    def _need_radio(self):
        if self._phase() != machine.OFF:  # where the API is open, the radio is still the run's
            raise Refused(_PROVISIONING_IN_PROGRESS)
        if self._wlan.radio.role() == codes.ROLE_AP and self._settings()["one_role"]:
            raise Refused(_INVALID_ROLE)

    # Profiles and networks

    def add_profile(self, profile):
        """Store a profile. Returns its place, 0 to 6. ProfilesFull, OSError."""
        if profile.security not in _JOINABLE:
            raise Refused(_INVALID_SECURITY)
        place = self._places.add(profile)
        self._wlan.follow()
        return place

    def profile(self, place):
        """The Profile at a place."""
        profile = self._places.get(place)
        if profile is None:
            raise Refused(_NO_SUCH_PROFILE)
        return profile

    def remove_profile(self, place):
        """Delete the profile at a place, or all (255). OSError."""
        if place == _ALL_PROFILES:
            self._profiles().clear()
        elif not self._places.remove(place):
            raise Refused(_NO_SUCH_PROFILE)

    def networks(self, index, count):
        """Of what the last scan found, up to `count` Network from `index` on, strongest first."""
        if index < 0 or count < 1 or index + count > LENGTH:
            raise Refused(_INVALID_INPUT)
        found = self._scans.list()
        if found is None:
            raise Refused(_LIST_LATER)
        return found[index : index + count]

    def _set_scan_policy(self, policy, interval_s):
        if self._phase() != machine.OFF:
            raise Refused(_NO_SCAN_POLICY_NOW)
        if policy & 1:
            if not isinstance(interval_s, int) or not 1 <= interval_s <= _LONGEST_S:
                raise Refused(_INVALID_SCAN_POLICY)
            if interval_s < _AP_INTERVAL_S and self._wlan.radio.role() == codes.ROLE_AP:
                raise Refused(_INTERVAL_TOO_LOW)
        self._scans.set(policy, interval_s)

    def _scan(self):
        # An attempt to join would break off, or the scan find nothing.
        busy = self._wlan.joining or self._host.keeper and not self._wlan.linked
        if not self._started or busy:
            return None
        try:
            return self._wlan.radio.scan()
        except OSError as error:
            print("provisioning: no scan:", error)
            return None

    # Options of applications (netapp.h)

    def option(self, app, option):
        """The value of an option, in a tuple."""
        if app == _DEVICE:
            if option == _URN:
                return (self._identity().name,)
            if option == _DOMAIN:
                return (_OUR_DOMAIN,)
        elif app != _HTTP_SERVER:
            raise Refused(_NO_SUCH_APP)
        elif option == _PRIMARY_PORT:
            return (self._settings()["http_port"],)
        raise Refused(_INVALID_PARAM)

    def set_option(self, app, option, value):
        """Set an option. ValueError, OSError."""
        self.option(app, option)
        if app == _HTTP_SERVER:
            self._settings().update(http_port=value)
        elif option == _DOMAIN:
            raise Refused(_INVALID_PARAM)
        else:
            self._rename(value)

    def _rename(self, name):
        try:
            name = name if isinstance(name, str) else bytes(name).decode()
        except UnicodeError:
            raise Refused(_INVALID_NAME)
        if not 1 <= len(name.encode()) <= 32:
            raise Refused(_INVALID_NAME_LENGTH)
        self._identity().rename(name)

    # A run that is on has copies of its own, and writes them: it is those that count then

    def _profiles(self):
        from .profiles import Profiles

        session = self._host.provisioner.session
        return session.profiles if session else Profiles()

    def _settings(self):
        from .settings import Settings

        session = self._host.provisioner.session
        return session.settings if session else Settings()

    def _identity(self):
        from .identity import Identity

        session = self._host.provisioner.session
        return session.identity if session else Identity(self._settings()["name_prefix"])
