// The control socket: lines in are commands, lines out are answers and reports ("* ...").
// MIT licence

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "task.h"

#define CLIENTS_MAX (8)
#define LINE_SIZE (6000)

static int listener = -1;
static struct {
    int fd;
    size_t used;
    char line[LINE_SIZE];
} clients[CLIENTS_MAX];
static int n_clients;

void control_open(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        fprintf(stderr, "twin: TWIN_CONTROL is longer than %zu bytes\n", sizeof(address.sun_path) - 1);
        return;
    }
    strcpy(address.sun_path, path);
    unlink(path);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address))
        || listen(listener, CLIENTS_MAX)) {
        fprintf(stderr, "twin: TWIN_CONTROL %s: %s\n", path, strerror(errno));
        if (listener >= 0) {
            close(listener);
        }
        listener = -1;
    }
}

int control_fds(int *fds, int max) {
    int n = 0;
    if (listener >= 0 && n_clients < CLIENTS_MAX && n < max) {
        fds[n++] = listener;
    }
    for (int i = 0; i < n_clients && n < max; i++) {
        fds[n++] = clients[i].fd;
    }
    return n;
}

static void drop(int i) {
    close(clients[i].fd);
    clients[i] = clients[--n_clients];
}

// Who does not read loses lines.
static void tell(int fd, const char *mark, const char *text) {
    char line[LINE_SIZE + 8];
    int length = snprintf(line, sizeof(line), "%s%s\n", mark, text);
    if (length > 0 && send(fd, line, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        // it went; its end is read later
    }
}

void control_report(const char *line) {
    for (int i = 0; i < n_clients; i++) {
        tell(clients[i].fd, "* ", line);
    }
}

static void obey(int fd, const char *line) {
    char answer[LINE_SIZE];
    bool good = command_run(line, answer, sizeof(answer));
    tell(fd, good ? answer[0] ? "ok " : "ok" : "error ", answer);
}

// False: it went.
static bool serve(int i) {
    size_t space = LINE_SIZE - 1 - clients[i].used;
    ssize_t got = recv(clients[i].fd, clients[i].line + clients[i].used, space, MSG_DONTWAIT);
    if (got <= 0) {
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    clients[i].used += (size_t)got;
    clients[i].line[clients[i].used] = 0;
    char *end;
    while ((end = strchr(clients[i].line, '\n'))) {
        *end++ = 0;
        obey(clients[i].fd, clients[i].line);
        clients[i].used -= (size_t)(end - clients[i].line);
        memmove(clients[i].line, end, clients[i].used + 1);
    }
    return clients[i].used < LINE_SIZE - 1;
}

void control_serve(void) {
    for (int i = n_clients - 1; i >= 0; i--) {
        if (!serve(i)) {
            drop(i);
        }
    }
    int fd = listener < 0 || n_clients == CLIENTS_MAX ? -1 : accept(listener, NULL, NULL);
    if (fd >= 0) {
        clients[n_clients].used = 0;
        clients[n_clients++].fd = fd;
    }
}
