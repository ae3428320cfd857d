// The ESP32's Wi-Fi driver: the station.
// MIT licence
#include <string.h>

#include "radio.h"

#define EVENT_MS (10) // until the event task tells MicroPython that the link is gone; believed
#define SCAN_MS (2500)
#define KEY_MIN (8) // of WPA and later

static wifi_sta_config_t config;
static uint8_t wrong_keys; // in this configuration, for router_t.reasons
static wifi_ap_record_t records[ROUTERS_MAX]; // of the last scan
static uint16_t n_records;

static const wifi_auth_mode_t auth_modes[] = {
    [SEC_OPEN] = WIFI_AUTH_OPEN, [SEC_WEP] = WIFI_AUTH_WEP, [SEC_WPA] = WIFI_AUTH_WPA_WPA2_PSK,
    [SEC_WPA2] = WIFI_AUTH_WPA2_PSK, [SEC_WPA2WPA3] = WIFI_AUTH_WPA2_WPA3_PSK,
    [SEC_WPA3] = WIFI_AUTH_WPA3_PSK, [SEC_ENTERPRISE] = WIFI_AUTH_WPA2_ENTERPRISE,
};

// Both have no length of their own: they end at the first 0.
static octets_t octets(const uint8_t *data, size_t size) {
    octets_t found = {.len = (uint8_t)strnlen((const char *)data, size)};
    memcpy(found.data, data, found.len);
    return found;
}

static octets_t own_ssid(void) {
    return octets(config.ssid, sizeof(config.ssid));
}

static octets_t own_key(void) {
    return octets(config.password, sizeof(config.password));
}

void station_reset(void) {
    memset(&config, 0, sizeof(config));
    wrong_keys = 0;
    n_records = 0;
}

void station_get_config(wifi_sta_config_t *copy) {
    *copy = config;
}

esp_err_t station_set_config(const wifi_sta_config_t *wanted) {
    if (memcmp(wanted->ssid, config.ssid, sizeof(config.ssid))
        || memcmp(wanted->password, config.password, sizeof(config.password))
        || wanted->bssid_set != config.bssid_set
        || memcmp(wanted->bssid, config.bssid, sizeof(config.bssid))) {
        wrong_keys = 0;
    }
    config = *wanted;
    return ESP_OK;
}

// What happens to the link --------------------------------------------------------------------

bool driver_fits(const router_t *router) {
    size_t length = own_key().len;
    switch (router->security) {
        case SEC_OPEN:
            return length == 0;
        case SEC_WEP:
            return length > 0 && length < KEY_MIN;
        case SEC_ENTERPRISE:
            return false;
        default:
            return length >= KEY_MIN;
    }
}

// What the driver gives as reason; most are believed.
static uint8_t reason_of(told_t what, const router_t *router) {
    switch (what) {
        case TOLD_ABSENT:
            return WIFI_REASON_NO_AP_FOUND;
        case TOLD_SECURITY:
            // A key of 8 or more sets the threshold to WPA2, so weaker networks are not seen.
            return router->security <= SEC_WEP && own_key().len >= KEY_MIN
                   ? WIFI_REASON_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD
                   : WIFI_REASON_NO_AP_FOUND_W_COMPATIBLE_SECURITY;
        case TOLD_KEY:
            wrong_keys += wrong_keys < REASONS_MAX;
            return router->reasons[(wrong_keys < router->n_reasons ? wrong_keys
                                                                   : router->n_reasons) - 1];
        case TOLD_WEAK:
            return WIFI_REASON_AUTH_EXPIRE;
        case TOLD_LOST:
            return router->drop_reason;
        default:
            return WIFI_REASON_ASSOC_LEAVE;
    }
}

static void joined(const router_t *router) {
    // One radio: the AP follows the station's channel, its phones drop for a moment.
    radio.channel = router->channel;
    if (ap_is_up() && air_ap.channel != router->channel) {
        air_ap.channel = router->channel;
        ap_kick();
    }
    event_after(0, WIFI_EVENT, WIFI_EVENT_STA_CONNECTED, 0);
    netif_joined();
}

void driver_told(told_t what, const router_t *router) {
    if (what == TOLD_JOINED) {
        joined(router);
    } else if (what == TOLD_ADDRESS) {
        netif_lease(router);
        event_now(IP_EVENT, IP_EVENT_STA_GOT_IP, 0);
    } else {
        event_after(EVENT_MS, WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, reason_of(what, router));
    }
}

// Joining and leaving -------------------------------------------------------------------------

static esp_err_t join(void) {
    if (!radio.started) {
        return ESP_ERR_WIFI_NOT_STARTED;
    }
    if (!radio_has(WIFI_MODE_STA)) {
        return ESP_ERR_WIFI_MODE;
    }
    if (link_state() == LINK_JOINING) {
        return ESP_ERR_WIFI_CONN; // thonny#2713: "sta is connecting"
    }
    octets_t ssid = own_ssid();
    if (!ssid.len) {
        return ESP_ERR_WIFI_SSID;
    }
    // While joined it stays where it is, whatever was asked (esp32-wifi-manager#131).
    if (link_state() == LINK_OFF) {
        octets_t key = own_key();
        link_join(&ssid, &key, config.bssid_set ? config.bssid : NULL, NULL);
    }
    return ESP_OK;
}

esp_err_t esp_wifi_connect(void) {
    world_enter();
    esp_err_t error = join();
    world_exit();
    return error;
}

esp_err_t esp_wifi_disconnect(void) {
    world_enter();
    bool started = radio.started;
    if (started) {
        link_leave(false);
    }
    world_exit();
    return started ? ESP_OK : ESP_ERR_WIFI_NOT_STARTED;
}

static wifi_ap_record_t record_of(const router_t *router, int8_t rssi) {
    wifi_ap_record_t record = {
        .primary = router->channel, .rssi = rssi, .authmode = auth_modes[router->security],
    };
    memcpy(record.bssid, router->bssid, sizeof(record.bssid));
    if (!router->hidden) {
        memcpy(record.ssid, router->ssid.data, router->ssid.len);
    }
    return record;
}

esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t *info) {
    world_enter();
    const router_t *router = link_router();
    if (router) {
        *info = record_of(router, router->rssi);
    }
    world_exit();
    return router ? ESP_OK : ESP_ERR_WIFI_NOT_CONNECT;
}

// Scanning ------------------------------------------------------------------------------------

esp_err_t esp_wifi_scan_start(const wifi_scan_config_t *wanted, bool block) {
    world_enter();
    esp_err_t error = !radio.started ? ESP_ERR_WIFI_NOT_STARTED
                      : link_state() == LINK_JOINING ? ESP_ERR_WIFI_STATE : ESP_OK;
    world_exit();
    if (error != ESP_OK) {
        return error;
    }
    world_block(SCAN_MS);
    world_enter();
    heard_t found[ROUTERS_MAX];
    n_records = (uint16_t)air_heard(found);
    for (int i = 0; i < n_records; i++) {
        records[i] = record_of(found[i].router, found[i].rssi);
    }
    world_exit();
    return ESP_OK;
}

esp_err_t esp_wifi_scan_get_ap_num(uint16_t *number) {
    world_enter();
    *number = n_records;
    world_exit();
    return ESP_OK;
}

// Documented: the records are given once.
esp_err_t esp_wifi_scan_get_ap_records(uint16_t *number, wifi_ap_record_t *copy) {
    world_enter();
    if (*number > n_records) {
        *number = n_records;
    }
    memcpy(copy, records, *number * sizeof(*copy));
    n_records = 0;
    world_exit();
    return ESP_OK;
}
