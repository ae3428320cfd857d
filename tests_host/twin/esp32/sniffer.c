// The ESP32's Wi-Fi driver: promiscuous mode, for a sniffer module written in C.
// MIT licence
#include <string.h>

#include "radio.h"
#include "task.h"

#define FRAMES (128) // on their way to the callback; more at one time push out the oldest
#define FRAME_MAX (3000)
#define FCS_LEN (4) // frames come without it; the chip hands it over

typedef struct {
    wifi_promiscuous_cb_t callback;
    wifi_promiscuous_pkt_type_t type;
    wifi_promiscuous_pkt_t packet;
    uint8_t data[FRAME_MAX + FCS_LEN]; // packet.payload
} captured_t;

static bool on;
static wifi_promiscuous_cb_t callback;
static uint32_t filter, ctrl_filter;
static captured_t ring[FRAMES];
static unsigned next;

_Static_assert(offsetof(captured_t, data)
    == offsetof(captured_t, packet) + offsetof(wifi_promiscuous_pkt_t, payload), "no gap");

void sniffer_reset(void) {
    on = false;
    callback = NULL;
    // Documented: everything but MISC, and no control frames
    filter = WIFI_PROMIS_FILTER_MASK_ALL & ~WIFI_PROMIS_FILTER_MASK_MISC;
    ctrl_filter = 0;
}

// Frames --------------------------------------------------------------------------------------

static bool passes(wifi_promiscuous_pkt_type_t type, uint8_t subtype) {
    if (type == WIFI_PKT_CTRL) {
        return (filter & WIFI_PROMIS_FILTER_MASK_CTRL) && (ctrl_filter & 1u << (16 + subtype));
    }
    uint32_t mask = 1u << type;
    if (type == WIFI_PKT_DATA) {
        mask |= WIFI_PROMIS_FILTER_MASK_DATA_MPDU;
    }
    return filter & mask;
}

static void call(void *captured) {
    captured_t *frame = captured;
    frame->callback(&frame->packet, frame->type);
}

static void hand_over(intptr_t place) {
    captured_t frame = ring[place]; // the callback may take its time
    frame.callback = callback;
    if (on && callback) {
        world_call_unlocked(call, &frame);
    }
}

void driver_frame(int channel, int rssi, const uint8_t *data, size_t len) {
    uint8_t current;
    wifi_second_chan_t second;
    esp_wifi_get_channel(&current, &second);
    wifi_promiscuous_pkt_type_t type = data[0] >> 2 & 3; // the 802.11 header's numbers
    if (!on || !radio.started || channel != current || len > FRAME_MAX
        || !passes(type, data[0] >> 4)) {
        return;
    }
    unsigned place = next++ % FRAMES;
    captured_t *frame = &ring[place];
    memset(frame, 0, sizeof(*frame));
    frame->type = type;
    frame->packet.rx_ctrl = (wifi_pkt_rx_ctrl_t) {
        .rssi = rssi, .channel = (unsigned)channel, .sig_len = (unsigned)(len + FCS_LEN),
        .timestamp = (uint32_t)(world_due() * 1000),
    };
    memcpy(frame->data, data, len);
    // The callback runs in the driver's task, and before what was on the air later.
    world_at(world_due(), hand_over, (intptr_t)place);
}

// Settings ------------------------------------------------------------------------------------

static esp_err_t settable(void) {
    return radio.powered ? ESP_OK : ESP_ERR_WIFI_NOT_INIT;
}

esp_err_t esp_wifi_set_promiscuous(bool wanted) {
    world_enter();
    esp_err_t error = settable();
    on = error ? on : wanted;
    world_exit();
    return error;
}

esp_err_t esp_wifi_get_promiscuous(bool *wanted) {
    world_enter();
    *wanted = on;
    world_exit();
    return ESP_OK;
}

esp_err_t esp_wifi_set_promiscuous_rx_cb(wifi_promiscuous_cb_t wanted) {
    world_enter();
    esp_err_t error = settable();
    callback = error ? callback : wanted;
    world_exit();
    return error;
}

static esp_err_t set(uint32_t *place, uint32_t mask) {
    world_enter();
    esp_err_t error = settable();
    *place = error ? *place : mask;
    world_exit();
    return error;
}

static esp_err_t get(const uint32_t *place, uint32_t *mask) {
    world_enter();
    *mask = *place;
    world_exit();
    return ESP_OK;
}

esp_err_t esp_wifi_set_promiscuous_filter(const wifi_promiscuous_filter_t *wanted) {
    return set(&filter, wanted->filter_mask);
}

esp_err_t esp_wifi_get_promiscuous_filter(wifi_promiscuous_filter_t *wanted) {
    return get(&filter, &wanted->filter_mask);
}

esp_err_t esp_wifi_set_promiscuous_ctrl_filter(const wifi_promiscuous_filter_t *wanted) {
    return set(&ctrl_filter, wanted->filter_mask & WIFI_PROMIS_CTRL_FILTER_MASK_ALL);
}

esp_err_t esp_wifi_get_promiscuous_ctrl_filter(wifi_promiscuous_filter_t *wanted) {
    return get(&ctrl_filter, &wanted->filter_mask);
}
