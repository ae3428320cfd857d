// The ESP32's Wi-Fi driver: the board's own access point.
// MIT licence
#include <stdio.h>
#include <string.h>

#include "radio.h"

#define KEY_MIN (8)
#define CHANNEL_MAX (13)

static wifi_auth_mode_t auth_mode;

// As it comes from the factory: open, channel 1, 4 clients; believed, from the IDF's defaults.
void ap_reset(void) {
    const uint8_t *mac = radio.mac[WIFI_IF_STA];
    memset(&air_ap, 0, sizeof(air_ap));
    air_ap.ssid.len = (uint8_t)snprintf((char *)air_ap.ssid.data, sizeof(air_ap.ssid.data),
        "ESP_%02X%02X%02X", mac[3], mac[4], mac[5]);
    air_ap.channel = 1;
    air_ap.max_clients = 4;
    air_ap.first_host = 2;
    auth_mode = WIFI_AUTH_OPEN;
}

void ap_start(void) {
    if (link_state() == LINK_JOINED) {
        air_ap.channel = radio.channel; // one radio
    }
    ap_up();
}

void ap_get_config(wifi_ap_config_t *config) {
    memcpy(config->ssid, air_ap.ssid.data, air_ap.ssid.len);
    memcpy(config->password, air_ap.key.data, air_ap.key.len);
    config->ssid_len = air_ap.ssid.len;
    config->channel = air_ap.channel;
    config->authmode = auth_mode;
    config->ssid_hidden = air_ap.hidden;
    config->max_connection = air_ap.max_clients;
}

static esp_err_t check(const wifi_ap_config_t *config, size_t key_length) {
    if (config->authmode != WIFI_AUTH_OPEN && key_length < KEY_MIN) {
        return ESP_ERR_WIFI_PASSWORD;
    }
    if (config->authmode == WIFI_AUTH_WEP || config->authmode == WIFI_AUTH_WPA2_ENTERPRISE
        || (unsigned)config->authmode >= WIFI_AUTH_MAX
        || config->channel < 1 || config->channel > CHANNEL_MAX) {
        return ESP_ERR_INVALID_ARG; // micropython#7504; for the channel believed
    }
    return ESP_OK;
}

esp_err_t ap_set_config(const wifi_ap_config_t *config) {
    size_t key_length = strnlen((const char *)config->password, sizeof(config->password));
    esp_err_t error = check(config, key_length);
    if (error != ESP_OK) {
        return error;
    }
    wifi_ap_config_t before = {0};
    ap_get_config(&before);
    bool changed = config->ssid_len != before.ssid_len
        || memcmp(config->ssid, before.ssid, config->ssid_len)
        || strncmp((char *)config->password, (char *)before.password, sizeof(before.password))
        || config->authmode != before.authmode || config->channel != before.channel
        || config->ssid_hidden != before.ssid_hidden
        || config->max_connection != before.max_connection;
    air_ap.ssid.len = config->ssid_len;
    memcpy(air_ap.ssid.data, config->ssid, config->ssid_len);
    air_ap.key.len = (uint8_t)key_length;
    memcpy(air_ap.key.data, config->password, key_length);
    air_ap.channel = link_state() == LINK_JOINED ? radio.channel : config->channel;
    air_ap.max_clients = config->max_connection;
    air_ap.hidden = config->ssid_hidden;
    air_ap.secured = config->authmode != WIFI_AUTH_OPEN;
    auth_mode = config->authmode;
    if (changed) {
        ap_kick(); // believed
    }
    return ESP_OK;
}

esp_err_t esp_wifi_ap_get_sta_list(wifi_sta_list_t *list) {
    uint8_t macs[PHONES_MAX][6];
    world_enter();
    memset(list, 0, sizeof(*list)); // isconnected() reads it whatever we return
    bool on = radio_has(WIFI_MODE_AP);
    list->num = on ? ap_stations(macs) : 0;
    if (list->num > ESP_WIFI_MAX_CONN_NUM) {
        list->num = ESP_WIFI_MAX_CONN_NUM;
    }
    for (int i = 0; i < list->num; i++) {
        memcpy(list->sta[i].mac, macs[i], 6);
    }
    world_exit();
    return on ? ESP_OK : ESP_ERR_WIFI_MODE;
}
