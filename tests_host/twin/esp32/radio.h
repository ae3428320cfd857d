// Inside the ESP32's driver: what its files share. Used with the world locked.
// MIT licence
#ifndef TWIN_RADIO_H
#define TWIN_RADIO_H

#include "esp_wifi.h"
#include "world.h"

typedef struct {
    bool powered; // by the first esp_wifi_init()
    wifi_mode_t mode; // that was asked for
    bool started;
    uint8_t channel; // of the station: the router's while it is joined
    uint8_t mac[2][6];
    uint8_t protocol[2];
    wifi_ps_type_t ps;
    int8_t tx_power;
} radio_t;

extern radio_t radio;

bool radio_has(wifi_mode_t interface); // is it switched on?

// event.c: MicroPython's handlers run in the task, with the world unlocked.
void event_after(int ms, esp_event_base_t base, int32_t id, uint8_t reason);
void event_now(esp_event_base_t base, int32_t id, uint8_t reason); // in a callback of the task

// station.c
void station_reset(void);
void station_get_config(wifi_sta_config_t *config);
esp_err_t station_set_config(const wifi_sta_config_t *config);

// ap.c
void ap_reset(void);
void ap_start(void);
void ap_get_config(wifi_ap_config_t *config);
esp_err_t ap_set_config(const wifi_ap_config_t *config);

// netif.c
void netif_reset(const uint8_t ap_address[4]);
void netif_joined(void);
void netif_lease(const router_t *router); // the address came, unless it is fixed
void netif_lost(void); // the station's link

// sniffer.c
void sniffer_reset(void);

#endif
