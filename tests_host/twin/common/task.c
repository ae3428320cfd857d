// The world's time and the task in which things happen by themselves.
// MIT licence

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "py/mpstate.h"
#include "py/mpthread.h"
#include "py/runtime.h"

#include "task.h"
#include "twin_time.h"

#define CONTROL_FDS (16)

typedef struct {
    event_t id;
    int64_t at;
    happen_t what;
    intptr_t argument;
    bool owned;
} happening_t;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER; // fast time has come to `target`
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int bell = -1; // wakes the task
static __thread int depth; // how often this thread has entered the world
static __thread bool is_task;

static _Atomic bool fast;
static int64_t now; // of fast time
static int64_t due = -1; // when what happens now was to happen; -1: nothing does
static int64_t target; // how far the task shall go
static bool asked; // to go there
static int64_t born; // by the real clock
static double scale = 1;
static unsigned seed = 1;

static happening_t *events; // in order of time
static size_t n_events, room;
static event_t last_id;

static int64_t real_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void wake(void) {
    uint64_t one = 1;
    if (write(bell, &one, sizeof(one)) < 0) {
        // it is full: the task is awake
    }
}

// What happens -------------------------------------------------------------------------------

static event_t insert(int64_t ms, happen_t what, intptr_t argument, bool owned) {
    if (n_events == room) {
        room = room ? room * 2 : 64;
        events = realloc(events, room * sizeof(*events));
        if (!events) {
            abort();
        }
    }
    size_t place = n_events++;
    for (; place && events[place - 1].at > ms; place--) {
        events[place] = events[place - 1];
    }
    events[place] = (happening_t) {++last_id, ms, what, argument, owned};
    if (!fast && place == 0) {
        wake(); // it waits for something later
    }
    return last_id;
}

event_t world_at(int64_t ms, happen_t what, intptr_t argument) {
    return insert(ms, what, argument, false);
}

event_t world_at_owned(int64_t ms, happen_t what, void *argument) {
    return insert(ms, what, (intptr_t)argument, true);
}

event_t world_after(int ms, happen_t what, intptr_t argument) {
    return world_at(world_now() + (int)(ms * scale), what, argument);
}

static happening_t take(size_t place) {
    happening_t event = events[place];
    memmove(&events[place], &events[place + 1], (--n_events - place) * sizeof(*events));
    return event;
}

void world_cancel(event_t id) {
    for (size_t i = 0; id && i < n_events; i++) {
        if (events[i].id == id) {
            happening_t event = take(i);
            if (event.owned) {
                free((void *)event.argument);
            }
            return;
        }
    }
}

bool world_is_pending(event_t id) {
    for (size_t i = 0; id && i < n_events; i++) {
        if (events[i].id == id) {
            return true;
        }
    }
    return false;
}

static bool is_due(int64_t ms) {
    return n_events && events[0].at <= ms;
}

// The task's work: everything up to that time.
static void run_until(int64_t ms) {
    while (is_due(ms)) {
        happening_t event = take(0);
        if (fast && event.at > now) {
            now = event.at;
        }
        due = event.at;
        event.what(event.argument);
        due = -1;
        if (event.owned) {
            free((void *)event.argument);
        }
        link_watch();
    }
    if (fast && ms > now) {
        now = ms;
    }
}

// The task -----------------------------------------------------------------------------------

