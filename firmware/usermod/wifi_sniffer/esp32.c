// The ESP32's radio: its promiscuous mode, whose callback runs in the Wi-Fi driver's task.
// MIT licence
//
// ESP-IDF 5.2 to 5.5, ESP32, S2, S3, C3, C5, C6. The fields of rx_ctrl that are used here have the
// same names on all of them.
#include "sniffer.h"

#if WIFI_SNIFFER_ESP32

#include "esp_wifi.h"

#define FCS (4) // octets at a frame's end, which the chip counts

// In the Wi-Fi task, maybe on the other core: it may not wait, allocate, print or touch Python.
static void heard(void *buffer, wifi_promiscuous_pkt_type_t type) {
    const wifi_promiscuous_pkt_t *packet = buffer;
    if ((type != WIFI_PKT_DATA && type != WIFI_PKT_MISC) || packet->rx_ctrl.sig_len < FCS) {
        return;
    }
    sniffer_frame_t frame = {
        .time_us = packet->rx_ctrl.timestamp,
        .length = packet->rx_ctrl.sig_len - FCS,
        .rssi = (int8_t)packet->rx_ctrl.rssi,
        .channel = (uint8_t)packet->rx_ctrl.channel,
    };
    // MISC: the chip could not make out more than the length, there is no payload.
    sniffer_hear(&frame, type == WIFI_PKT_DATA ? packet->payload : NULL);
}

static int start(const char *source, bool length_only) {
    (void)source;
    wifi_promiscuous_filter_t filter = {
        .filter_mask = WIFI_PROMIS_FILTER_MASK_DATA
            | (length_only ? WIFI_PROMIS_FILTER_MASK_MISC : 0),
    };
    esp_err_t error = esp_wifi_set_promiscuous_filter(&filter);
    if (error == ESP_OK) {
        error = esp_wifi_set_promiscuous_rx_cb(heard);
    }
    if (error == ESP_OK) {
        error = esp_wifi_set_promiscuous(true);
    }
    return error;
}

static void stop(void) {
    esp_wifi_set_promiscuous(false); // it was on, so there is nothing that could fail
}

static int channel(int number) {
    return esp_wifi_set_channel((uint8_t)number, WIFI_SECOND_CHAN_NONE);
}

const sniffer_backend_t sniffer_esp32 = {start, stop, channel, NULL};

#endif
