/* SPDX-License-Identifier: Apache-2.0 */
/* The rows between an XML parser and who asks for records: see xml_rows.h. */
#include "xml_rows.h"

#include <string.h>

enum { FIRST_ROOM = 256 };

void tw_xml_rows_init(struct tw_xml_rows *rows, struct tw_arena *arena)
{
    *rows = (struct tw_xml_rows){.arena = arena,
                                 .room_chars = tw_arena_child(arena),
                                 .room_cells = tw_arena_child(arena),
                                 .room_rows = tw_arena_child(arena)};
    rows->chars_cap = FIRST_ROOM;
    rows->chars = tw_arena_alloc(rows->room_chars, FIRST_ROOM);
}

struct growth {
    struct tw_arena *arena, **room;
    void *bytes;
    size_t used, cap;
};

static enum tw_status grow(void *ctx)
{
    struct growth *g = ctx;
    struct tw_arena *room = tw_arena_child(g->arena);
    void *larger = tw_arena_alloc(room, g->cap);
    if (g->used)
        memcpy(larger, g->bytes, g->used);
    tw_arena_release(*g->room);
    *g->room = room;
    g->bytes = larger;
    return TW_OK;
}

/* Room for MORE elements of SIZE in the array AT; NULL where memory ends. */
static void *make_room(struct tw_xml_rows *rows, struct tw_arena **room, void *at,
                       size_t *cap, size_t used, size_t more, size_t size)
{
    if (*cap - used >= more)
        return at;
    size_t wanted = *cap ? *cap : FIRST_ROOM;
    while (wanted - used < more)
        wanted *= 2;
    struct growth g = {rows->arena, room, at, used * size, wanted * size};
    if (tw_arena_run(rows->arena, grow, &g) != TW_OK)
        return NULL;
    *cap = wanted;
    return g.bytes;
}

static bool cells_room(struct tw_xml_rows *rows, size_t more)
{
    void *at = make_room(rows, &rows->room_cells, rows->cells, &rows->cells_cap,
                         rows->ncells, more, sizeof *rows->cells);
    if (at)
        rows->cells = at;
    return at != NULL;
}

bool tw_xml_rows_open(struct tw_xml_rows *rows, size_t ncells, bool all)
{
    if (!cells_room(rows, ncells + 1))
        return false;
    rows->open = (struct tw_xml_row){
        .cells = rows->ncells, .ncells = ncells, .chars = rows->nchars, .all = all};
    if (ncells)
        memset(rows->cells + rows->ncells, 0, ncells * sizeof *rows->cells);
    rows->ncells += ncells;
    rows->is_open = true;
    return true;
}

bool tw_xml_rows_add_cell(struct tw_xml_rows *rows)
{
    if (!cells_room(rows, 1))
        return false;
    rows->cells[rows->ncells++] = (struct tw_xml_cell){0};
    rows->open.ncells++;
    return true;
}

struct tw_xml_cell *tw_xml_rows_cell(struct tw_xml_rows *rows, size_t index)
{
    return &rows->cells[rows->open.cells + index];
}

bool tw_xml_rows_text(struct tw_xml_rows *rows, struct tw_str piece)
{
    void *at = make_room(rows, &rows->room_chars, rows->chars, &rows->chars_cap,
                         rows->nchars, piece.len + 1, 1);
    if (!at)
        return false;
    rows->chars = at;
    memcpy(rows->chars + rows->nchars, piece.ptr, piece.len);
    rows->nchars += piece.len;
    return true;
}

bool tw_xml_rows_close(struct tw_xml_rows *rows)
{
    void *at = make_room(rows, &rows->room_rows, rows->rows, &rows->rows_cap,
                         rows->nrows, 1, sizeof *rows->rows);
    if (!at)
        return false;
    rows->rows = at;
    rows->rows[rows->nrows++] = rows->open;
    rows->is_open = false;
    return true;
}

/* All finished rows were given: what is left is the open one, which moves to the
 * front. */
static void forget(struct tw_xml_rows *rows)
{
    rows->nrows = rows->next = 0;
    size_t first = rows->is_open ? rows->open.cells : rows->ncells;
    size_t chars = rows->is_open ? rows->open.chars : rows->nchars;
    size_t kept = rows->ncells - first;
    for (size_t i = first; i < rows->ncells; i++)
        if (rows->cells[i].set)
            rows->cells[i].off -= chars;
    if (kept && first)
        memmove(rows->cells, rows->cells + first, kept * sizeof *rows->cells);
    if (chars && rows->nchars > chars)
        memmove(rows->chars, rows->chars + chars, rows->nchars - chars);
    rows->ncells = kept;
    rows->nchars -= chars;
    rows->open.cells = rows->open.chars = 0;
}

const struct tw_xml_row *tw_xml_rows_take(struct tw_xml_rows *rows)
{
    if (rows->next < rows->nrows)
        return &rows->rows[rows->next++];
    forget(rows);
    return NULL;
}
