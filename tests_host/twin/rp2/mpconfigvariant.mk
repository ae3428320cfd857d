# The Pico W twin: its `network` over the driver in this folder.
# MIT licence
# The second includes extmod/network_lwip.c; both are in the build already.
TWIN_GENUINE = extmod/network_cyw43.c $(VARIANT_DIR)/network_lwip.c
include $(VARIANT_DIR)/../common/common.mk
