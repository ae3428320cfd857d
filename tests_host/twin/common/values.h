// The control language's values, for commands.c and routers.c.
// MIT licence
#ifndef TWIN_VALUES_H
#define TWIN_VALUES_H

#include "world.h"

typedef struct {
    char *text;
    size_t size;
} answer_t;

// say() writes into `text` from here on, until answer_end().
void answer_begin(answer_t *before, char *text, size_t size);
void answer_end(const answer_t *before);

void say(const char *format, ...);
void say_hex(const char *name, const uint8_t *data, size_t len); // name=..., a space before
void say_octets(const char *name, const octets_t *octets);
void say_ms(const char *name, int ms);
void say_address(const char *name, const uint8_t address[4]);
bool wrong(const char *format, const char *word); // the answer is a complaint; false

// parse_hex() and parse_address() are in world.h. False: not well-formed, nothing is changed.
bool parse_octets(const char *text, octets_t *octets, size_t max);
bool parse_bssid(const char *text, uint8_t bssid[6]);
bool parse_number(const char *text, int low, int high, int *number);
bool parse_ms(const char *text, int *ms);
bool parse_u8(const char *text, int high, uint8_t *number);
bool parse_bool(const char *text, bool *flag);

// routers.c: the commands about routers and phones
bool router_command(int n, char **words);
bool routers_command(int n, char **words);
bool clear_command(int n, char **words);
bool phone_command(int n, char **words);

#endif
