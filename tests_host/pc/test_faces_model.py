# The machine and both vendors' faces, walked together over random programs, users and radios.
# MIT licence

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from faces_world import ASSOC, CLOUD, CONFIG, NETWORKS, OFF, STOPPING, WAIT_RESET, Walk

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"

# What docs/simplelink.md and docs/qth.md list for each call.
ANY = {-2018, -2014}
NAMED = {-2060, -2058, -2055, -2054, -2057, -2006}
TI_CODES = {
    "sl_Start": {0, 2, -2012, -2014, -4107, -4108},
    "sl_Stop": {0, -2018},
    "sl_WlanProvisioning": {0, -2018, -2169, -2171, -2172, -2173, -2177},
    "sl_WlanSetMode": {0, -2050} | ANY,
    "sl_WlanConnect": {0, -2050} | NAMED | ANY,
    "sl_WlanDisconnect": {0, -2071, -2050} | ANY,
    "sl_WlanProfileAdd": set(range(7)) | {-2076} | NAMED | ANY,
    "sl_WlanProfileGet": {0, 2, 12, -2074} | ANY,
    "sl_WlanProfileDel": {0, -2074} | ANY,
    "sl_WlanPolicySet": {0, -2006, -2066, -2067, -2052, -2077, -2078} | ANY,
    "sl_WlanPolicyGet": {0, -2066} | ANY,
    "sl_WlanGetNetworkList": set(range(31)) | {-2073, -2006} | ANY,
    "sl_NetAppSet": {0, -6218, -6147, -6212, -14338, -2006} | ANY,
    "sl_NetAppGet": {0, -6212, -14338} | ANY,
}
QTH_CODES = {
    "Qth_wifiOpenNetcfg": {0, -2, -0x1C00},
    "Qth_wifiCloseNetcfg": {0},
    "Qth_devStart": {0, -0x1C00},
    "Qth_devRemove": {0, -0x1104, -0x1C00},
    "Qth_configSetWifiInfo": {0, -2, -0x1001},
    "Qth_configGetWifiInfo": {0, -5},
    "Qth_configClearWifiInfo": {0, -0x1001},
    "Qth_configSetNetcfgMode": {0, -2},
    "Qth_devGetStatus": {0},
}
CALLS = st.sampled_from(
    [
        ("sl_WlanSetMode", 0),
        ("sl_WlanSetMode", 2),
        ("sl_WlanSetMode", 3),
        ("sl_WlanProfileGet", 0),
        ("sl_WlanProfileGet", 7),
        ("sl_WlanProfileDel", 0),
        ("sl_WlanProfileDel", 6),
        ("sl_WlanProfileDel", 255),
        ("sl_WlanPolicySet", 16, 0),
        ("sl_WlanPolicySet", 16, 0x21),
        ("sl_WlanPolicySet", 32, 1, 60),
        ("sl_WlanPolicySet", 64, 0),
        ("sl_WlanPolicyGet", 16),
        ("sl_WlanPolicyGet", 99),
        ("sl_WlanGetNetworkList", 0, 30),
        ("sl_WlanGetNetworkList", 5, 99),
        ("sl_NetAppSet", 16, 0, "lamp"),
        ("sl_NetAppSet", 16, 0, ""),
        ("sl_NetAppGet", 16, 0),
        ("sl_NetAppGet", 9, 9),
        ("sl_WlanDisconnect",),
    ]
)


class TiProgram:
    """Rules for a program on TI's API."""

    started = False

    def ti(self, name, *arguments):
        """Call a function: its code is one of those documented for it."""
        answer = self.world.call(getattr(self.world.ti.sl, name), *arguments)
        self.world.said.append(repr(answer))
        code = answer[0] if isinstance(answer, tuple) else answer
        assert code in TI_CODES[name], (name, arguments, code)
        if name == "sl_Start" and code >= 0:
            self.started = True
        elif name == "sl_Stop" and code == 0:
            self.started = False
        return code

    @rule()
    def start(self):
        started = self.started
        code = self.ti("sl_Start")
        if started:
            assert code == -2012
        elif self.world.before == OFF:
            assert code in (0, 2)
        elif self.world.before == WAIT_RESET and code >= 0:
            assert self.world.after == ASSOC, "the run goes on"
        else:
            assert code == -2014

    @rule()
    def stop(self):
        expected = 0 if self.started else -2018
        assert self.ti("sl_Stop") == expected
        if expected == 0 and self.world.before not in (OFF, WAIT_RESET):
            assert self.world.after == STOPPING

    @rule(
        mode=st.sampled_from([0, 0, 1, 2, 3, 3, 6]),
        role=st.sampled_from([0, 0, 0, 2, 1]),
        timeout_s=st.sampled_from([30, 60, 600, 29]),
        flags=st.sampled_from([0, 0, 1, 1, 2]),
    )
    def provision(self, mode, role, timeout_s, flags):
        code = self.ti("sl_WlanProvisioning", mode, role, timeout_s, None, flags)
        if not self.started:
            assert code == -2018
        elif mode == 6 or role == 1 or timeout_s == 29 or flags == 2:
            assert code == -2172
        elif self.world.before != OFF:
            assert code == -2169
        else:
            assert code in (0, -2171, -2173)
        assert self.world.began == (code == 0)

    @rule(role=st.sampled_from([0, 0xFF]))
    def stop_provisioning(self, role):
        code = self.ti("sl_WlanProvisioning", 4, role, 0, None, 0)
        if self.world.before != OFF:
            assert code == 0 and self.world.after == STOPPING
        else:
            assert code == (-2177 if self.started else -2018)

    @rule()
    def refuse_confirmation(self):
        code = self.ti("sl_WlanProvisioning", 5, 0, 0, None, 0)
        if self.world.before == CLOUD:
            assert code == 0 and self.world.after == CONFIG
        else:
            assert code == (-2018 if self.world.before == OFF and not self.started else -2177)

    @rule(call=CALLS)
    def any_call(self, call):
        self.blockable(*call)

    @rule(network=NETWORKS)
    def connect(self, network):
        ssid, key = network
        self.blockable("sl_WlanConnect", ssid, None, (2, key) if key else None)

    @rule(network=NETWORKS)
    def add_profile(self, network):
        ssid, key = network
        if self.blockable("sl_WlanProfileAdd", ssid, None, (2, key) if key else None) >= 0:
            self.untried.add((ssid.encode(), key.encode()))

    def blockable(self, name, *arguments):
        """A call that a run may block, and that does as the report says."""
        code = self.ti(name, *arguments)
        if not self.started:
            assert code == -2018
        elif self.world.blocked:
            assert code == -2014, (name, code, self.world.state)
        else:
            # Where the rest is open, the radio is still the run's.
            own = name in ("sl_WlanConnect", "sl_WlanDisconnect") and self.world.before != OFF
            assert code != -2018 and (own or code != -2014), (name, code, self.world.state)
        return code


