// Stand-in for ESP-IDF's header: it logs nothing.
// MIT licence
#ifndef TWIN_ESP_LOG_H
#define TWIN_ESP_LOG_H

// The values are used: some are set for the log alone.
static inline void esp_log_nothing(const char *tag, const char *format, ...) {
    (void)tag;
    (void)format;
}

#define ESP_LOGI(tag, ...) esp_log_nothing(tag, __VA_ARGS__)
#define ESP_LOGD(tag, ...) esp_log_nothing(tag, __VA_ARGS__)

#endif
