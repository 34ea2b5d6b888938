/* SPDX-License-Identifier: Apache-2.0 */
/* Writing XML in one of the layouts that it allows: for pan_xml.c and its objects. */
#ifndef PAN_WRITER_H
#define PAN_WRITER_H

#include "pan_wall.h"

struct pan_writer {
    FILE *out;
    const struct pan_wall *wall;
    uint64_t state;
    bool pretty;
    char quote;
    int depth;
};

uint32_t pan_writer_draw(struct pan_writer *x, uint32_t below);
void pan_put_escaped(struct pan_writer *x, const char *text);
/* Where a new element may begin. */
void pan_line(struct pan_writer *x);
void pan_begin(struct pan_writer *x, const char *tag);
void pan_begin_entry(struct pan_writer *x, const char *name);
void pan_finish(struct pan_writer *x, const char *tag);
void pan_leaf(struct pan_writer *x, const char *tag, const char *text);
const char *pan_text(const struct pan_writer *x, int name);
void pan_members(struct pan_writer *x, const struct pan_list *list);
/* <tag><member>…; "any" where the list is empty. */
void pan_list_of(struct pan_writer *x, const char *tag, const struct pan_list *names);
/* 0 … n - 1 in any order. */
void pan_shuffle(struct pan_writer *x, int *order, int n);
/* "80,8080-8090"; nothing where there are none. */
void pan_put_ports(struct pan_writer *x, const char *tag, const struct pan_span *spans,
                   int n);
const char *pan_proto_name(int proto);

/* The objects of a scope, one kind of them. */
enum { PAN_OBJECT_PARTS = 9 };
void pan_put_objects(struct pan_writer *x, int scope, int part);

#endif
