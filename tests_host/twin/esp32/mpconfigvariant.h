// The ESP32 twin: what its `network` module is configured with.
// MIT licence
#include "common_config.h"

#define MICROPY_PY_SYS_PLATFORM "esp32"

// As in ports/esp32/mpconfigport.h
#define MICROPY_PY_NETWORK_HOSTNAME_DEFAULT "mpy-esp32"
#define MICROPY_PY_NETWORK_INCLUDEFILE "ports/esp32/modnetwork.h"
#define MICROPY_PY_NETWORK_MODULE_GLOBALS_INCLUDEFILE "ports/esp32/modnetwork_globals.h"
#define MICROPY_PY_NETWORK_WLAN (1)
#define MICROPY_PY_NETWORK_LAN (0)
#define MICROPY_HW_ENABLE_MDNS_QUERIES (1)
#define MICROPY_HW_ENABLE_MDNS_RESPONDER (1)