class QthProgram:
    """Rules for a program on Quectel's API."""

    def qthing(self, name, *arguments):
        """Call a function: its code is one of those documented for it."""
        answer = self.world.call(getattr(self.world.qth, name), *arguments)
        if name != "Qth_configGetWifiInfo":
            self.world.said.append(repr(answer))
        code = answer[0] if isinstance(answer, tuple) else answer
        assert code in QTH_CODES[name], (name, arguments, code)
        return code

    @rule(mode=st.sampled_from([0, 1, 1, 5]))
    def open(self, mode):
        code = self.qthing("Qth_wifiOpenNetcfg", mode)
        assert (code == -2) == (mode == 5)
        if code == 0 and self.world.after != STOPPING:
            assert self.world.after != OFF

    @rule()
    def close(self):
        self.qthing("Qth_wifiCloseNetcfg")
        assert self.world.after in (OFF, STOPPING)

    @rule(call=st.sampled_from(["Qth_devStart", "Qth_devStart", "Qth_devRemove"]))
    def device(self, call):
        self.qthing(call)

    @rule(enable=st.booleans(), timeout_s=st.sampled_from([180, 300, 0xFFFF, 179]))
    def configure(self, enable, timeout_s):
        code = self.qthing("Qth_configSetNetcfgMode", enable, timeout_s)
        assert code == (-2 if timeout_s == 179 else 0)

    @rule(network=NETWORKS)
    def set_network(self, network):
        ssid, key = network
        if self.qthing("Qth_configSetWifiInfo", ssid, key) == 0:
            self.untried.add((ssid.encode(), key.encode()))
            assert self.qthing("Qth_configGetWifiInfo") == 0

    @rule()
    def forget(self):
        assert self.qthing("Qth_configClearWifiInfo") == 0
        assert self.world.stored() == {}

    @invariant()
    def the_configuration_status_is_that_of_the_machine(self):
        if self.world:
            self.world.call(self._compare)

    def _compare(self):
        qth, phase = self.world.qth, self.world.phase
        status = qth.Qth_wifiGetCfgStatus()
        if phase == OFF:
            assert status == (2 if self.world.stored() else 0)
        elif phase != STOPPING:  # then it may be about to open again
            assert status == 1
        code, state = qth.Qth_devGetStatus()
        assert code == 0 and (state == 0) == (status == 1)
        assert state == 0 or (state == 3) == self.world.board.sta.isconnected()

    @invariant()
    def the_events_are_documented(self):
        for event, result in self.world.told if self.world else ():
            assert event in (0, 1, 3, 4, 5) and result in (0, -1, -0x1C00, -0x1C01, -0x1C02)


class TiFace(TiProgram, Walk):
    """A program on TI's API alone."""

    def begin(self):
        self.ti("sl_Start")

    def finish(self):
        if self.started:
            self.ti("sl_Stop")
        # One that waits for its reset would wait on.
        self.world.call(self.world.host.stop)


class QthFace(QthProgram, Walk):
    """A program on Quectel's API alone."""

    def begin(self):
        self.qthing("Qth_devStart")

    def finish(self):
        self.qthing("Qth_configSetNetcfgMode", False, 300)
        self.qthing("Qth_wifiCloseNetcfg")

    def settled(self):
        ends = [result for event, result in self.world.told if event == 0]
        assert len(ends) == self.world.ends, "one WIFI_CONFIG for each"


class BothFaces(TiProgram, QthProgram, Walk):
    """Two programs that know nothing of each other, on one board."""

    def begin(self):
        self.ti("sl_Start")

    def finish(self):
        QthFace.finish(self)
        TiFace.finish(self)


def _walk(machine, runs):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=50,
            deadline=None,
            phases=(Phase.reuse, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_ti_s_face_and_the_machine():
    _walk(TiFace, 1000 if LONG else 8)


def test_quectel_s_face_and_the_machine():
    _walk(QthFace, 1000 if LONG else 8)


def test_both_faces_on_one_machine():
    _walk(BothFaces, 500 if LONG else 5)
