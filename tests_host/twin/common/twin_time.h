// The board's time for MicroPython's Wi-Fi code: it is compiled with `-include twin_time.h`.
// MIT licence
#ifndef TWIN_TIME_H
#define TWIN_TIME_H

// Real, or fast as the world's is (clock.py). The rest of the interpreter keeps real time: its
// poll() would never end in a time that stands still.
unsigned twin_ticks_ms(void);
void twin_delay_ms(unsigned ms);
#define mp_hal_ticks_ms() ((mp_uint_t)twin_ticks_ms())
#define mp_hal_delay_ms(ms) twin_delay_ms(ms)

#endif
