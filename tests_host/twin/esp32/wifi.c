// The ESP32's Wi-Fi driver: its interfaces, and what holds for both of them.
// MIT licence
//
// Errors are those of the documentation of esp_wifi.h (IDF 5.2). What the closed driver does
// beyond it is marked "believed"; docs/twins.md has the list.
#include <stdio.h>
#include <string.h>

#include "py/runtime.h"
#include "extmod/modnetwork.h"

#include "radio.h"

#define START_MS (20) // until an interface tells that it is up or down; believed
#define CHANNEL_MAX (13)
#define TX_POWER_MAX (84) // in 0.25 dBm

const char driver_board[] = "esp32";
radio_t radio;

// driver_option()
static uint8_t factory_mac[6] = {0x02, 0x00, 0x00, 0x3f, 0x2a, 0x1b};
static uint8_t factory_ap_address[4] = {192, 168, 4, 1};

// Power ---------------------------------------------------------------------------------------

static void power_up(void) {
    radio = (radio_t) {
        .powered = true, .channel = 1, .protocol = {7, 7}, .ps = WIFI_PS_MIN_MODEM, .tx_power = 80,
    };
    memcpy(radio.mac[WIFI_IF_STA], factory_mac, 6);
    memcpy(radio.mac[WIFI_IF_AP], factory_mac, 6);
    radio.mac[WIFI_IF_AP][5]++; // documented: the base address and one more
    station_reset();
    ap_reset();
    netif_reset(factory_ap_address);
    sniffer_reset();
}

void driver_reset(void) {
    if (ap_is_up()) {
        ap_down();
    }
    link_leave(true);
    power_up();
    strcpy(mod_network_hostname_data, MICROPY_PY_NETWORK_HOSTNAME_DEFAULT);
    memcpy(mod_network_country_code, "XX", 2);
    // For MicroPython's own memory: reason 0 is none.
    event_now(WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, 0);
}

// They hold from the next power-up on; at once if nothing was ever switched on since the last.
bool driver_option(const char *name, const char *value) {
    size_t len;
    uint8_t mac[6];
    bool known = false;
    if (strcmp(name, "ap_address") == 0) {
        known = parse_address(value, factory_ap_address);
    } else if (strcmp(name, "mac") == 0 && parse_hex(value, mac, 6, &len) && len == 6) {
        memcpy(factory_mac, mac, 6);
        known = true;
    }
    if (known && radio.mode == WIFI_MODE_NULL) {
        power_up();
    }
    return known;
}

