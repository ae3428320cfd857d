# tools/smartconfig_decode.py: captures of all kinds, and what it says of files that are none.
# MIT licence
import json
import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import cases
import vectors
from senders import crc8
from tools import captures, smartconfig_decode

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests_host/vectors"
TOOL = ROOT / "tools/smartconfig_decode.py"
BSSID = bytes.fromhex("c0ffd4958004")
PHONE = bytes.fromhex("020000000001")
ALL = b"\xff" * 6
CCMP_QOS, CCMP = 78, 76
PROTECTED, RETRY, FROM_DS, TO_DS = 0x4000, 0x0800, 0x0200, 0x0100


def run(*words, cwd="/"):
    """(exit status, the objects that were printed) of the tool."""
    command = [sys.executable, str(TOOL), *map(str, words)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert not done.stderr, done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def lengths(name="esptouch_v1__official_java__ascii"):
    packets = json.loads((VECTORS / (name + ".json")).read_text())["packets"]
    return [length for _, listed in packets for length in listed]


def to_ds(length, number, control=0, to=ALL):
    """A frame of the phone's to its access point, QoS and CCMP; length: of the UDP payload."""
    head = struct.pack("<HH", 0x0088 | TO_DS | PROTECTED | control, 0) + BSSID + PHONE + to
    head += struct.pack("<HH", number << 4 & 0xFFFF, 0)
    return head + bytes(length + CCMP_QOS - len(head))


def from_ds(length, number, overhead=CCMP, to=ALL):
    """The access point's copy."""
    head = struct.pack("<HH", 0x0008 | FROM_DS | PROTECTED, 0) + to + BSSID + PHONE
    head += struct.pack("<H", number << 4 & 0xFFFF)
    return head + bytes(length + overhead - len(head))


def beacon(ssid):
    head = struct.pack("<HH", 0x80, 0) + ALL + BSSID + BSSID + b"\0\0"
    return head + bytes(12) + bytes((0, len(ssid))) + ssid + bytes((1, 1, 0x82))


def radiotap(frame, fcs=False, time=False, bad=False, more=False):
    """With flags and a channel; also a second bit map."""
    present = 0b1010 | (1 if time else 0) | (1 << 31 if more else 0)
    maps = struct.pack("<I", present) + (struct.pack("<I", 0b10) if more else b"")
    fields = b""
    if time:
        fields += bytes(-(4 + len(maps)) % 8) + bytes(8)
    fields += bytes((0x10 * fcs | 0x40 * bad,))
    fields += bytes(-(4 + len(maps) + len(fields)) % 2) + struct.pack("<HH", 2437, 0xA0)
    head = struct.pack("<BBH", 0, 0, 4 + len(maps) + len(fields))
    return head + maps + fields + frame + (b"\xaa\xbb\xcc\xdd" if fcs else b"")


def pcap(frames, order="<", magic=0xA1B2C3D4, link=127, kept=65535):
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, kept, link)
    for number, frame in enumerate(frames):
        part = frame[:kept]
        data += struct.pack(order + "IIII", number, 0, len(part), len(frame)) + part
    return data


def pcapng(frames, order="<", link=127, simple=False, options=b""):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        size = len(body) + 12
        return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)

    data = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    data += block(1, struct.pack(order + "HHI", link, 0, 0) + options)
    data += block(5, bytes(12))  # statistics: to be passed over
    for number, frame in enumerate(frames):
        if simple:
            data += block(3, struct.pack(order + "I", len(frame)) + frame)
        else:
            head = struct.pack(order + "IIIII", 0, 0, number, len(frame), len(frame))
            data += block(6, head + frame)
    return data


def decoded(tmp_path, data, **how):
    path = tmp_path / "air.cap"
    path.write_bytes(data)
    return smartconfig_decode.decode(path, **how)


def is_right(result):
    assert "error" not in result, result
    assert result["protocol"] == "esptouch_v1"
    assert result["ssid"] == "MyHomeNet-2G"
    assert result["password"] == "correct horse 42"
    assert result["bssid"] == "c0:ff:d4:95:80:04"
    assert result["ip"] == "10.0.0.23"
    return True


def phone():
    return [to_ds(length, number) for number, length in enumerate(lengths())]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("magic", [0xA1B2C3D4, 0xA1B23C4D])
def test_pcap(tmp_path, order, magic):
    assert is_right(decoded(tmp_path, pcap(map(radiotap, phone()), order, magic)))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("simple", [False, True])
