# Stored networks, settings, identity: what goes in comes back, and damage stops nothing.
# MIT licence

from harness import simulated


def _raises(error, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except error as raised:
        return raised
    raise AssertionError("no %s" % error.__name__)


@simulated("esp32")
async def test_any_ssid_and_key_come_back_to_the_byte(board):
    from provisioning.profiles import Profile, Profiles

    wanted = [
        Profile(bytes(range(32)), b"", 0),
        Profile(bytes(range(224, 256)), "12345678", 2, 15, True),
        Profile("50% off & más ☕", 'p%40ss&w=rd+;ñ"', 2),
        Profile(b"\0", "f" * 64, 12),
        Profile('";\n\\', "x" * 63),
    ]
    profiles = Profiles()
    for profile in wanted:
        profiles.add(profile)
    board.reboot()
    from provisioning.profiles import Profiles

    found = Profiles().all()
    keys = ("ssid", "key", "security", "priority", "hidden")
    assert [[getattr(p, k) for k in keys] for p in found] == [
        [getattr(p, k) for k in keys] for p in wanted
    ]


@simulated("esp32")
async def test_limits(board):
    from provisioning.profiles import Profile, ProfileError, Profiles, ProfilesFull

    for field, arguments in (
        ("ssid", (b"",)),
        ("ssid", (b"x" * 33,)),
        ("key", (b"x", b"1234567")),
        ("key", (b"x", b"g" * 64)),
        ("key", (b"x", b"a" * 65)),
        ("security", (b"x", b"", 77)),
        ("priority", (b"x", b"", 0, 16)),
        ("priority", (b"x", b"", 0, -1)),
    ):
        assert _raises(ProfileError, Profile, *arguments).field == field
    profiles = Profiles()
    for i in range(7):
        assert profiles.add(Profile("network %d" % i)) == i
    assert profiles.is_full()
    _raises(ProfilesFull, profiles.add, Profile("another"))
    assert profiles.add(Profile("network 2", "new password")) == 2, (
        "it takes the place of the old one"
    )
    assert profiles.add(Profile("another"), replace=6) == 6
    profiles.remove(0)
    assert len(profiles.all()) == 6
    _raises(IndexError, profiles.remove, 6)


@simulated("esp32")
async def test_a_damaged_file_is_set_aside_and_the_board_goes_on(board):
    from provisioning import store
    from provisioning.profiles import Profile, Profiles

    Profiles().add(Profile("HomeNet", "correct horse battery"))
    path = store.directory + "/profiles"
    with open(path, "rb") as file:
        whole = file.read()
    broken = [
        b"",
        whole[:-1],
        whole[:20],
        whole.replace(b'"', b"'"),
        b"\xff" * 40,
        b"2" + whole[1:],
    ]
    for number, damaged in enumerate(broken):
        with open(path, "wb") as file:
            file.write(damaged)
        assert Profiles().all() == []
        with open(path + ".bad" + (str(number + 1) if number else ""), "rb") as file:
            assert file.read() == damaged, "each is kept for whoever wants to look"
    assert len([line for line in board.output if "damaged" in line]) == 6
    Profiles().add(Profile("HomeNet", "correct horse battery"))
    assert len(Profiles().all()) == 1


@simulated("esp32")
async def test_forget_leaves_no_password_on_flash(board):
    import os

    from provisioning import forget, store
    from provisioning.profiles import Profile, Profiles

    store.directory += "/not/there/yet"
    forget()  # a board that never stored anything
    store.directory = board.flash
    Profiles().add(Profile("HomeNet", "correct horse battery"))
    Profiles().connected(Profile("HomeNet"))
    for name in ("profiles.tmp", "profiles.bad", "profiles.bad2"):
        with open(store.directory + "/" + name, "wb") as file:
            file.write(b"correct horse battery")
    forget()
    assert os.listdir(store.directory) == []


@simulated("esp32")
async def test_a_file_that_cannot_be_read_is_not_overwritten(board):
    import os

    from provisioning import store
    from provisioning.profiles import Profile, Profiles

    # A folder in its place: open() fails, and not with ENOENT.
    os.mkdir(store.directory + "/profiles")
    Profiles().add(Profile("HomeNet", "correct horse battery"))
    assert "profiles.bad" in os.listdir(store.directory) and len(Profiles().all()) == 1


@simulated("esp32")
async def test_an_unfinished_write_is_ignored(board):
    from provisioning import store
    from provisioning.profiles import Profile, Profiles

    Profiles().add(Profile("HomeNet", "correct horse battery"))
    with open(store.directory + "/profiles.tmp", "wb") as file:
        file.write(b"half")
    assert len(Profiles().all()) == 1
    Profiles().add(Profile("CafeFree"))
    assert len(Profiles().all()) == 2


@simulated("esp32")
async def test_settings_are_checked_and_kept(board):
    from provisioning.settings import Settings

    settings = Settings()
    assert settings["ap_open"] is False and settings["http_port"] == 80
    settings.update(ap_open=True, http_port=8080)
    for wrong in (
        {"ap_open": 1},
        {"http_port": 0},
        {"http_port": "80"},
        {"no_such": 1},
        {"country": "DEU"},
    ):
        _raises(ValueError, settings.update, **wrong)
    _raises(ValueError, settings.update, hold_ms=100, http_port=70000)
    board.reboot()
    from provisioning.settings import Settings

    settings = Settings()
    assert settings["ap_open"] is True and settings["http_port"] == 8080
    assert settings["hold_ms"] == 2500, "all or none"


@simulated("esp32", "rp2")
async def test_identity_is_made_once(board):
    from provisioning.identity import Identity

    first = Identity()
    assert len(first.ap_key) >= 10 and len(first.pop) >= 8 and first.ap_key != first.pop
    assert first.name == first.ap_ssid and first.ap_ssid.startswith("micropython-")
    first.rename("Küche ☕")
    for name in ("", "x" * 33, "☕" * 11):
        _raises(ValueError, first.rename, name)
    board.reboot()
    from provisioning.identity import Identity

    second = Identity()
    assert (second.ap_key, second.pop, second.ap_ssid) == (first.ap_key, first.pop, first.ap_ssid)
    assert second.name == "Küche ☕"
    assert first.ap_key not in repr(first)
