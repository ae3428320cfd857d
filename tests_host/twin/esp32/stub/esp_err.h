// Stand-in for ESP-IDF's header of that name: what MicroPython and the driver here need.
// MIT licence
#ifndef TWIN_ESP_ERR_H
#define TWIN_ESP_ERR_H

#include <stdint.h>

typedef int esp_err_t;

#define ESP_OK (0)
#define ESP_FAIL (-1)
#define ESP_ERR_NO_MEM (0x101)
#define ESP_ERR_INVALID_ARG (0x102)

#define ESP_ERR_WIFI_NOT_INIT (0x3001)
#define ESP_ERR_WIFI_NOT_STARTED (0x3002)
#define ESP_ERR_WIFI_NOT_STOPPED (0x3003)
#define ESP_ERR_WIFI_IF (0x3004)
#define ESP_ERR_WIFI_MODE (0x3005)
#define ESP_ERR_WIFI_STATE (0x3006)
#define ESP_ERR_WIFI_CONN (0x3007)
#define ESP_ERR_WIFI_NVS (0x3008)
#define ESP_ERR_WIFI_MAC (0x3009)
#define ESP_ERR_WIFI_SSID (0x300A)
#define ESP_ERR_WIFI_PASSWORD (0x300B)
#define ESP_ERR_WIFI_TIMEOUT (0x300C)
#define ESP_ERR_WIFI_WAKE_FAIL (0x300D)
#define ESP_ERR_WIFI_WOULD_BLOCK (0x300E)
#define ESP_ERR_WIFI_NOT_CONNECT (0x300F)

#define ESP_ERR_ESP_NETIF_DHCP_ALREADY_STARTED (0x5004)
#define ESP_ERR_ESP_NETIF_DHCP_ALREADY_STOPPED (0x5005)
#define ESP_ERR_ESP_NETIF_DHCP_NOT_STOPPED (0x5007)

#endif
