/* SPDX-License-Identifier: Apache-2.0 */
/* Reports as text and as JSON: layout, safety of hostile text, the JSON grammar. */
#include "cmocka_all.h"
#include "json_tree.h"
#include "renderer.h"

static struct tw_arena arena;

static struct tw_str render(const char *name, const struct tw_doc *doc, bool color)
{
    const struct tw_renderer *r = tw_renderer_by_name(tw_str_of(name));
    assert_non_null(r);
    struct tw_render_options options = {.color = color};
    struct tw_buf out;
    tw_buf_init(&out, &arena);
    r->render(doc, &options, &out);
    return tw_buf_view(&out);
}

static void put_quoted(struct tw_buf *buf, struct tw_str text)
{
    tw_buf_char(buf, '"');
    tw_buf_str(buf, text);
    tw_buf_char(buf, '"');
}

/* NODE without white space and with its escapes resolved: equal values, equal texts. */
static void put_node(struct tw_buf *buf, const struct json_node *node)
{
    if (node->kind < JSON_ARRAY) {
        if (node->kind == JSON_TEXT)
            put_quoted(buf, node->text);
        else
            tw_buf_str(buf, node->text);
        return;
    }
    bool object = node->kind == JSON_OBJECT;
    tw_buf_char(buf, object ? '{' : '[');
    for (const struct json_node *m = node->first; m; m = m->next) {
        if (m != node->first)
            tw_buf_char(buf, ',');
        if (object) {
            put_quoted(buf, m->key);
            tw_buf_char(buf, ':');
        }
        put_node(buf, m);
    }
    tw_buf_char(buf, object ? '}' : ']');
}

static struct tw_str compact(struct tw_str json)
{
    struct tw_buf buf;
    size_t at;
    tw_buf_init(&buf, &arena);
    const struct json_node *root = json_parse(&arena, json, &at);
    if (!root)
        fail_msg("not JSON: %.*s", (int)json.len, json.ptr);
    put_node(&buf, root);
    return tw_buf_view(&buf);
}

static struct tw_doc *new_doc(void)
{
    return tw_doc_new(&arena, TW_LANG_EN, "t/1");
}

static void json_is_indented_and_in_the_order_of_building(void **state)
{
    (void)state;
    struct tw_doc *doc = new_doc();
    tw_value_add_int(&arena, doc->data, "b", 9007199254740993u);
    tw_value_add(&arena, doc->data, "min", TW_VALUE_INT)->integer = INT64_MIN;
    tw_value_add_null(&arena, doc->data, "a");
    struct tw_value *list = tw_value_add(&arena, doc->data, "list", TW_VALUE_ARRAY);
    tw_value_add_bool(&arena, list, NULL, true);
    tw_value_add_bool(&arena, list, NULL, false);
    tw_value_add(&arena, doc->data, "none", TW_VALUE_ARRAY);
    tw_value_add(&arena, doc->data, "empty", TW_VALUE_OBJECT);
    struct tw_str json = render("json", doc, false);
    assert_text(json, "{\n  \"schema\": \"t/1\",\n  \"b\": 9007199254740993,\n"
                      "  \"min\": -9223372036854775808,\n  \"a\": null,\n"
                      "  \"list\": [\n    true,\n    false\n  ],\n"
                      "  \"none\": [],\n  \"empty\": {}\n}\n");
    assert_text(compact(json),
                "{\"schema\":\"t/1\",\"b\":9007199254740993,"
                "\"min\":-9223372036854775808,\"a\":null,\"list\":[true,false],"
                "\"none\":[],\"empty\":{}}");
}

static void json_of_any_bytes_is_valid(void **state)
{
    (void)state;
    static char bytes[256 * 3];
    for (size_t i = 0; i < 256; i++) {
        bytes[i] = (char)i;
        bytes[256 + i * 2] = (char)(255 - i);
        bytes[257 + i * 2] = (char)(i * 7 + 1);
    }
    struct tw_doc *doc = new_doc();
    struct tw_str all = {bytes, sizeof bytes};
    tw_value_add_text(&arena, doc->data, "text", all);
    tw_value_add_text_at(&arena, doc->data, all, TW_STR("value"));
    struct tw_str json = render("json", doc, true);
    (void)compact(json);
    for (size_t i = 0; i < json.len; i++)
        assert_true(json.ptr[i] == '\n' || (unsigned char)json.ptr[i] >= 0x20);
}

static void json_escapes_change_no_value(void **state)
{
    (void)state;
    struct tw_doc *doc = new_doc();
    /* The character that turns the direction is what is tested; it is an escape here.
     * NOLINTBEGIN(misc-misleading-bidirectional) */
    tw_value_add_text(&arena, doc->data, "k",
                      TW_STR("a\"\\/\b\f\n\r\t\x1b\x7f\xc2\x9b\xe2\x80\xae"
                             "解密\xff\xe8\xa7"));
    assert_text(compact(render("json", doc, false)),
                "{\"schema\":\"t/1\",\"k\":\"a\"\\/\b\f\n\r\t\x1b\x7f\xc2\x9b"
                "\xe2\x80\xae解密\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}");
    /* NOLINTEND(misc-misleading-bidirectional) */
}

static void add_table(struct tw_doc *doc)
{
    struct tw_block *table = tw_doc_table(doc, 1, true);
    struct tw_cell header[] = {TW_CELL(TW_STR("名称")), TW_CELL_RIGHT(TW_STR("n")),
                               TW_CELL(TW_STR("what"))};
    struct tw_cell one[] = {TW_CELL_TONE(TW_STR("加解密服务"), TW_BAD),
                            TW_CELL_RIGHT(TW_STR("1,533")), TW_CELL(TW_STR("x"))};
    struct tw_cell two[] = {TW_CELL(TW_STR("ark")), TW_CELL_RIGHT(TW_STR("7")),
                            TW_CELL(TW_STR(""))};
    tw_doc_row(doc, table, 3, header);
    tw_doc_row(doc, table, 3, one);
    tw_doc_row(doc, table, 3, two);
}

