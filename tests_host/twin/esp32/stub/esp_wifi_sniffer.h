// Stand-in for the part of ESP-IDF's esp_wifi.h that is about promiscuous mode (../sniffer.c).
// MIT licence
#ifndef TWIN_ESP_WIFI_SNIFFER_H
#define TWIN_ESP_WIFI_SNIFFER_H

#include <stdbool.h>

#include "esp_err.h"

typedef enum {
    WIFI_PKT_MGMT,
    WIFI_PKT_CTRL,
    WIFI_PKT_DATA,
    WIFI_PKT_MISC,
} wifi_promiscuous_pkt_type_t;

// Some of the fields; their places differ from chip to chip.
typedef struct {
    signed rssi : 8;
    unsigned rate : 5;
    unsigned channel : 4;
    unsigned sig_len : 12; // with the 4 bytes of the frame check sequence
    unsigned rx_state : 8; // 0: no error
    uint32_t timestamp; // us
} wifi_pkt_rx_ctrl_t;

typedef struct {
    wifi_pkt_rx_ctrl_t rx_ctrl;
    uint8_t payload[];
} wifi_promiscuous_pkt_t;

typedef struct { uint32_t filter_mask; } wifi_promiscuous_filter_t;

#define WIFI_PROMIS_FILTER_MASK_ALL (0xFFFFFFFFu)
#define WIFI_PROMIS_FILTER_MASK_MGMT (1u)
#define WIFI_PROMIS_FILTER_MASK_CTRL (1u << 1)
#define WIFI_PROMIS_FILTER_MASK_DATA (1u << 2)
#define WIFI_PROMIS_FILTER_MASK_MISC (1u << 3)
#define WIFI_PROMIS_FILTER_MASK_DATA_MPDU (1u << 4)
#define WIFI_PROMIS_FILTER_MASK_DATA_AMPDU (1u << 5)
#define WIFI_PROMIS_FILTER_MASK_FCSFAIL (1u << 6)

#define WIFI_PROMIS_CTRL_FILTER_MASK_ALL (0xFF800000u) // bit 16 + subtype, from 7 on

typedef void (*wifi_promiscuous_cb_t)(void *packet, wifi_promiscuous_pkt_type_t type);

esp_err_t esp_wifi_set_promiscuous(bool on);
esp_err_t esp_wifi_get_promiscuous(bool *on);
esp_err_t esp_wifi_set_promiscuous_rx_cb(wifi_promiscuous_cb_t callback);
esp_err_t esp_wifi_set_promiscuous_filter(const wifi_promiscuous_filter_t *filter);
esp_err_t esp_wifi_get_promiscuous_filter(wifi_promiscuous_filter_t *filter);
esp_err_t esp_wifi_set_promiscuous_ctrl_filter(const wifi_promiscuous_filter_t *filter);
esp_err_t esp_wifi_get_promiscuous_ctrl_filter(wifi_promiscuous_filter_t *filter);

#endif
