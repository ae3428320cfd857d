# A person's session at the prompt of a simulated board, typed into a pseudo-terminal.
# MIT licence

import os
import re
import subprocess
import sys
import time

import pytest

from conftest import ROOT
from pc.prompt import Prompt
from tools import micropython, repl

pytestmark = pytest.mark.skipif(not micropython.find(32).path, reason="no 32-bit MicroPython here")


def open_run(prompt):
    """Import, start a run, wait for its portal."""
    prompt.type("import provisioning")
    prompt.type("provisioning.Settings().update(hold_ms=100, linger_ms=100)")
    prompt.type("host = provisioning.host.get()")
    assert prompt.type("host.start(provisioning.MODE_AP)") == "0"
    prompt.until_portal()
    assert "provisioning: join the Wi-Fi" in prompt.said


def hand_over(prompt, key):
    assert prompt.http("POST", "/v1/profiles", {"ssid": "HomeNet", "key": key})[0] == 202
    assert prompt.http("POST", "/v1/confirm", {})[0] == 202


def result(prompt, state):
    """The phone asks until there is a result."""
    answer = {"state": ""}
    while answer["state"] not in ("connected", "failed"):
        # Meanwhile the prompt is as usable as ever.
        assert "42" in prompt.type("6 * 7").split()
        answer = prompt.http("GET", "/v1/status")[1]
    assert answer["state"] == state, answer


@pytest.mark.parametrize("board", ["esp32", "rp2"])
def test_a_person_provisions_a_board_from_its_prompt(tmp_path, board):
    with Prompt(tmp_path, board) as prompt:
        prompt.type("import provisioning")
        assert "stored         nothing" in prompt.type("provisioning.status()")
        open_run(prompt)
        assert "waiting for a person" in prompt.type("provisioning.status()")
        assert prompt.type("host.start(provisioning.MODE_AP)") == "-2169"

        hand_over(prompt, "incorrect donkey")
        assert "joining HomeNet" in prompt.type("provisioning.status()")
        result(prompt, "failed")
        answer = prompt.type("provisioning.status()")
        assert "last attempt   HomeNet: wrong password" in answer

        hand_over(prompt, "correct horse battery")
        result(prompt, "connected")
        answer = prompt.type_until("provisioning.status()", "provisioning   off")
        assert "last run       success: HomeNet" in answer
        assert re.search(r"network        HomeNet, \d+\.\d+\.\d+\.\d+\n", answer)
        assert prompt.type("host.stop()") == "-2177", "it ended by itself"
        assert "Traceback" not in prompt.said
        assert "donkey" not in prompt.type("host.provisioner, provisioning.Profiles().all()")

    with Prompt(tmp_path, board) as prompt:  # after a power cut
        prompt.type("import provisioning")
        assert "stored         HomeNet" in prompt.type("provisioning.status()")


@pytest.mark.parametrize("board", ["esp32", "rp2"])
def test_a_person_who_knows_quectel_s_manual(tmp_path, board):
    with Prompt(tmp_path, board) as prompt:
        prompt.type("from qth_wifi import *")
        prompt.type("import provisioning; provisioning.Settings().update(hold_ms=100)")
        prompt.type("Qth_configSetEventCb(lambda event, result: print('told', event, result))")
        assert prompt.type("Qth_wifiGetCfgStatus()") == "0", "NOT_CONFIG"

        assert prompt.type("Qth_wifiOpenNetcfg(QTH_WIFI_CFGMODE_BACKROUTE)") == "0"
        assert prompt.type("Qth_wifiGetCfgStatus()") == "1", "CONFIGING"
        prompt.until_portal()
        hand_over(prompt, "incorrect donkey")
        result(prompt, "failed")
        prompt.until("told 1 -7169")
        assert prompt.type("Qth_strreason(Qth_wifiGetReason())") == "'wrong password'"
        hand_over(prompt, "correct horse battery")
        result(prompt, "connected")
        prompt.until("told 1 0")
        assert prompt.said.index("told 0 0") < prompt.said.index("told 1 0")
        assert prompt.type("Qth_wifiGetCfgStatus()") == "2", "ALREADY_CONFIG"
        assert prompt.type("Qth_devGetStatus()") == "(0, 3)", "CONNECTED_ROUTE"

        assert prompt.type("Qth_wifiOpenNetcfg(QTH_WIFI_CFGMODE_BACKROUTE)") == "0"
        assert prompt.type("Qth_wifiGetCfgStatus()") == "1"
        start = len(prompt.said)
        assert prompt.type("Qth_wifiCloseNetcfg()") == "0"
        prompt.until("told 0 -1", start)
        prompt.until("told 1 0", start)  # back on the router
        assert prompt.type("Qth_wifiGetCfgStatus()") == "2"
        assert prompt.type("Qth_configGetWifiInfo()") == "(0, 'HomeNet', '***')"
        assert "Traceback" not in prompt.said

    with Prompt(tmp_path, board) as prompt:  # after a power cut
        prompt.type("from qth_wifi import *")
        assert prompt.type("Qth_wifiGetCfgStatus()") == "2"
        prompt.type("Qth_devStart()")
        prompt.type_until("Qth_devGetStatus()", "(0, 3)")


