/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A doc's blocks as plain text, for people at a terminal or in a mail: the verdict
 * first, tables aligned by what a terminal shows (two columns for a Chinese character).
 *
 * Colour repeats what the words say and is left out where it is not allowed. Text from
 * inputs cannot steer the terminal: control characters are shown as \xNN.
 */
#include "renderer.h"
#include "text.h"

enum {
    COLUMN_GAP = 2,
    COLUMN_MAX = 60 /* a wider cell sticks out instead of widening the column */
};

static const char *tone_code(enum tw_tone tone)
{
    static const char *const codes[] = {
        [TW_PLAIN] = "",         [TW_STRONG] = "\033[1m", [TW_GOOD] = "\033[32m",
        [TW_BAD] = "\033[1;31m", [TW_DOUBT] = "\033[33m", [TW_DIM] = "\033[2m"};
    return (size_t)tone < sizeof codes / sizeof codes[0] ? codes[tone] : "";
}

static void put_toned(struct tw_buf *out, struct tw_str s, enum tw_tone tone,
                      bool color)
{
    const char *code = color && s.len ? tone_code(tone) : "";
    tw_buf_text(out, code);
    tw_buf_printable(out, s);
    if (*code)
        tw_buf_text(out, "\033[0m");
}

static size_t shown_width(struct tw_arena *arena, struct tw_str s)
{
    return tw_utf8_width(tw_printable(arena, s));
}

struct widths {
    size_t *at, n;
};

static struct widths measure(struct tw_arena *arena, const struct tw_block *table)
{
    struct widths w = {NULL, 0};
    for (size_t r = 0; r < table->rows.len; r++)
        if (table->rows.at[r].ncells > w.n)
            w.n = table->rows.at[r].ncells;
    w.at = tw_new_array(arena, w.n, size_t);
    for (size_t r = 0; r < table->rows.len; r++) {
        const struct tw_row *row = &table->rows.at[r];
        for (size_t c = 0; c < row->ncells; c++) {
            struct tw_arena_mark mark = tw_arena_mark(arena);
            size_t width = shown_width(arena, row->cells[c].text);
            tw_arena_rewind(arena, mark);
            if (width > w.at[c] && width <= COLUMN_MAX)
                w.at[c] = width;
        }
    }
    return w;
}

static void put_row(struct tw_arena *arena, struct tw_buf *out,
                    const struct tw_row *row, const struct widths *w, bool header,
                    unsigned indent, bool color)
{
    size_t last = row->ncells;
    while (last && row->cells[last - 1].text.len == 0)
        last--;
    if (last)
        tw_buf_chars(out, ' ', (size_t)indent * 2);
    for (size_t c = 0; c < last; c++) {
        const struct tw_cell *cell = &row->cells[c];
        struct tw_arena_mark mark = tw_arena_mark(arena);
        size_t width = shown_width(arena, cell->text);
        tw_arena_rewind(arena, mark);
        size_t pad = w->at[c] > width ? w->at[c] - width : 0;
        enum tw_tone tone = header && cell->tone == TW_PLAIN ? TW_DIM : cell->tone;
        if (cell->right)
            tw_buf_chars(out, ' ', pad);
        put_toned(out, cell->text, tone, color);
        if (c + 1 < last)
            tw_buf_chars(out, ' ', (cell->right ? 0 : pad) + COLUMN_GAP);
    }
    tw_buf_char(out, '\n');
}

static void put_table(struct tw_arena *arena, struct tw_buf *out,
                      const struct tw_block *table, bool color)
{
    struct widths w = measure(arena, table);
    for (size_t r = 0; r < table->rows.len; r++)
        put_row(arena, out, &table->rows.at[r], &w, table->has_header && r == 0,
                table->indent, color);
}

static void put_line(struct tw_buf *out, const struct tw_block *b, bool color)
{
    enum tw_tone tone = b->cell.tone;
    bool strong = b->kind == TW_BLOCK_VERDICT || b->kind == TW_BLOCK_HEADING ||
                  b->kind == TW_BLOCK_TOTALS;
    if (tone == TW_PLAIN && strong)
        tone = TW_STRONG;
    size_t levels = (size_t)b->indent + (b->kind == TW_BLOCK_COMMAND);
    if (b->cell.text.len)
        tw_buf_chars(out, ' ', levels * 2);
    put_toned(out, b->cell.text, tone, color);
    tw_buf_char(out, '\n');
}

static void render(const struct tw_doc *doc, const struct tw_render_options *options,
                   struct tw_buf *out)
{
    /* Measuring needs memory that must not lie between two growths of OUT. */
    struct tw_arena *scratch = tw_arena_child(doc->arena);
    for (size_t i = 0; i < doc->blocks.len; i++) {
        const struct tw_block *b = &doc->blocks.at[i];
        if (b->kind == TW_BLOCK_GAP)
            tw_buf_char(out, '\n');
        else if (b->kind == TW_BLOCK_TABLE)
            put_table(scratch, out, b, options->color);
        else
            put_line(out, b, options->color);
    }
    tw_arena_release(scratch);
}

const struct tw_renderer tw_renderer_text = {
    .name = "text",
    .summary = {"for people: the verdict first, the totals last",
                "供人阅读：先结论，后合计"},
    .render = render};
