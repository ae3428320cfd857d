// Stand-in for ESP-IDF's header: the Wi-Fi driver (../wifi.c, ../station.c, ../ap.c).
// MIT licence
#ifndef TWIN_ESP_WIFI_H
#define TWIN_ESP_WIFI_H

#include <stdlib.h> // network_wlan.c counts on it

#include "esp_event.h"
#include "esp_idf_version.h"
#include "esp_wifi_sniffer.h"
#include "esp_wifi_types.h"

typedef struct { int nothing; } wifi_init_config_t;
#define WIFI_INIT_CONFIG_DEFAULT() {0}

esp_err_t esp_wifi_init(const wifi_init_config_t *config);
esp_err_t esp_wifi_set_storage(wifi_storage_t storage);
esp_err_t esp_wifi_set_mode(wifi_mode_t mode);
esp_err_t esp_wifi_get_mode(wifi_mode_t *mode);
esp_err_t esp_wifi_start(void);
esp_err_t esp_wifi_stop(void);

esp_err_t esp_wifi_get_config(wifi_interface_t interface, wifi_config_t *config);
esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t *config);
esp_err_t esp_wifi_get_mac(wifi_interface_t interface, uint8_t mac[6]);
esp_err_t esp_wifi_set_mac(wifi_interface_t interface, const uint8_t mac[6]);
esp_err_t esp_wifi_get_channel(uint8_t *primary, wifi_second_chan_t *second);
esp_err_t esp_wifi_set_channel(uint8_t primary, wifi_second_chan_t second);
esp_err_t esp_wifi_get_protocol(wifi_interface_t interface, uint8_t *bitmap);
esp_err_t esp_wifi_set_protocol(wifi_interface_t interface, uint8_t bitmap);
esp_err_t esp_wifi_get_ps(wifi_ps_type_t *type);
esp_err_t esp_wifi_set_ps(wifi_ps_type_t type);
esp_err_t esp_wifi_get_max_tx_power(int8_t *power);
esp_err_t esp_wifi_set_max_tx_power(int8_t power);

esp_err_t esp_wifi_connect(void);
esp_err_t esp_wifi_disconnect(void);
esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t *info);
esp_err_t esp_wifi_scan_start(const wifi_scan_config_t *config, bool block);
esp_err_t esp_wifi_scan_get_ap_num(uint16_t *number);
esp_err_t esp_wifi_scan_get_ap_records(uint16_t *number, wifi_ap_record_t *records);
esp_err_t esp_wifi_ap_get_sta_list(wifi_sta_list_t *list);

#endif