static int real_timeout(void) {
    if (fast || !n_events) {
        return -1;
    }
    int64_t left = events[0].at - world_now();
    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

static void idle(void) {
    struct pollfd polled[CONTROL_FDS + 1];
    int fds[CONTROL_FDS];
    int n = control_fds(fds, CONTROL_FDS);
    polled[0] = (struct pollfd) {.fd = bell, .events = POLLIN};
    for (int i = 0; i < n; i++) {
        polled[i + 1] = (struct pollfd) {.fd = fds[i], .events = POLLIN};
    }
    int timeout = real_timeout();
    depth = 0;
    pthread_mutex_unlock(&mutex);
    int ready = poll(polled, n + 1, timeout);
    if (ready > 0 && polled[0].revents) {
        uint64_t rings;
        if (read(bell, &rings, sizeof(rings)) < 0) {
            // somebody else's spurious wake-up
        }
        ready--;
    }
    pthread_mutex_lock(&mutex);
    depth = 1;
    if (ready > 0) {
        control_serve();
        link_watch();
    }
}

static void *task(void *unused) {
    (void)unused;
    is_task = true;
    pthread_mutex_lock(&mutex);
    depth = 1;
    for (;;) {
        if (!fast) {
            run_until(world_now());
        } else if (asked) {
            run_until(target);
            asked = false;
            pthread_cond_broadcast(&arrived);
        }
        idle();
    }
    return NULL;
}

static void start_task(void) {
    bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    born = real_ms();
    sigset_t all, before;
    sigfillset(&all); // a Ctrl-C is MicroPython's
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    if (bell < 0 || pthread_create(&thread, NULL, task, NULL)) {
        perror("twin: no task");
        exit(1);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_detach(thread);
}

// A plain prompt: the world comes from the environment.
static void read_environment(void) {
    char answer[200];
    const char *text = getenv("TWIN_CONTROL");
    if (text && *text) {
        control_open(text);
    }
    text = getenv("TWIN_SPEED");
    if (text && atof(text) > 0) {
        scale = 1 / atof(text);
    }
    text = getenv("TWIN_AIR");
    if (text && *text && !command_file(text, answer, sizeof(answer))) {
        fprintf(stderr, "twin: %s: %s\n", text, answer);
    }
}

static void start(void) {
    start_task();
    depth = 1;
    pthread_mutex_lock(&mutex);
    read_environment();
    pthread_mutex_unlock(&mutex);
    wake();
    depth = 0;
}

// The world's door ---------------------------------------------------------------------------

void world_enter(void) {
    if (depth == 0) {
        pthread_once(&once, start);
        pthread_mutex_lock(&mutex);
    }
    depth++;
}

// Let the task bring fast time to `ms`; on a thread that is not the task.
static void go_to(int64_t ms) {
    if (!is_due(ms)) {
        now = ms;
        return;
    }
    target = ms;
    asked = true;
    wake();
    while (asked) {
        pthread_cond_wait(&arrived, &mutex);
    }
}

void world_exit(void) {
    if (depth == 1 && fast && !is_task && is_due(now)) {
        go_to(now);
    }
    if (--depth == 0) {
        pthread_mutex_unlock(&mutex);
    }
}

void world_call_unlocked(void (*what)(void *), void *argument) {
    int before = depth;
    depth = 0;
    pthread_mutex_unlock(&mutex);
    what(argument);
    pthread_mutex_lock(&mutex);
    depth = before;
}

// Time ---------------------------------------------------------------------------------------

bool world_is_fast(void) {
    return fast;
}

int64_t world_now(void) {
    return fast ? now : real_ms() - born;
}

int64_t world_due(void) {
    return is_task && due >= 0 ? due : world_now();
}

void world_scale(double factor) {
    scale = factor;
}

void world_jump(int64_t ms) {
    world_enter();
    if (fast && depth == 1) {
        go_to(now + (ms > 0 ? ms : 0));
    }
    world_exit();
}

void world_block(int ms) {
    world_enter();
    bool jump = fast;
    ms = (int)(ms * scale);
    world_exit();
    if (jump) {
        world_jump(ms);
        return;
    }
    struct timespec left = {ms / 1000, ms % 1000 * 1000000L};
    while (nanosleep(&left, &left) && errno == EINTR) {
    }
}

void world_wait_a_moment(void) {
    if (fast) {
        world_jump(1);
    } else {
        usleep(500);
    }
}

void world_begin(bool is_fast) {
    world_enter();
    while (n_events) {
        world_cancel(events[0].id);
    }
    fast = is_fast;
    now = 0;
    born = real_ms();
    scale = 1;
    seed = 1;
    air_begin();
    wake();
    world_exit();
}

void world_seed(unsigned number) {
    seed = number;
}

unsigned world_random(unsigned below) {
    seed = (seed * 1103 + 12347) & 0xFFFFF;
    return (seed >> 4) % below;
}

void world_report(const char *format, ...) {
    char line[512];
    va_list values;
    va_start(values, format);
    vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    control_report(line);
}

// For MicroPython ----------------------------------------------------------------------------

unsigned twin_ticks_ms(void) {
    world_enter();
    unsigned ms = (unsigned)(fast ? now : real_ms());
    world_exit();
    return ms;
}

void twin_event_poll_hook(void) {
    mp_handle_pending(true);
    MP_THREAD_GIL_EXIT();
    world_wait_a_moment();
    MP_THREAD_GIL_ENTER();
}

void twin_delay_ms(unsigned ms) {
    unsigned start = twin_ticks_ms();
    while (twin_ticks_ms() - start < ms) {
        twin_event_poll_hook();
    }
}
