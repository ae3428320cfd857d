# The module for sniffing in the twin of the ESP32: frames come from the driver's own task.
# MIT licence

import pytest

import on_air
from pc.sniffing import program, run
from tools import twins


@pytest.fixture(scope="module")
def esp32():
    return program(twins.ESP32)


# The ESP32 -------------------------------------------------------------------------------------

AIR = """
import _twin, network
_twin.start(FAST)
network.WLAN(network.WLAN.IF_STA).active(True)
EVERYBODY = b"\\xff" * 6
def frame(length, sequence, kind=0x08, sender=1):
    head = bytes((kind, 0x42, 0, 0)) + EVERYBODY + bytes((2, 0, 0, 0, 0, sender)) + bytes(6)
    head += (sequence % 4096 << 4).to_bytes(2, "little")
    return head + bytes(length - len(head))
def line(data, channel=6):
    return "frame channel=%d rssi=-50 data=%s" % (channel, data.hex())
def later(ms, text):
    _twin.tell("at %d %s" % (ms, text))
buffer = bytearray(16 * 256)
def read(found):
    for i in range(w.readinto(buffer)):
        found.append(buffer[16 * i + 4] + buffer[16 * i + 5] * 256 - 60)
"""
REAL = "FAST = False\n" + AIR
FAST = (
    "FAST = True\n" + AIR
)  # time stands still but for _twin.jump(); the task is one all the same


def test_bursts_of_a_thousand_frames_a_second(esp32):
    """From the driver's task, 64 at a time; read each 50 ms. None is missing, in their order."""
    script = (
        FAST
        + """
w.channel(6)
w.start()
for n in range(960):
    later(_twin.now() + n // 64 * 64, line(frame(60 + n, n)))
found = []
while _twin.now() < 1100:
    read(found)
    _twin.jump(50)
say(found == list(range(960)), w.lost(), w.transmitter(0).hex())
"""
    )
    assert run(esp32, script) == [[True, 0, "020000000001"]]


def test_bursts_by_the_clock(esp32):
    """The task and the reader at one time: what is found is in order, what is not was counted."""
    script = (
        REAL
        + """
w.channel(6)
w.start()
begin = _twin.now() + 1500
for n in range(960):
    later(begin + n // 64 * 64, line(frame(60 + n, n)))
found, lost = [], 0
while len(found) + lost < 960 and _twin.now() < begin + 20000:
    read(found)
    lost += w.lost()
    time.sleep_ms(5)
say(all(a < b for a, b in zip(found, found[1:])), len(found) + lost, len(found) >= 256)
"""
    )
    assert run(esp32, script) == [[True, 960, True]]


def test_frames_that_were_due_while_the_computer_was_busy(esp32):
    """A late task hands over what it owes in order, as if it had been in time."""
    script = (
        REAL
        + """
import os
w.channel(6)
w.start()
begin = _twin.now() + 300
for n in range(200):
    later(begin + n, line(frame(60 + n, n)))
os.system("kill -STOP $PPID; sleep 1; kill -CONT $PPID")
found = []
while len(found) < 200 and _twin.now() < begin + 20000:
    read(found)
    time.sleep_ms(5)
say(found == list(range(200)), len(found))
"""
    )
    assert run(esp32, script) == [[True, 200]]


def test_the_ring_on_the_esp32(esp32):
    """As many as it takes are kept, the others are counted, and it goes on afterwards."""
    script = (
        FAST
        + """
w.channel(6)
w.start()
def burst(count):
    for n in range(count):
        later(_twin.now() + n // 64, line(frame(60 + n, n)))
    _twin.jump(20)
    text = bytes.fromhex(drain())
    return [text[i + 4] + text[i + 5] * 256 - 60 for i in range(0, len(text), 16)]
for count in (255, 256, 257, 300, 64):
    found = burst(count)
    say(found == list(range(len(found))), len(found), w.lost())
    w.start()
w.stop()
say(burst(10), w.lost())
"""
    )
    assert run(esp32, script) == [
        [True, 255, 0],
        [True, 256, 0],
        [True, 256, 1],
        [True, 256, 44],
        [True, 64, 0],
        [[], 0],
    ]


def test_the_esp32_s_frames(esp32):
    """Only its channel's; other types never; bare lengths if they are asked for."""
    off = "say(error(w.start)); w.stop(); import network; network.WLAN(); say(error(w.start))"
    assert run(esp32, off) == [[["OSError", 0x3001]], [None]]
    script = (
        FAST
        + """
def hear(*frames):
    for channel, data in frames:
        later(_twin.now(), line(data, channel))
    _twin.jump(1)
    return drain()
misc = (6, frame(100, 3, 0x0C))
w.channel(6)
w.start()
say(hear((6, frame(100, 1)), (5, frame(100, 2)), (6, frame(100, 3, 0x80)), misc))
w.start(length_only=True)
text = hear((6, frame(100, 1)), misc)
say(text[:0] + text[8:], error(w.transmitter, 255))
w.channel(5)
text = hear((6, frame(100, 5)), (5, frame(100, 6)))
say(text[8:], w.channel())
say(error(w.channel, 14), w.channel(), error(w.start, 5))
w.stop(); w.stop()
"""
    )
    text, bare, five, errors = run(esp32, script)
    record = on_air.record(100, 1, 1, b"\xff\xff\xff", 1)
    assert len(text[0]) == 32 and text[0][8:] == record.hex()[8:]
    only = on_air.record(100, 0, 8, b"\0\0\0", 0, transmitter=255)
    assert bare[0][:24] == record.hex()[8:] and bare[0][32:] == only.hex()[8:]
    assert bare[1] == ["IndexError", 0]
    record = bytearray(on_air.record(100, 6, 1, b"\xff\xff\xff", 1))
    record[9] = 5
    assert five == [record.hex()[8:], 5]
    assert errors == [["OSError", 258], 5, ["TypeError", 0]]


def test_start_while_frames_come(esp32):
    """Whoever reads may begin anew in the middle of a burst, and ask for addresses."""
    script = (
        REAL
        + """
w.channel(6)
lines = [line(frame(60 + n, n, 0x08, n % 40)) for n in range(900)]
begin = _twin.now() + 300
for n in range(900):
    later(begin + n // 3, lines[n])
wrong = asked = 0
buffer = bytearray(160)
while _twin.now() < begin + 400:
    w.start()
    for again in range(20):
        time.sleep_ms(1)
        for i in range(w.readinto(buffer)):
            try:
                address = w.transmitter(buffer[16 * i + 10])
                asked += 1
                wrong += address[:5] != b"\\x02\\0\\0\\0\\0" or address[5] >= 40
            except IndexError:
                pass
say(asked > 100, wrong)
w.stop()
"""
    )
    assert run(esp32, script) == [[True, 0]]