def test_a_person_who_knows_ti_s_manual(tmp_path):
    with Prompt(tmp_path) as prompt:
        prompt.type("import provisioning; provisioning.Settings().update(hold_ms=100)")
        prompt.type("import simplelink; simplelink.include(globals())")
        prompt.type(
            "sl_RegisterEventHandler(SL_EVENT_HDL_WLAN, lambda event: print('told', event))"
        )
        assert prompt.type("sl_Start()") == "0"
        command = "sl_WlanProvisioning(SL_WLAN_PROVISIONING_CMD_START_MODE_AP, ROLE_STA, 600)"
        assert prompt.type(command) == "0"
        prompt.until_portal()
        assert prompt.type(command) == "-2169"
        assert prompt.type("sl_WlanSetMode(ROLE_AP)") == "-2014", "blocked"
        assert prompt.type("error_name(-2014)") == "'SL_RET_CODE_PROVISIONING_IN_PROGRESS'"
        hand_over(prompt, "correct horse battery")
        result(prompt, "connected")
        prompt.until("ProvisioningStatus=12")
        assert prompt.type("sl_WlanProfileGet(0)[:2]") == "(2, b'HomeNet')"
        assert prompt.type("sl_Stop(200)") == "0"
        since = prompt.said.index(">>> ")  # before it the tool lists what is in the air
        assert "Traceback" not in prompt.said and "horse" not in prompt.said[since:]


def test_a_run_is_stopped_from_the_prompt(tmp_path):
    with Prompt(tmp_path) as prompt:
        open_run(prompt)
        prompt.type("host.listen(print)")
        assert prompt.type("host.stop()") == "0"
        prompt.until("event 12 STOPPED")
        assert "provisioning   off" in prompt.type("provisioning.status()")
        assert prompt.type("host.start(provisioning.MODE_AP)") == "0", "and again"


def test_the_board_is_kept_online_from_the_prompt(tmp_path):
    with Prompt(tmp_path) as prompt:
        prompt.type("import provisioning")
        prompt.type('home = provisioning.Profile("HomeNet", "correct horse battery")')
        prompt.type("provisioning.Profiles().add(home)")
        prompt.type("provisioning.host.get().keep()")
        prompt.type_until("provisioning.status()", "network        HomeNet")
        prompt.type_until("provisioning.status()", "Keeper(online")
        prompt.type("provisioning.host.get().unkeep()")
        assert "Keeper" not in prompt.type("provisioning.status()")
        assert "Traceback" not in prompt.said


def test_a_statement_that_takes_its_time_does_not_hold_the_run_up(tmp_path):
    with Prompt(tmp_path) as prompt:
        open_run(prompt)
        start = len(prompt.said)
        prompt.write("import time; time.sleep(2)\r")
        began = time.monotonic()
        assert prompt.http("GET", "/v1/networks")[0] == 200
        assert time.monotonic() - began < 1.5
        prompt.until(">>> ", start)


def test_a_whole_page_is_served_beside_the_prompt(tmp_path):
    with Prompt(tmp_path) as prompt:
        open_run(prompt)
        for _ in range(3):
            began = time.monotonic()
            assert prompt.http("GET", "/")[0] == 200
            assert time.monotonic() - began < 3


def test_ctrl_c_ends_a_statement_and_not_the_run(tmp_path):
    with Prompt(tmp_path) as prompt:
        open_run(prompt)
        start = len(prompt.said)
        prompt.write("while True: pass\r\r")
        time.sleep(0.5)
        prompt.interrupt()
        assert "KeyboardInterrupt" in prompt.said[start:]
        if "provisioning: interrupted" in prompt.said:  # it may come just when that has its turn
            prompt.type_until("provisioning.status()", "provisioning   off")
        else:
            assert "waiting for a person" in prompt.type("provisioning.status()")
            assert prompt.http("GET", "/v1/status")[1]["state"] == "waiting"


def test_ctrl_c_out_of_an_event_loop_leaves_a_prompt_that_works(tmp_path):
    with Prompt(tmp_path) as prompt:
        start = len(prompt.said)
        prompt.write(
            "import asyncio, provisioning; "
            "asyncio.run(provisioning.Provisioner(print).run(provisioning.MODE_AP))\r"
        )
        prompt.until("provisioning: join the Wi-Fi", start)
        time.sleep(0.5)
        prompt.interrupt()
        assert "KeyboardInterrupt" in prompt.said[start:]
        # It is still there, but nobody runs it; the host takes it over.
        assert prompt.type("host = provisioning.host.get()") == ""
        assert prompt.type("host.stop()") == "0"
        prompt.type_until("provisioning.status()", "provisioning   off")


def test_help_is_there(tmp_path):
    with Prompt(tmp_path) as prompt:
        prompt.type("import provisioning")
        answer = prompt.type("provisioning.help()")
        assert "provisioning.status()" in answer and "host.start(" in answer
        assert prompt.type("provisioning.Profiles()") == "Profiles([])"
        assert "http_port=%d" % prompt.port in prompt.type("provisioning.Settings()")


@pytest.mark.parametrize(
    ("wrong", "word"), [({"RUNTIME": "cpython"}, "MicroPython"), ({"BOARD": "esp8266"}, "esp32")]
)
def test_what_cannot_be_is_said(wrong, word):
    done = subprocess.run(
        [sys.executable, "-m", repl.__name__],
        cwd=ROOT,
        env={**os.environ, **wrong},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 2 and word in done.stderr and "Traceback" not in done.stderr
