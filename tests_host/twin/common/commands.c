// The control language: one line is one command; docs/twins.md describes it.
// MIT licence

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "air.h"
#include "task.h"
#include "values.h"

#define WORDS_MAX (40)
#define LINE_MAX_BYTES (6000) // a frame in hex

// The board -----------------------------------------------------------------------------------

static bool ap_command(int n, char **words) {
    say("up=%d", ap_is_up());
    say_octets("ssid", &air_ap.ssid);
    say_octets("key", &air_ap.key);
    say(" channel=%d hidden=%d secured=%d max_clients=%d", air_ap.channel, air_ap.hidden,
        air_ap.secured, air_ap.max_clients);
    say_address("address", air_ap.address);
    say_address("router", air_ap.dhcp_router);
    say_address("dns", air_ap.dhcp_dns);
    return true;
}

void ap_report(void) {
    char line[400];
    answer_t before; // a report may fall into a command
    answer_begin(&before, line, sizeof(line));
    ap_command(0, NULL);
    answer_end(&before);
    world_report("ap %s", line);
}

static bool station_command(int n, char **words) {
    static const char *const states[] = {"off", "joining", "joined"};
    const router_t *router = link_router();
    say("state=%s", states[link_state()]);
    if (router) {
        say_octets("ssid", &router->ssid);
        say_hex("bssid", router->bssid, 6);
        say(" channel=%d rssi=%d", router->channel, router->rssi);
    }
    return true;
}

// A DHCP client of somebody else's got a lease from the router.
static bool lease_command(int n, char **words) {
    uint8_t address[4];
    if (n != 1 || !parse_address(words[0], address)) {
        return wrong("lease: %s", "an address is needed");
    }
    if (!link_router()) {
        return wrong("lease: %s", "there is no link");
    }
    memcpy(air_routers[link_router() - air_routers].address, address, 4);
    link_have_address();
    return true;
}

static bool board_command(int n, char **words) {
    char text[200];
    driver_describe(text, sizeof(text));
    say("%s", text);
    return true;
}

static bool option_command(int n, char **words) {
    for (int i = 0; i < n; i++) {
        char *value = strchr(words[i], '=');
        if (value) {
            *value++ = 0;
        }
        if (!value || !driver_option(words[i], value)) {
            return wrong("option: bad or unknown: %s", words[i]);
        }
    }
    return true;
}

static bool set_frame(char *word, int *channel, int *rssi, uint8_t *data, size_t *len) {
    char *value = strchr(word, '=');
    if (!value) {
        return false;
    }
    *value++ = 0;
    return strcmp(word, "channel") == 0 ? parse_number(value, 1, 196, channel)
           : strcmp(word, "rssi") == 0 ? parse_number(value, -127, 0, rssi)
           : strcmp(word, "data") == 0 ? parse_hex(value, data, LINE_MAX_BYTES / 2, len)
           : false;
}

static bool frame_command(int n, char **words) {
    static uint8_t data[LINE_MAX_BYTES / 2];
    int channel = 0, rssi = 0;
    size_t len = 0;
    for (int i = 0; i < n; i++) {
        if (!set_frame(words[i], &channel, &rssi, data, &len)) {
            return wrong("frame: bad value of %s", words[i]);
        }
    }
    if (!channel || !len) {
        return wrong("frame: %s are needed", "channel= and data=");
    }
    driver_frame(channel, rssi, data, len);
    return true;
}

// The world -----------------------------------------------------------------------------------

static bool scale_command(int n, char **words) {
    double scale = n == 1 ? atof(words[0]) : 0;
    if (scale <= 0 || scale > 1000) {
        return wrong("scale: %s", "a number from above 0 to 1000 is needed");
    }
    world_scale(scale);
    return true;
}

static bool seed_command(int n, char **words) {
    int seed;
    if (n != 1 || !parse_number(words[0], 0, 0xFFFFF, &seed)) {
        return wrong("seed: %s", "a number from 0 to 1048575 is needed");
    }
    world_seed((unsigned)seed);
    return true;
}

static const struct {
    const char *name;
    bool (*run)(int n, char **words);
} commands[] = {
    {"router", router_command}, {"routers", routers_command}, {"clear", clear_command},
    {"phone", phone_command}, {"ap", ap_command}, {"station", station_command},
    {"lease", lease_command}, {"board", board_command}, {"option", option_command}, {"frame", frame_command},
    {"scale", scale_command}, {"seed", seed_command},
};

static void happen(intptr_t line) {
    char unheard[LINE_MAX_BYTES];
    if (!command_run((const char *)line, unheard, sizeof(unheard))) {
        world_report("failed %s", unheard);
    }
}

// at MS command
static bool at_command(const char *line) {
    char *command;
    long long ms = strtoll(line, &command, 10);
    while (*command == ' ') {
        command++;
    }
    if (command == line || ms < 0 || !*command) {
        return wrong("at: %s", "MS and a command are needed");
    }
    world_at_owned(ms, happen, strdup(command));
    return true;
}

static bool run(const char *line) {
    char copy[LINE_MAX_BYTES];
    char *words[WORDS_MAX];
    char *rest = NULL;
    int n = 0;
    if (strncmp(line, "at ", 3) == 0) {
        return at_command(line + 3);
    }
    if (strlen(line) >= sizeof(copy)) {
        return wrong("the line is %s", "too long");
    }
    strcpy(copy, line);
    for (char *word = strtok_r(copy, " \r\n", &rest); word && n < WORDS_MAX;
         word = strtok_r(NULL, " \r\n", &rest)) {
        words[n++] = word;
    }
    for (size_t i = 0; n && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(words[0], commands[i].name) == 0) {
            bool good = commands[i].run(n - 1, words + 1);
            link_watch();
            return good;
        }
    }
    return wrong("no such command: %s", n ? words[0] : "");
}

bool command_run(const char *line, char *text, size_t size) {
    answer_t before;
    answer_begin(&before, text, size);
    bool good = run(line);
    answer_end(&before);
    return good;
}

// Empty lines and those that begin with # are skipped. Stops at the first that is wrong.
bool command_file(const char *path, char *text, size_t size) {
    char line[LINE_MAX_BYTES];
    FILE *file = fopen(path, "r");
    snprintf(text, size, "cannot be read");
    if (!file) {
        return false;
    }
    bool good = true;
    while (good && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\r\n")] = 0;
        good = !line[0] || line[0] == '#' || command_run(line, text, size);
    }
    fclose(file);
    return good;
}
