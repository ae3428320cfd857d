// Stand-in for the CYW43 driver: a country as it takes it.
// MIT licence
#ifndef TWIN_CYW43_COUNTRY_H
#define TWIN_CYW43_COUNTRY_H

#define CYW43_COUNTRY(a, b, revision) \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(revision) << 16)

#endif
