/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the wall of a difference small enough to be read: takes away one thing after
 * the other and keeps what still shows the same kind of difference. */
#include <string.h>

#include "pan_compare.h"

struct shrinker {
    struct pan_wall *wall;
    struct pan_wall before; /* the last change */
    pan_check check;
    struct pan_scale scale;
    enum pan_verdict kind;
    bool progress;
};

static bool has(const struct pan_list *list, int name)
{
    for (int i = 0; i < list->n; i++)
        if (list->at[i] == name)
            return true;
    return false;
}

/* Does anything name it? */
static bool named(const struct pan_wall *w, int name)
{
    for (int i = 0; i < w->nrules; i++) {
        const struct pan_rule *r = &w->rules[i];
        if (has(&r->end[0], name) || has(&r->end[1], name) || has(&r->apps, name) ||
            has(&r->services, name) || r->schedule == name)
            return true;
    }
    for (int i = 0; i < w->nnats; i++)
        if (has(&w->nats[i].end[0], name) || has(&w->nats[i].end[1], name) ||
            w->nats[i].service == name || w->nats[i].back == name)
            return true;
    for (int i = 0; i < w->noverrides; i++)
        if (has(&w->overrides[i].end[0], name) || has(&w->overrides[i].end[1], name) ||
            w->overrides[i].app == name)
            return true;
    for (int i = 0; i < w->nthings; i++)
        if (has(&w->things[i].members, name))
            return true;
    for (int i = 0; i < w->nservices; i++)
        if (has(&w->services[i].members, name))
            return true;
    for (int i = 0; i < w->napps; i++)
        if (has(&w->apps[i].members, name))
            return true;
    return false;
}

/* Keeps the change where the difference is still there, else takes it back. */
static bool keep(struct shrinker *s)
{
    /* Padding that differs costs one look more.
     * NOLINTNEXTLINE(bugprone-*,cert-exp42-c,cert-flp37-c) */
    if (memcmp(s->wall, &s->before, sizeof s->before) == 0)
        return false;
    bool same = s->check(s->wall, s->scale, NULL, NULL) == s->kind;
    if (same)
        s->before = *s->wall;
    else
        *s->wall = s->before;
    s->progress |= same;
    return same;
}

static void drop(void *table, int *n, size_t size, int i)
{
    char *at = (char *)table + (size_t)i * size;
    memmove(at, at + size, (size_t)(*n - i - 1) * size);
    --*n;
}

#define DROP_EACH(s, table, n, may_go)                                       \
    for (int i = (s)->wall->n - 1; i >= 0; i--) {                            \
        if (!(may_go))                                                       \
            continue;                                                        \
        drop((s)->wall->table, &(s)->wall->n, sizeof(s)->wall->table[0], i); \
        keep(s);                                                             \
    }

static void shrink_list(struct shrinker *s, struct pan_list *list)
{
    list->n = 0;
    if (keep(s))
        return;
    for (int i = list->n - 1; i >= 0 && list->n > 1; i--) {
        drop(list->at, &list->n, sizeof list->at[0], i);
        keep(s);
    }
}

static void shrink_members(struct shrinker *s, struct pan_list *list)
{
    for (int i = list->n - 1; i >= 0 && list->n > 1; i--) {
        drop(list->at, &list->n, sizeof list->at[0], i);
        keep(s);
    }
}

static void shrink_rule(struct shrinker *s, struct pan_rule *r)
{
    struct pan_list *lists[] = {&r->from, &r->to,       &r->users,      &r->hip,
                                &r->apps, &r->services, &r->categories, &r->targets};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        shrink_list(s, lists[i]);
    for (int side = 0; side < 2; side++) {
        r->negate[side] = false;
        keep(s);
        if (!r->negate[side])
            shrink_list(s, &r->end[side]);
        else
            shrink_members(s, &r->end[side]);
    }
    r->schedule = -1;
    keep(s);
    r->odd = false;
    keep(s);
    r->targeted = false;
    keep(s);
    r->type = PAN_UNIVERSAL;
    keep(s);
    r->service_word = PAN_LISTED;
    keep(s);
    if (r->action) {
        r->action = 1;
        keep(s);
    }
}

void pan_shrink(struct pan_wall *wall, pan_check check, struct pan_scale scale,
                enum pan_verdict kind)
{
    static struct shrinker s; /* too large for a stack */
    s = (struct shrinker){
        .wall = wall, .before = *wall, .check = check, .scale = scale, .kind = kind};
    if (check(wall, scale, NULL, NULL) != kind)
        return;
    do {
        s.progress = false;
        DROP_EACH(&s, rules, nrules, true)
        DROP_EACH(&s, nats, nnats, true)
        DROP_EACH(&s, overrides, noverrides, true)
        for (int i = 0; i < wall->nrules; i++)
            shrink_rule(&s, &wall->rules[i]);
        for (int i = 0; i < wall->nthings; i++)
            shrink_members(&s, &wall->things[i].members);
        DROP_EACH(&s, things, nthings,
                  wall->things[i].kind == PAN_DYNAMIC || wall->things[i].tags ||
                      !named(wall, wall->things[i].name))
        DROP_EACH(&s, services, nservices, !named(wall, wall->services[i].name))
        DROP_EACH(&s, apps, napps, !named(wall, wall->apps[i].name))
        DROP_EACH(&s, schedules, nschedules, !named(wall, wall->schedules[i].name))
        DROP_EACH(&s, table, ntable, true)
        for (int i = 0; i < wall->nscopes; i++)
            for (int k = 0; k < 2; k++) {
                wall->scopes[i].overrides[k] = false;
                keep(&s);
            }
    } while (s.progress);
}
