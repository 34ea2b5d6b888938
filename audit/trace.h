/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `trace`: one packet or one pair of services, wall by wall, rule by rule, there and
 * back.
 *
 * Every wall of a way is asked, also behind one that stops the packet: in an incident
 * all of them have to be known at once.
 */
#ifndef TW_TRACE_H
#define TW_TRACE_H

#include "doc.h"
#include "pairs.h"

struct tw_trace_request {
    struct tw_str src, dst; /* an address, a service, or service@site */
    struct tw_str port;     /* as in the catalogue: tcp/8443 */
    struct tw_names apps;   /* none: those of the target service */
    struct tw_names users;
    enum tw_lang lang;
};

struct tw_trace {
    const struct tw_doc *doc;
    bool stopped;   /* some packets, or their answers, are surely stopped */
    bool undecided; /* … or depend */
};

/* False after a diagnostic. */
bool tw_trace_run(struct tw_arena *arena, struct tw_walls *walls,
                  const struct tw_trace_request *request, struct tw_diags *diags,
                  struct tw_trace *trace);

#endif
