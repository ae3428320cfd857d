// Stand-in for ESP-IDF's header: a board without PSRAM asks nothing of it.
// MIT licence
