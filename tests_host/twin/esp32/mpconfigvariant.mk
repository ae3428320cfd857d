# The ESP32 twin: ports/esp32's `network` over the driver in this folder.
# MIT licence
TWIN_GENUINE = ports/esp32/network_wlan.c ports/esp32/network_common.c
SRC_C += $(TWIN_GENUINE)
# The module for sniffing: its ESP32 part over ./sniffer.c, its host part where a source is named.
USER_C_MODULES = $(abspath $(VARIANT_DIR)/../../../firmware/usermod)
WIFI_SNIFFER_ESP32 = 1
include $(VARIANT_DIR)/../common/common.mk
