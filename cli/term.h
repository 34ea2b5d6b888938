/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal and the process around it: colour, signals, standard streams. */
#ifndef TW_TERM_H
#define TW_TERM_H

#include "command.h"

/* Makes sure that descriptors 0 to 2 are open, so that no file of ours takes the place
 * of a stream that the caller closed. */
void tw_streams_guard(void);

/* The first SIGINT or SIGTERM is noted (tw_interrupted), a second one ends the program
 * with 130 at once. A reader of stdout that goes away is seen as a write error. */
void tw_signals_install(void);

/* May escapes be written to descriptor FD? WHEN is the value of --color. Never with
 * NO_COLOR (https://no-color.org), whatever the option says. */
bool tw_color_allowed(int fd, struct tw_str when);

/* What --progress and -q ask for on this stderr. */
enum tw_progress tw_progress_mode(struct tw_str how, bool quiet);

/* Writes all of TEXT to FD. 0, or the errno. */
int tw_write_all(int fd, struct tw_str text);

/* Nanoseconds of the monotonic clock. */
uint64_t tw_clock_ns(void);

#endif
