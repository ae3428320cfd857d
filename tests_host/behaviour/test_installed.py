# A board that has only some of the package's features (firmware/README.md).
# MIT licence
from harness import simulated


@simulated("esp32")
async def test_without_any_method_a_run_says_so_and_ends(board):
    import provisioning
    from provisioning import methods

    methods._METHODS[provisioning.MODE_AP] = ("pigeon",)
    provisioning.Settings().update(improv=0)
    outcome = await provisioning.Provisioner().run(provisioning.MODE_AP, timeout_s=30)
    assert outcome.result == provisioning.RESULT_NOT_STARTED
    assert board.now() < 5000
    assert "provisioning: the method pigeon is not installed" in board.output
    assert not board.ap.active()


@simulated("esp32", plain=True)
def test_a_method_that_is_missing_is_not_said_to_be_the_firmwares_fault(board):
    from provisioning import methods

    assert not methods.exists("pigeon")
    assert board.output == ["provisioning: the method pigeon is not installed"]


@simulated("esp32", plain=True)
def test_a_method_that_the_firmware_cannot_do_is(board):
    from provisioning import methods

    assert not methods.exists("smartconfig")
    assert "this firmware cannot listen" in board.output[0]
