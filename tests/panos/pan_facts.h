/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts that the export leaves open, tried out in all combinations.
 *
 * An evaluation asks for a fact when it needs it and is run again with the next value
 * until all have been tried: equal questions of one run get equal answers. What a run
 * never asks for cannot matter to it.
 */
#ifndef PAN_FACTS_H
#define PAN_FACTS_H

#include "pan_truth.h"

enum pan_fact_kind {
    PAN_FACT_APP,           /* which one: an index, see pan_facts.apps */
    PAN_FACT_FILTER,        /* is it in the application filter NAME? */
    PAN_FACT_CONTAINER,     /* is it one of those that the vendor's name NAME means? */
    PAN_FACT_DEFAULT_PORTS, /* is it on the default ports of application NAME? SIDE 0:
                               none are known; 1: of the filter; 2: a dynamic one */
    PAN_FACT_USER,
    PAN_FACT_HIP,
    PAN_FACT_CATEGORY,
    PAN_FACT_BEHIND,  /* is that end of the packet in what NAME stands for? */
    PAN_FACT_SERVICE, /* is it of the service NAME, which nobody defined? */
    PAN_FACT_SCHEDULE,
    PAN_FACT_DEVICE,   /* is it one of a list of devices? */
    PAN_FACT_WORD,     /* does what an unknown element (SIDE 1: action) of rule NAME
                          says hold, so that the rule decides? */
    PAN_FACT_ACTION,   /* does the unknown action of rule NAME let pass? */
    PAN_FACT_ZONE,     /* is a zone that is none the packet's? */
    PAN_FACT_PRE_ZONE, /* to which zone did the address lead before translation? */
};

enum { PAN_FACTS = 40 };

struct pan_fact {
    enum pan_fact_kind kind;
    int name, side, value, nvalues;
};

struct pan_facts {
    struct pan_fact trail[PAN_FACTS];
    int length; /* of the trail that is run again */
    int used;   /* so far, in this run */
    bool overflow;
};

int pan_ask(struct pan_facts *facts, enum pan_fact_kind kind, int name, int side,
            int nvalues);
/* Makes ready for the next combination; false: there is none. */
bool pan_next(struct pan_facts *facts);

#endif
