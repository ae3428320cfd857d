# wifi_sniffer for ports that build with make (unix): USER_C_MODULES is the folder above this one.
# MIT licence
#
# With WIFI_SNIFFER_ESP32=1 also the ESP32's back end: for its twin.
WIFI_SNIFFER_DIR := $(USERMOD_DIR)
WIFI_SNIFFER_ESP32 ?= 0

SRC_USERMOD_C += $(addprefix $(WIFI_SNIFFER_DIR)/,module.c sniffer.c host.c esp32.c)
CFLAGS_USERMOD += -I$(WIFI_SNIFFER_DIR) -DWIFI_SNIFFER_HOST=1 \
	-DWIFI_SNIFFER_ESP32=$(WIFI_SNIFFER_ESP32)
