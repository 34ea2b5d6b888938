/* SPDX-License-Identifier: Apache-2.0 */
/* Counting through the combinations of open facts: an odometer whose wheels are made
 * when they are first asked for. */
#include "pan_facts.h"

int pan_ask(struct pan_facts *facts, enum pan_fact_kind kind, int name, int side,
            int nvalues)
{
    for (int i = 0; i < facts->used; i++) {
        const struct pan_fact *f = &facts->trail[i];
        if (f->kind == kind && f->name == name && f->side == side)
            return f->value;
    }
    if (facts->used == PAN_FACTS) {
        facts->overflow = true;
        return 0;
    }
    if (facts->used == facts->length)
        facts->trail[facts->length++] = (struct pan_fact){
            .kind = kind, .name = name, .side = side, .nvalues = nvalues};
    return facts->trail[facts->used++].value;
}

bool pan_next(struct pan_facts *facts)
{
    facts->used = 0;
    while (facts->length) {
        struct pan_fact *last = &facts->trail[facts->length - 1];
        if (++last->value < last->nvalues)
            return true;
        facts->length--;
    }
    return false;
}