void driver_describe(char *text, size_t size) {
    static const char *const modes[] = {"off", "sta", "ap", "apsta"};
    const uint8_t *mac = radio.mac[WIFI_IF_STA];
    bool sniffing;
    esp_wifi_get_promiscuous(&sniffing);
    snprintf(text, size, "stale_route=0 mode=%s channel=%d promiscuous=%d"
        " mac=%02x%02x%02x%02x%02x%02x", modes[radio.started ? radio.mode : WIFI_MODE_NULL],
        ap_is_up() ? air_ap.channel : radio.channel, sniffing,
        mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

esp_err_t esp_wifi_init(const wifi_init_config_t *config) {
    world_enter();
    if (!radio.powered) {
        power_up();
    }
    world_exit();
    return ESP_OK;
}

esp_err_t esp_wifi_set_storage(wifi_storage_t storage) {
    return ESP_OK;
}

// Interfaces ----------------------------------------------------------------------------------

bool radio_has(wifi_mode_t interface) {
    return radio.started && (radio.mode & interface);
}

static void switch_station(bool on) {
    if (!on) {
        link_leave(false);
    }
    event_after(START_MS, WIFI_EVENT, on ? WIFI_EVENT_STA_START : WIFI_EVENT_STA_STOP, 0);
}

static void switch_ap(bool on) {
    if (on) {
        ap_start();
    } else {
        ap_down();
    }
    event_after(START_MS, WIFI_EVENT, on ? WIFI_EVENT_AP_START : WIFI_EVENT_AP_STOP, 0);
}

static void change(wifi_mode_t mode, bool started) {
    int before = radio.started ? radio.mode : WIFI_MODE_NULL;
    int after = started ? mode : WIFI_MODE_NULL;
    radio.mode = mode;
    radio.started = started;
    if ((before ^ after) & WIFI_MODE_STA) {
        switch_station(after & WIFI_MODE_STA);
    }
    if ((before ^ after) & WIFI_MODE_AP) {
        switch_ap(after & WIFI_MODE_AP);
    }
}

esp_err_t esp_wifi_set_mode(wifi_mode_t mode) {
    world_enter();
    change(mode, radio.started);
    world_exit();
    return ESP_OK;
}

// Nothing is its mode while it is stopped; believed (documented is: the station by default).
esp_err_t esp_wifi_get_mode(wifi_mode_t *mode) {
    world_enter();
    *mode = radio.started ? radio.mode : WIFI_MODE_NULL;
    world_exit();
    return ESP_OK;
}

esp_err_t esp_wifi_start(void) {
    world_enter();
    change(radio.mode, true);
    world_exit();
    return ESP_OK;
}

esp_err_t esp_wifi_stop(void) {
    world_enter();
    change(radio.mode, false);
    world_exit();
    return ESP_OK;
}

// Configuration -------------------------------------------------------------------------------

esp_err_t esp_wifi_get_config(wifi_interface_t interface, wifi_config_t *config) {
    esp_err_t error = ESP_OK;
    world_enter();
    memset(config, 0, sizeof(*config));
    if (!radio_has(interface == WIFI_IF_AP ? WIFI_MODE_AP : WIFI_MODE_STA)) {
        error = ESP_ERR_WIFI_MODE; // believed for a station before the start
    } else if (interface == WIFI_IF_AP) {
        ap_get_config(&config->ap);
    } else {
        station_get_config(&config->sta);
    }
    world_exit();
    return error;
}

esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t *config) {
    esp_err_t error;
    world_enter();
    if (interface == WIFI_IF_AP) {
        error = radio_has(WIFI_MODE_AP) ? ap_set_config(&config->ap) : ESP_ERR_WIFI_MODE;
    } else {
        // Documented: the station is the mode by default, so this is no error before the start.
        bool allowed = radio_has(WIFI_MODE_STA) || !radio.started;
        error = allowed ? station_set_config(&config->sta) : ESP_ERR_WIFI_MODE;
    }
    world_exit();
    return error;
}

esp_err_t esp_wifi_get_mac(wifi_interface_t interface, uint8_t mac[6]) {
    world_enter();
    memcpy(mac, radio.mac[interface], 6);
    world_exit();
    return ESP_OK;
}

esp_err_t esp_wifi_set_mac(wifi_interface_t interface, const uint8_t mac[6]) {
    if (mac[0] & 1) {
        return ESP_ERR_WIFI_MAC; // a group's address
    }
    world_enter();
    memcpy(radio.mac[interface], mac, 6);
    world_exit();
    return ESP_OK;
}

esp_err_t esp_wifi_get_channel(uint8_t *primary, wifi_second_chan_t *second) {
    world_enter();
    *primary = ap_is_up() ? air_ap.channel : radio.channel;
    *second = WIFI_SECOND_CHAN_NONE;
    world_exit();
    return ESP_OK;
}

// The AP moves along, and its phones lose it; a station's link stays. Believed: the documentation
// says not to call it with phones on the AP, and not what happens.
esp_err_t esp_wifi_set_channel(uint8_t primary, wifi_second_chan_t second) {
    if (primary < 1 || primary > CHANNEL_MAX) {
        return ESP_ERR_INVALID_ARG;
    }
    world_enter();
    radio.channel = primary;
    if (ap_is_up() && link_state() != LINK_JOINED && air_ap.channel != primary) {
        air_ap.channel = primary;
        ap_kick();
    }
    world_exit();
    return ESP_OK;
}

esp_err_t esp_wifi_get_protocol(wifi_interface_t interface, uint8_t *bitmap) {
    world_enter();
    *bitmap = radio.protocol[interface];
    world_exit();
    return ESP_OK;
}

esp_err_t esp_wifi_set_protocol(wifi_interface_t interface, uint8_t bitmap) {
    world_enter();
    radio.protocol[interface] = bitmap;
    world_exit();
    return ESP_OK;
}

esp_err_t esp_wifi_get_ps(wifi_ps_type_t *type) {
    world_enter();
    *type = radio.ps;
    world_exit();
    return ESP_OK;
}

esp_err_t esp_wifi_set_ps(wifi_ps_type_t type) {
    world_enter();
    radio.ps = type;
    world_exit();
    return ESP_OK;
}

esp_err_t esp_wifi_get_max_tx_power(int8_t *power) {
    world_enter();
    *power = radio.tx_power;
    world_exit();
    return ESP_OK;
}

// Documented: it takes the next lower of these.
esp_err_t esp_wifi_set_max_tx_power(int8_t power) {
    static const int8_t levels[] = {8, 20, 28, 34, 44, 52, 56, 60, 66, 72, 80};
    if (power < levels[0] || power > TX_POWER_MAX) {
        return ESP_ERR_INVALID_ARG;
    }
    world_enter();
    for (size_t i = 0; i < sizeof(levels) && levels[i] <= power; i++) {
        radio.tx_power = levels[i];
    }
    world_exit();
    return ESP_OK;
}
