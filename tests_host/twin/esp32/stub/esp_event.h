// Stand-in for ESP-IDF's header: the event loop (../event.c).
// MIT licence
#ifndef TWIN_ESP_EVENT_H
#define TWIN_ESP_EVENT_H

#include "esp_err.h"

#define ESP_EVENT_ANY_ID (-1)

typedef const char *esp_event_base_t;
typedef void *esp_event_handler_instance_t;
typedef void (*esp_event_handler_t)(void *argument, esp_event_base_t base, int32_t id, void *data);

extern esp_event_base_t const WIFI_EVENT;
extern esp_event_base_t const IP_EVENT;

esp_err_t esp_event_handler_instance_register(esp_event_base_t base, int32_t id,
    esp_event_handler_t handler, void *argument, esp_event_handler_instance_t *instance);

#endif
