# The ESP32 twin: ports/esp32's `network` over the driver in this folder.
# MIT licence
TWIN_GENUINE = ports/esp32/network_wlan.c ports/esp32/network_common.c
SRC_C += $(TWIN_GENUINE)
include $(VARIANT_DIR)/../common/common.mk
