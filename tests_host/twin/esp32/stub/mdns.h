// Stand-in for the mdns component: the twin has no responder of the port's own.
// MIT licence
#ifndef TWIN_MDNS_H
#define TWIN_MDNS_H

#include "esp_err.h"

static inline esp_err_t mdns_init(void) {
    return ESP_OK;
}

static inline esp_err_t mdns_hostname_set(const char *name) {
    return ESP_OK;
}

static inline esp_err_t mdns_instance_name_set(const char *name) {
    return ESP_OK;
}

#endif
