// The ESP32's event loop: tells MicroPython's handlers what happened, from the world's task.
// MIT licence
#include <string.h>

#include "radio.h"

esp_event_base_t const WIFI_EVENT = "WIFI_EVENT";
esp_event_base_t const IP_EVENT = "IP_EVENT";

#define HANDLERS_MAX (8)

typedef struct {
    esp_event_base_t base;
    int32_t id;
    esp_event_handler_t call;
    void *argument;
} handler_t;

typedef struct {
    esp_event_base_t base;
    int32_t id;
    wifi_event_sta_disconnected_t disconnected; // the only event whose data anybody reads
    handler_t handlers[HANDLERS_MAX]; // as they were when it happened
    size_t n_handlers;
} told_event_t;

static handler_t handlers[HANDLERS_MAX];
static size_t n_handlers;

esp_err_t esp_event_handler_instance_register(esp_event_base_t base, int32_t id,
    esp_event_handler_t handler, void *argument, esp_event_handler_instance_t *instance) {
    world_enter();
    bool fits = n_handlers < HANDLERS_MAX;
    if (fits) {
        handlers[n_handlers++] = (handler_t) {base, id, handler, argument};
    }
    world_exit();
    return fits ? ESP_OK : ESP_ERR_NO_MEM;
}

static void call_handlers(void *argument) {
    told_event_t *event = argument;
    for (size_t i = 0; i < event->n_handlers; i++) {
        handler_t *handler = &event->handlers[i];
        if (handler->base == event->base
            && (handler->id == ESP_EVENT_ANY_ID || handler->id == event->id)) {
            handler->call(handler->argument, event->base, event->id, &event->disconnected);
        }
    }
}

void event_now(esp_event_base_t base, int32_t id, uint8_t reason) {
    told_event_t event = {.base = base, .id = id, .n_handlers = n_handlers};
    memcpy(event.handlers, handlers, sizeof(handlers));
    if (base == WIFI_EVENT && id == WIFI_EVENT_STA_DISCONNECTED) {
        wifi_sta_config_t config;
        station_get_config(&config);
        memcpy(event.disconnected.ssid, config.ssid, sizeof(config.ssid));
        event.disconnected.ssid_len = (uint8_t)strnlen((char *)config.ssid, sizeof(config.ssid));
        event.disconnected.reason = reason;
        netif_lost();
    }
    world_call_unlocked(call_handlers, &event);
}

// An event that is to come, as a number
static intptr_t pack(esp_event_base_t base, int32_t id, uint8_t reason) {
    return (base == IP_EVENT) | id << 1 | reason << 8;
}

static void happen(intptr_t packed) {
    event_now(packed & 1 ? IP_EVENT : WIFI_EVENT, packed >> 1 & 127, (uint8_t)(packed >> 8));
}

void event_after(int ms, esp_event_base_t base, int32_t id, uint8_t reason) {
    world_after(ms, happen, pack(base, id, reason));
}
