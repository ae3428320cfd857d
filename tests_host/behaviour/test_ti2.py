# TI SmartConfig, generation 2: what SWRA513C's phones send.
# MIT licence

import on_air
import ti_sender
from provisioning.methods.smartconfig.ti2 import Decoder
from ti_listening import (
    BEGUN_AGAIN,
    KEY,
    LONG,
    NAME,
    check,
    check_begun_again,
    check_crowd,
    check_loss,
    check_middle,
    check_no_mixture,
    check_noise,
    check_sender,
    check_vectors,
    check_wrong_frame,
    feed_numbered,
    feed_without_numbers,
    hearing,
    sent,
)

PROTOCOL = "ti_smartconfig_gen2"
BOTH = (on_air.TO_DS, on_air.FROM_DS)
SSID = "Café☕咖啡".encode()


hear = hearing(ti_sender.generation2)


def test_each_vector_both_ways_with_each_overhead():
    check_vectors(PROTOCOL, BOTH)


def test_our_sender_sends_what_real_ones_do():
    check_sender(PROTOCOL, ti_sender.generation2)


def test_loss():
    check_loss(PROTOCOL, BOTH)


def test_loss_costs_little_time():
    # Of a list, the worked example in the specification has 36 packets with their syncs, 72.
    _, clear = hear(b"a", b"b")
    assert clear <= 64
    for seed in range(1, 6):
        heard, count = hear(b"MyHomeNet-2G", b"correct horse 42", loss=0.2, seed=seed)
        check(heard, PROTOCOL, b"MyHomeNet-2G", b"correct horse 42")
        assert count < 0.8 * 144 * 6


def test_others_on_the_air():
    check_crowd(PROTOCOL, on_air.FROM_DS)


def test_numbers_that_go_to_beacons():
    for others in (1, 2, 3):
        heard, _ = hear(SSID, LONG, way=on_air.FROM_DS, loss=0.2, others=others)
        check(heard, PROTOCOL, SSID, LONG)


def test_retries():
    heard, _ = hear(SSID, b"12345678", loss=0.1, retries=0.3)
    check(heard, PROTOCOL, SSID, b"12345678")


def test_without_numbers():
    for lost in (1000, 10, 5):
        packets = sent(ti_sender.generation2(SSID, b"12345678"))
        heard = feed_without_numbers(Decoder(None), packets, lost)
        check(heard, PROTOCOL, SSID, b"12345678")


def test_longest_of_all():
    for loss in (0, 0.3):
        heard, _ = hear(b"s" * 32, LONG, None, NAME, 15, loss=loss)
        check(heard, PROTOCOL, b"s" * 32, LONG, NAME)
        heard, _ = hear(b"\xff" * 32, b"f" * 64, None, b"\x03\x1f" + b"n" * 31, loss=loss)
        check(heard, PROTOCOL, b"\xff" * 32, b"f" * 64, b"\x03\x1f" + b"n" * 31)


def test_passwords_around_the_limit_of_a_part():
    for size in (0, 1, 15, 16, 31, 32, 33, 47, 48, 63, 64):
        for key in (None, KEY):
            heard, _ = hear(SSID, b"p" * size, key, NAME)
            check(heard, PROTOCOL, SSID, b"p" * size, NAME)


def test_groups():
    for group in range(16):
        heard, _ = hear(SSID, b"12345678", None, b"", group, loss=0.1)
        check(heard, PROTOCOL, SSID, b"12345678")


def test_encrypted():
    for password in (b"", b"12345678", LONG[:32], LONG):
        heard, _ = hear(SSID, password, KEY, NAME, 3, loss=0.2)
        check(heard, PROTOCOL, SSID, password, NAME)
        for other in (None, b"fedcba0987654321", b"\0" * 16):
            if password:
                heard, _ = hear(SSID, password, KEY, NAME, key=other)
                assert heard is None


def test_a_key_does_no_harm_to_what_is_in_clear():
    heard, _ = hear(SSID, b"12345678", key=KEY)
    check(heard, PROTOCOL, SSID, b"12345678")


def test_a_board_that_begins_to_listen_in_the_middle():
    check_middle(PROTOCOL, ti_sender.generation2, 3 * 76)


def test_a_phone_that_begins_again_with_another_password():
    check_begun_again(ti_sender.generation2, BEGUN_AGAIN)


def test_frames_of_other_groups_are_not_of_the_list():
    packets = sent(ti_sender.generation2(SSID, LONG))
    random = on_air.Random(1)

    def between():
        for _ in range(4000):
            yield next(packets)
            if not random.below(5):
                yield "224.0.0.252:5355", 593 + random.below(256)

    heard, _ = on_air.hear(on_air.records(between(), on_air.FROM_DS, loss=0.1))
    check(heard, PROTOCOL, SSID, LONG)


def test_nothing_is_put_together_of_two_phones():
    check_no_mixture(Decoder(None), ti_sender.generation2, 76)


def test_noise_says_nothing():
    check_noise("ti_smartconfig_gen2__ti_jar__worked_a_b")


def test_a_frame_that_says_something_else():
    check_wrong_frame(PROTOCOL, ti_sender.generation2, 76)


def test_lists_of_other_generations_say_nothing():
    for generate in (ti_sender.generation1, ti_sender.cc3000):
        for loss in (0, 20):
            packets = sent(generate(b"Net", b"password"))
            assert feed_numbered(Decoder(None), packets, 1000, loss) is None
