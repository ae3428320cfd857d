# TI Smart Config of the CC3000: what its phones send.
# MIT licence

import on_air
import ti_sender
from provisioning.methods.smartconfig.cc3000 import Decoder
from ti_listening import (
    BEGUN_AGAIN,
    KEY,
    LONG,
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

PROTOCOL = "ti_cc3000_ftc"
WAYS = (on_air.TO_DS,)  # to the router alone: there is no other copy
SSID = "Café☕咖啡".encode()


hear = hearing(ti_sender.cc3000)


def test_each_vector_with_each_overhead():
    check_vectors(PROTOCOL, WAYS)


def test_our_sender_sends_what_real_ones_do():
    check_sender(PROTOCOL, ti_sender.cc3000)


def test_loss():
    check_loss(PROTOCOL, WAYS)


def test_others_on_the_air():
    check_crowd(PROTOCOL, on_air.TO_DS)


def test_retries():
    heard, _ = hear(SSID, b"12345678", loss=0.1, retries=0.3)
    check(heard, PROTOCOL, SSID, b"12345678")


def test_numbers_that_go_to_other_traffic():
    for others in (1, 3):
        heard, _ = hear(SSID, LONG[:32], loss=0.2, others=others)
        check(heard, PROTOCOL, SSID, LONG[:32])


def test_a_key_does_no_harm_to_what_is_in_clear():
    heard, _ = hear(SSID, b"12345678", key=KEY)
    check(heard, PROTOCOL, SSID, b"12345678")


def test_a_board_that_begins_to_listen_in_the_middle():
    check_middle(PROTOCOL, ti_sender.cc3000, 3 * 46)


def test_a_phone_that_begins_again_with_another_password():
    check_begun_again(ti_sender.cc3000, BEGUN_AGAIN)


def test_nothing_is_put_together_of_two_phones():
    check_no_mixture(Decoder(None), ti_sender.cc3000, 46)


def test_noise_says_nothing():
    check_noise("ti_cc3000_ftc__micolab_java__worked_a_b")


def test_a_frame_that_says_something_else():
    check_wrong_frame(PROTOCOL, ti_sender.cc3000, 46)


def test_lists_of_other_generations_say_nothing():
    for generate in (ti_sender.generation1, ti_sender.generation2):
        for loss in (0, 20):
            packets = sent(generate(b"Net", LONG[:32]))
            assert feed_numbered(Decoder(None), packets, 1000, loss) is None


def test_loss_costs_little_time():
    _, clear = hear(b"MyHomeNet-2G", b"correct horse 42")
    assert clear <= 2 * 80 + 10  # two lists
    for seed in range(1, 6):
        heard, count = hear(b"MyHomeNet-2G", b"correct horse 42", loss=0.2, seed=seed)
        check(heard, PROTOCOL, b"MyHomeNet-2G", b"correct horse 42")
        assert count < 0.8 * 80 * 6


def test_without_numbers():
    for lost in (1000, 10):
        packets = sent(ti_sender.cc3000(b"Net", b"12345678"))
        heard = feed_without_numbers(Decoder(None), packets, lost)
        check(heard, PROTOCOL, b"Net", b"12345678")


def test_longest_of_all():
    for loss in (0, 0.3):
        heard, _ = hear(b"\xff" * 32, LONG[:32], loss=loss)
        check(heard, PROTOCOL, b"\xff" * 32, LONG[:32])


def test_passwords_of_each_length():
    for size in (0, 1, 2, 7, 8, 15, 16, 17, 30, 31, 32):
        for key in (None, KEY):
            heard, _ = hear(SSID, b"p" * size, key)
            check(heard, PROTOCOL, SSID, b"p" * size)


def test_encrypted():
    for password in (b"", b"12345678", LONG[:31], LONG[:32]):
        heard, _ = hear(SSID, password, KEY, loss=0.2)
        check(heard, PROTOCOL, SSID, password)
        for other in (None, b"fedcba0987654321", b"\0" * 16):
            heard, _ = hear(SSID, password, KEY, key=other)
            assert heard is None
