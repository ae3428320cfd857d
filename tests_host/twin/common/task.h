// Inside the world: what task.c offers to world.c, commands.c, control.c and modtwin.c.
// MIT licence
#ifndef TWIN_TASK_H
#define TWIN_TASK_H

#include "world.h"

void world_begin(bool fast); // an empty world at 0 ms; locks by itself
bool world_is_fast(void);
bool world_is_pending(event_t event);
void world_jump(int64_t ms); // not locked: fast time passes
void world_scale(double scale);
void world_seed(unsigned seed);
// When what happens now was due, however late the task is; elsewhere: now.
int64_t world_due(void);
event_t world_at(int64_t ms, happen_t what, intptr_t argument);
// As world_at(), for an argument from malloc() that is freed if it never happens.
event_t world_at_owned(int64_t ms, happen_t what, void *argument);

void air_begin(void); // world.c: no routers, no phones, no link
void link_watch(void); // is the router still what we joined? After every change of the world

// commands.c: carries out one line. Writes the answer, or what is wrong with it: false then.
bool command_run(const char *line, char *answer, size_t size);
bool command_file(const char *path, char *answer, size_t size);

// control.c: the socket. Called by the task with the world locked.
void control_open(const char *path);
int control_fds(int *fds, int max);
void control_serve(void);
void control_report(const char *line);

#endif
