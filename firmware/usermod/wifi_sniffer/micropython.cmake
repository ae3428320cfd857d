# wifi_sniffer for the ESP32's port: USER_C_MODULES is the absolute path of this file.
# MIT licence

if(NOT ESP_PLATFORM)
    message(FATAL_ERROR "wifi_sniffer: of the ports that build with CMake it knows the ESP32's")
endif()

add_library(usermod_wifi_sniffer INTERFACE)

target_sources(usermod_wifi_sniffer INTERFACE
    ${CMAKE_CURRENT_LIST_DIR}/module.c
    ${CMAKE_CURRENT_LIST_DIR}/sniffer.c
    ${CMAKE_CURRENT_LIST_DIR}/esp32.c
)

target_include_directories(usermod_wifi_sniffer INTERFACE
    ${CMAKE_CURRENT_LIST_DIR}
)

target_link_libraries(usermod INTERFACE usermod_wifi_sniffer)