def test_pcapng(tmp_path, order, simple):
    assert is_right(decoded(tmp_path, pcapng(map(radiotap, phone()), order, simple=simple)))


@pytest.mark.parametrize(
    "how", [{"fcs": True}, {"time": True}, {"fcs": True, "time": True, "more": True}]
)
def test_radiotap(tmp_path, how):
    assert is_right(decoded(tmp_path, pcap(radiotap(frame, **how) for frame in phone())))


def test_frames_without_radiotap(tmp_path):
    assert is_right(decoded(tmp_path, pcap(phone(), link=105)))
    fcs = [frame + b"fcs!" for frame in phone()]
    assert is_right(decoded(tmp_path, pcap(fcs, link=105 | 0x2400_0000)))
    option = struct.pack("<HHB3x", 13, 1, 4) + struct.pack("<HHB3x", 9, 1, 9)
    assert is_right(decoded(tmp_path, pcapng(fcs, link=105, options=option)))


def test_only_the_beginning_of_each_frame_was_kept(tmp_path):
    assert is_right(decoded(tmp_path, pcap(map(radiotap, phone()), kept=80)))


def test_the_access_points_copy(tmp_path):
    frames = [from_ds(length, 3 * n, overhead=80) for n, length in enumerate(lengths())]
    frames = [frame for n, frame in enumerate(frames) if n % 5]
    # Every number is one of three: beacons have the others, and there is no CCMP.
    result = decoded(tmp_path, pcap(map(radiotap, frames)))
    assert "error" in result  # no number follows another: nothing is placed
    frames = [from_ds(length, n, overhead=80) for n, length in enumerate(lengths())]
    frames = [frame for n, frame in enumerate(frames) if n % 5]
    assert is_right(decoded(tmp_path, pcap(map(radiotap, frames))))


def test_what_else_is_in_a_capture(tmp_path):
    frames = []
    for number, length in enumerate(lengths()):
        frames.append(radiotap(to_ds(length, number)))
        frames.append(radiotap(to_ds(length, number, RETRY)))
        frames.append(radiotap(to_ds(300, number * 7, to=BSSID)))  # to one station
        frames.append(radiotap(from_ds(200, number, to=PHONE)))
        frames.append(radiotap(to_ds(number % 99, number), bad=True))
        frames.append(radiotap(beacon(b"Other")))
        frames.append(radiotap(struct.pack("<HH", 0x00D4, 0) + PHONE))  # an acknowledgement
        frames.append(radiotap(struct.pack("<HH", 0x0148, 0) + BSSID + PHONE + BSSID + b"\0\0"))
        frames.append(radiotap(b""))
        frames.append(b"\0\0")
    assert is_right(decoded(tmp_path, pcap(frames)))


def test_frames_are_counted_with_those_that_say_nothing(tmp_path):
    alone = decoded(tmp_path, pcap(map(radiotap, phone())))["frames"]
    frames = [radiotap(beacon(b"Other"))] * 100 + [radiotap(frame) for frame in phone()]
    assert decoded(tmp_path, pcap(frames))["frames"] == alone + 100


def test_a_beacon_completes_the_name(tmp_path):
    # The phone has sent a CRC of it.
    sent = lengths("esptouch_v1_2017__official_java__ascii") * 8
    frames = [radiotap(to_ds(length, number & 0xFFF)) for number, length in enumerate(sent)]
    result = decoded(tmp_path, pcap(frames))
    assert result["ssid"] is None and result["ssid_crc"] == 0x5B
    assert result["password"] == "correct horse 42"
    frames[5:5] = [radiotap(beacon(b"Other")), radiotap(beacon(b"MyHomeNet-2G"))]
    assert decoded(tmp_path, pcap(frames))["ssid"] == "MyHomeNet-2G"
    named = decoded(tmp_path, pcap(frames[8:]), names=[b"Other", b"MyHomeNet-2G"])
    assert named["ssid"] == "MyHomeNet-2G"


