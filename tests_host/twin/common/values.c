// The control language's values: how they are read and written.
// MIT licence

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "values.h"

static char *answer; // that is being written
static size_t answer_size;

void answer_begin(answer_t *before, char *text, size_t size) {
    before->text = answer;
    before->size = answer_size;
    answer = text;
    answer_size = size;
    answer[0] = 0;
}

void answer_end(const answer_t *before) {
    answer = before->text;
    answer_size = before->size;
}

void say(const char *format, ...) {
    size_t used = strlen(answer);
    va_list values;
    va_start(values, format);
    vsnprintf(answer + used, answer_size - used, format, values);
    va_end(values);
}

bool wrong(const char *format, const char *word) {
    answer[0] = 0;
    say(format, word);
    return false;
}

static void say_name(const char *name) {
    say("%s%s=", answer[0] ? " " : "", name);
}

void say_hex(const char *name, const uint8_t *data, size_t len) {
    say_name(name);
    for (size_t i = 0; i < len; i++) {
        say("%02x", data[i]);
    }
}

void say_octets(const char *name, const octets_t *octets) {
    say_hex(name, octets->data, octets->len);
}

void say_ms(const char *name, int ms) {
    say_name(name);
    say(ms == NEVER ? "-" : "%d", ms);
}

void say_address(const char *name, const uint8_t a[4]) {
    say_name(name);
    say("%d.%d.%d.%d", a[0], a[1], a[2], a[3]);
}

bool parse_hex(const char *text, uint8_t *data, size_t max, size_t *len) {
    size_t n = 0;
    for (; text[0]; text += 2, n++) {
        char pair[3] = {text[0], text[1], 0};
        char *end;
        if (n == max || !text[1]) {
            return false;
        }
        data[n] = (uint8_t)strtoul(pair, &end, 16);
        if (*end || pair[0] == '-' || pair[0] == '+' || pair[0] == ' ') {
            return false;
        }
    }
    *len = n;
    return true;
}

bool parse_address(const char *text, uint8_t address[4]) {
    unsigned a, b, c, d;
    char more;
    if (sscanf(text, "%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &more) != 4
        || a > 255 || b > 255 || c > 255 || d > 255) {
        return false;
    }
    address[0] = (uint8_t)a, address[1] = (uint8_t)b;
    address[2] = (uint8_t)c, address[3] = (uint8_t)d;
    return true;
}

bool parse_octets(const char *text, octets_t *octets, size_t max) {
    octets_t fresh;
    size_t len;
    if (!parse_hex(text, fresh.data, max, &len)) {
        return false;
    }
    fresh.len = (uint8_t)len;
    *octets = fresh;
    return true;
}

bool parse_bssid(const char *text, uint8_t bssid[6]) {
    uint8_t fresh[6];
    size_t len;
    if (!parse_hex(text, fresh, 6, &len) || len != 6) {
        return false;
    }
    memcpy(bssid, fresh, 6);
    return true;
}

bool parse_number(const char *text, int low, int high, int *number) {
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < low || value > high) {
        return false;
    }
    *number = (int)value;
    return true;
}

bool parse_ms(const char *text, int *ms) {
    if (strcmp(text, "-") == 0) {
        *ms = NEVER;
        return true;
    }
    return parse_number(text, 0, 1 << 30, ms);
}

bool parse_u8(const char *text, int high, uint8_t *number) {
    int value;
    if (!parse_number(text, 0, high, &value)) {
        return false;
    }
    *number = (uint8_t)value;
    return true;
}

bool parse_bool(const char *text, bool *flag) {
    int value;
    if (!parse_number(text, 0, 1, &value)) {
        return false;
    }
    *flag = value;
    return true;
}
