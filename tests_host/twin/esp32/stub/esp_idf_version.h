// Stand-in for ESP-IDF's header: the release that MicroPython 1.25 is built with.
// MIT licence
#ifndef TWIN_ESP_IDF_VERSION_H
#define TWIN_ESP_IDF_VERSION_H

#define ESP_IDF_VERSION_VAL(major, minor, patch) (((major) << 16) | ((minor) << 8) | (patch))
#define ESP_IDF_VERSION ESP_IDF_VERSION_VAL(5, 2, 2)

#endif