static void text_tables_align_by_columns_of_the_terminal(void **state)
{
    (void)state;
    struct tw_doc *doc = new_doc();
    add_table(doc);
    assert_text(render("text", doc, false), "  名称            n  what\n"
                                            "  加解密服务  1,533  x\n"
                                            "  ark             7\n");
}

static void a_very_wide_cell_does_not_widen_its_column(void **state)
{
    (void)state;
    static char wide[5000];
    memset(wide, 'w', sizeof wide);
    struct tw_doc *doc = new_doc();
    struct tw_block *table = tw_doc_table(doc, 0, false);
    struct tw_cell one[] = {TW_CELL(((struct tw_str){wide, sizeof wide})),
                            TW_CELL(TW_STR("x"))};
    struct tw_cell two[] = {TW_CELL(TW_STR("ab")), TW_CELL(TW_STR("y"))};
    tw_doc_row(doc, table, 2, one);
    tw_doc_row(doc, table, 2, two);
    struct tw_str text = render("text", doc, false);
    assert_true(tw_str_ends(text, "w  x\nab  y\n"));
}

static void text_blocks_stand_in_order_with_their_indents(void **state)
{
    (void)state;
    struct tw_doc *doc = new_doc();
    tw_doc_line(doc, TW_BLOCK_VERDICT, 0, TW_BAD, TW_STR("PARTIAL"));
    tw_doc_gap(doc);
    tw_doc_line(doc, TW_BLOCK_HEADING, 0, TW_PLAIN, TW_STR("Head"));
    tw_doc_line(doc, TW_BLOCK_LINE, 1, TW_PLAIN, TW_STR("line"));
    tw_doc_line(doc, TW_BLOCK_COMMAND, 1, TW_PLAIN, TW_STR("twinwall version"));
    tw_doc_line(doc, TW_BLOCK_LINE, 1, TW_PLAIN, TW_STR(""));
    (void)tw_doc_table(doc, 2, true);
    tw_doc_line(doc, TW_BLOCK_TOTALS, 0, TW_PLAIN, TW_STR("1 in all"));
    assert_text(render("text", doc, false),
                "PARTIAL\n\nHead\n  line\n    twinwall version\n\n1 in all\n");
}

static struct tw_str without_escapes(struct tw_str s)
{
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\033')
            while (s.ptr[i] != 'm')
                i++;
        else
            tw_buf_char(&buf, s.ptr[i]);
    }
    return tw_buf_view(&buf);
}

static void colour_adds_nothing_but_escapes(void **state)
{
    (void)state;
    struct tw_doc *doc = new_doc();
    for (int tone = TW_PLAIN; tone <= TW_DIM; tone++)
        tw_doc_line(doc, TW_BLOCK_LINE, 0, (enum tw_tone)tone, TW_STR("word"));
    add_table(doc);
    struct tw_str plain = render("text", doc, false);
    struct tw_str color = render("text", doc, true);
    assert_null(memchr(plain.ptr, '\033', plain.len));
    assert_true(color.len > plain.len);
    assert_true(tw_str_eq(without_escapes(color), plain));
}

static void text_from_inputs_cannot_steer_the_terminal(void **state)
{
    (void)state;
    struct tw_doc *doc = new_doc();
    struct tw_str evil = TW_STR("a\033[2Jb\nc\r\xc2\x9b");
    tw_doc_line(doc, TW_BLOCK_LINE, 0, TW_PLAIN, evil);
    struct tw_block *table = tw_doc_table(doc, 0, false);
    struct tw_cell cells[] = {TW_CELL(evil), TW_CELL(TW_STR("x"))};
    tw_doc_row(doc, table, 2, cells);
    assert_text(render("text", doc, false), "a\\x1b[2Jb\\x0ac\\x0d\\xc2\\x9b\n"
                                            "a\\x1b[2Jb\\x0ac\\x0d\\xc2\\x9b  x\n");
}

static void renderers_are_sorted_and_described(void **state)
{
    (void)state;
    assert_non_null(tw_renderers[0]);
    for (size_t i = 0; tw_renderers[i]; i++) {
        const struct tw_renderer *r = tw_renderers[i];
        assert_true(i == 0 || strcmp(tw_renderers[i - 1]->name, r->name) < 0);
        assert_ptr_equal(tw_renderer_by_name(tw_str_of(r->name)), r);
        for (int lang = 0; lang < TW_LANG_COUNT; lang++)
            assert_true(r->summary[lang] && *r->summary[lang]);
    }
    assert_null(tw_renderer_by_name(TW_STR("JSON")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_indented_and_in_the_order_of_building),
        cmocka_unit_test(json_of_any_bytes_is_valid),
        cmocka_unit_test(json_escapes_change_no_value),
        cmocka_unit_test(text_tables_align_by_columns_of_the_terminal),
        cmocka_unit_test(a_very_wide_cell_does_not_widen_its_column),
        cmocka_unit_test(text_blocks_stand_in_order_with_their_indents),
        cmocka_unit_test(colour_adds_nothing_but_escapes),
        cmocka_unit_test(text_from_inputs_cannot_steer_the_terminal),
        cmocka_unit_test(renderers_are_sorted_and_described),
    };
    tw_arena_init(&arena, 1 << 24);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    return failed;
}
