# What the bare-metal board has frozen.
# MIT licence
include("$(MPY_DIR)/extmod/asyncio")
freeze("$(BOARD_DIR)/frozen")
freeze("$(BOARD_DIR)/../twin/frozen")
for name in (
    "__init__",
    "air",
    "chip_esp32",
    "clock",
    "esp_netif",
    "machine",
    "network_esp32",
    "nic",
):
    freeze("$(BOARD_DIR)/..", "shim/" + name + ".py")