@pytest.mark.parametrize(
    "data, says",
    [
        (b"", "empty"),
        (b"hello, this is no capture", "neither pcap nor pcapng"),
        (bytes(100), "neither pcap nor pcapng"),
        (pcap([])[:20], "cut off in its header"),
        (pcap([]), "0 frames"),
        (pcap([b"1234"], link=1), "link type 1 "),
        (pcapng([b"1234"], link=1), "link type 1 "),
        (pcapng([])[:30], "cut off"),
        (pcapng([b"1234"])[:-8], "cut off"),
        (pcapng([]) + struct.pack("<III", 6, 3, 3), "damaged"),
        (pcapng([]) + struct.pack("<IIII", 6, 16, 0, 16), "damaged"),
        (pcap([radiotap(f) for f in phone()[:60]])[:-7], "then the file is cut off"),
        (b'{"packets": [["255.255.255.255:7001", ', "cut off"),
        (b'{"hello": 1}', "not a vector"),
        (b'{"packets": 5}', "not a vector"),
        (b'{"packets": [[1, 2]]}', "not a vector"),
        (b'{"packets": [["x", [1]]]}', "not a vector"),
        (b'{"frames": [[1, 2, 3]]}', "not a vector"),
        (b"[]", "neither pcap nor pcapng"),
        (b'{"a":' + b"[" * 100_000, "no JSON"),
        (b'{"packets": [["10.0.0.1:1", -500]], "key": "caf\xff"}', "no JSON"),
        (b'{"packets": [["10.0.0.1:1", -500]]}', "not a vector"),
        (b'{"packets": [["10.0.0.1:1", 99999]]}', "not a vector"),
        (b'{"packets": [["10.0.0.1:1", 1e999]]}', "not a vector"),
        (b'{"packets": [["10.0.0:1", 3], ["10.0.0.999:1", 3]]}', "not a vector"),
        (b'{"packets": [["234.1.1.999:1", 3]]}', "not a vector"),
        (b'{"packets": [], "key": "\\ud800"}', "0 frames"),
        (b'{"packets": {}}', "0 frames"),
        (b'{"packets": null}', "not a vector"),
        (b'{"frames": [[0, 60, 264, "", "", "", 0, 0]]}', "not a vector"),
    ],
)
def test_files_that_say_nothing(tmp_path, data, says):
    result = decoded(tmp_path, data)
    assert says in result["error"], result
    assert "password" not in result


def test_what_is_complete_before_the_cut_is_told(tmp_path):
    result = decoded(tmp_path, pcap(map(radiotap, phone()))[:-7])
    assert is_right(result)


def test_what_is_no_text_is_told_in_hexadecimal_too(tmp_path):
    result = {}
    smartconfig_decode._add_text(result, "ssid", b"\xff\x00")
    assert result["ssid_hex"] == "ff00"
    result = {}
    smartconfig_decode._add_text(result, "ssid", "Café☕".encode())
    assert result == {"ssid": "Café☕"}


def test_more_transmitters_than_numbers():
    capture = captures.Capture(VECTORS / "esptouch_v1__official_java__ascii.json")
    numbers = [capture._number(n.to_bytes(6, "big")) for n in range(1000)]
    assert max(numbers) == 254 and min(numbers) == 0
    # One that goes on to be heard keeps its number.
    mine = capture._number(PHONE)
    for n in range(2000, 2900):
        assert capture._number(n.to_bytes(6, "big")) != mine
        assert capture._number(PHONE) == mine


def test_the_program(tmp_path):
    good = VECTORS / "esptouch_v1__official_java__ascii.json"
    status, (result,) = run(good)
    assert status == 0
    assert is_right(result)
    assert result["file"] == str(good)
    status, results = run(good.name, "nothing.pcap", tmp_path, cwd=VECTORS)
    assert status == 1
    assert len(results) == 3
    assert is_right(results[0])
    assert results[1]["error"] == "No such file or directory"
    assert results[2]["error"] == "Is a directory"


def test_a_key_has_16_characters():
    command = [sys.executable, str(TOOL), "--key", "short", "file"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "16 characters" in done.stderr


# The reference decoder's count of frames, or more exactly the first that is too many.
REFERENCE = {
    "airkiss_real__airkissopen_cap1": 205,
    "airkiss_real__airkissopen_cap2": 440,
    "airkiss_real__airkissopen_cap3": 757,
    "airkiss_real__wechat_ch3_anonymised": 947,
}


@pytest.mark.parametrize("name", sorted(path.stem for path in VECTORS.glob("*.json")))
def test_every_vector(name):
    vector = json.loads((VECTORS / (name + ".json")).read_text())
    result = smartconfig_decode.decode(VECTORS / (name + ".json"))
    assert "error" not in result, result
    ssid = bytes.fromhex(vector["ssid_hex"]).decode()
    if result["ssid"] is None:
        # Before 2018-05-23 a phone sent its CRC.
        assert vector["protocol"].startswith("esptouch_v1_20")
        assert result["ssid_crc"] == crc8(ssid.encode())
    else:
        assert result["ssid"] == ssid
    assert result["password"] == bytes.fromhex(vector["password_hex"]).decode()
    assert result["protocol"] == vector["protocol"].replace("_real_capture", "")
    if result["ip"]:
        assert result["ip"] == vector["ip"]
    if result["bssid"]:
        assert result["bssid"] == vector["bssid"]
    assert result["frames"] <= REFERENCE.get(name, 1 << 30)


ENCRYPTED = [name for name in vectors.names() if vectors.load(name).get("key")]


def vector_file(path, vector, **other):
    """As shared vectors are: each packet with its destination."""
    path.write_text(json.dumps({**vector, **other}))
    return path


@pytest.mark.parametrize("name", ENCRYPTED)
def test_keys(tmp_path, name):
    vector = json.loads((VECTORS / (name + ".json")).read_text())
    password = bytes.fromhex(vector["password_hex"]).decode()
    keyless = vector_file(tmp_path / "a", vector, key=None)
    assert smartconfig_decode.decode(keyless, vector["key"].encode())["password"] == password
    # A key that is given stands before the one in the file.
    assert "error" in smartconfig_decode.decode(VECTORS / (name + ".json"), b"another key, 16b")
    status, results = run(keyless, "--key", "another key, 16b")
    assert status == 1 and results[0]["error"].endswith("encrypted, with another key than that")
    status, results = run(keyless)
    assert status == 1 and "seems to be encrypted" in results[0]["error"]
    assert "password" not in results[0]
    strange = vector_file(tmp_path / "b", vector, key=7)
    assert "seems to be encrypted" in smartconfig_decode.decode(strange)["error"]
    # In a capture too.
    if name.startswith("ti_"):
        return
    frames = [to_ds(n, i) for i, n in enumerate(lengths(name) * 4)]
    assert "encrypted" in decoded(tmp_path, pcap(map(radiotap, frames)))["error"]
    result = decoded(tmp_path, pcap(map(radiotap, frames)), key=vector["key"].encode())
    assert result["password"] == password


def test_what_is_cut_short_is_not_called_encrypted(tmp_path):
    result = decoded(tmp_path, pcap(map(radiotap, phone()[:200])))
    assert "a phone was heard" in result["error"] and "encrypted" not in result["error"]


@pytest.mark.parametrize("name", cases.names())
def test_other_cases(tmp_path, name):
    vector = cases.load(name)
    packets = [list(packet) for packet in cases.packets(vector)]
    key = vector["key"].decode() if vector["key"] else None
    path = vector_file(tmp_path / "vector.json", {"packets": packets, "key": key})
    result = smartconfig_decode.decode(path)
    assert "error" not in result, result
    assert result["protocol"] == vector["protocol"]
    if result["ssid"] is None:
        assert not vector["ssid_sent"]
        assert result["ssid_crc"] == crc8(vector["ssid"])
    else:
        assert result["ssid"] == vector["ssid"].decode()
    assert result["password"] == vector["password"].decode()
    if vector["protocol"] in ("esptouch_v1", "esptouch_v1_2018"):
        assert result["bssid"] == vector["bssid"]
    assert result["ip"] in (None, vector["ip"])
    assert (result["ip"] is None) == (not vector["protocol"].startswith(("esptouch_v1", "easy")))
    extra = result.get("extra_hex") or (result["extra"] or "").encode().hex()
    assert extra == vector["extra"].hex()
    assert result["frames"] <= len(packets)


@pytest.mark.parametrize("make", [pcap, pcapng])
def test_damaged_captures(tmp_path, make):
    chance = random.Random(1)
    whole = make(map(radiotap, phone()[:150]))
    for _ in range(150):
        data = bytearray(whole[: chance.randrange(1, len(whole) + 1)])
        for _ in range(chance.randrange(30)):
            # The beginning says how to read all that follows.
            within = min(len(data), chance.choice((60, 600, len(data))))
            data[chance.randrange(within)] = chance.choice((0, 1, 127, 255, chance.randrange(256)))
        assert "error" in decoded(tmp_path, bytes(data))


def test_damaged_vectors(tmp_path):
    chance = random.Random(2)
    for name in ("airkiss__sandwych_golden__mmkd", "airkiss_real__airkissopen_cap1"):
        whole = (VECTORS / (name + ".json")).read_bytes()
        for _ in range(60):
            data = bytearray(whole)
            for _ in range(chance.randrange(1, 4)):
                data[chance.randrange(len(data))] = chance.choice(b'0123456789[]{}",: \xff')
            result = decoded(tmp_path, bytes(data))
            assert result.get("error") or result["password"] is not None
