/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of channel allow lists: columns in any order and language, cells, dates.
 */
#include "cmocka_all.h"
#include "format.h"
#include "policy_text.h"

static struct tw_arena arena;
static struct tw_diags diags;

static struct tw_policy *read_on(const char *text, const char *today)
{
    const struct tw_source *source =
        tw_source_new(&arena, TW_STR("list.csv"), tw_str_of(text));
    struct tw_format_options options = {0};
    assert_true(tw_time_parse(tw_str_of(today), &options.now));
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    return tw_policy_read(&arena, TW_STR("bank"),
                          tw_format_by_name(TW_STR("allowlist_csv")), &source, 1,
                          &options, &diags);
}

static const char *with_header(const char *row)
{
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    tw_buf_text(&buf, "source,destination,port,protocol,expiry\n");
    tw_buf_text(&buf, row);
    return tw_str_cstr(&arena, tw_buf_view(&buf));
}

static struct tw_str rule_text(const struct tw_policy *policy, size_t i)
{
    struct tw_buf buf;
    tw_buf_init(&buf, &arena);
    text_rule(&buf, policy, &policy->rules.at[i]);
    return tw_buf_view(&buf);
}

static void rows_allow_what_their_cells_name(void **state)
{
    static const struct {
        const char *row, *text;
    } cases[] = {
        {"10.0.0.1,10.0.0.2,443,tcp,\n", "row 1 allow src=10.0.0.1 dst=10.0.0.2 "
                                         "proto=tcp dport=443"},
        {"10.0.0.0/8,any,any,udp,never\r\n", "row 1 allow src=10.0.0.0/8 proto=udp"},
        {"any,10.0.0.0/31;10.0.0.2,1-5 7,TCP+udp,", "row 1 allow dst=10.0.0.0-10.0.0.2 "
                                                    "proto=6,17 dport=1-5,7"},
        {"任意,\"10.0.0.1，10.0.0.3\",any,ANY,长期",
         "row 1 allow dst=10.0.0.1,10.0.0.3"},
        {"any,::1,53,any,-\n", "row 1 allow dst=::1 proto=6,17,33,132,136 dport=53"},
        {" 10.0.0.1 ,\t10.0.0.2-10.0.0.5,0443,tcp/udp,2023年2月9日\n",
         "row 1 allow src=10.0.0.1 dst=10.0.0.2-10.0.0.5 proto=6,17 dport=443 "
         "expires=19397"},
        {"　10.0.0.1　,10.0.0.2,1,udp&tcp,2023/2/9\n\n,,,,\n",
         "row 1 allow src=10.0.0.1 dst=10.0.0.2 proto=6,17 dport=1 expires=19397"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tw_policy *policy = read_on(with_header(cases[i].row), "2023-02-09");
        if (!policy)
            fail_msg("%s is refused: %.*s", cases[i].row,
                     (int)diags.list.at[0].message.len, diags.list.at[0].message.ptr);
        assert_int_equal(policy->rules.len, 1);
        assert_text(rule_text(policy, 0), cases[i].text);
        assert_int_equal(tw_policy_receipt(policy).understood, 1);
    }
}

static void what_no_row_names_is_denied_in_both_families(void **state)
{
    (void)state;
    struct tw_policy *policy = read_on(with_header(""), "2023-02-09");
    assert_non_null(policy);
    assert_int_equal(policy->rules.len, 0);
    assert_false(policy->state_in_rules);
    for (int f = 0; f < TW_FAMILIES; f++) {
        assert_true(policy->has_family[f]);
        for (int h = 0; h < TW_HOOKS; h++) {
            assert_int_equal(policy->stages[f][h].len, 1);
            const struct tw_stage *stage = &policy->stages[f][h].at[0];
            assert_true(stage->decides);
            assert_int_equal(policy->chains.at[stage->chain].policy, TW_ACTION_DENY);
            assert_null(policy->chains.at[stage->chain].policy_at.src);
        }
    }
}

static void a_row_for_both_families_counts_once(void **state)
{
    (void)state;
    struct tw_policy *policy = read_on(
        with_header("any,any,443,tcp,\n10.0.0.1 ::1,any,1,tcp,\n"), "2023-02-09");
    assert_non_null(policy);
    assert_int_equal(policy->rules.len, 4);
    assert_int_equal(tw_policy_receipt(policy).rules, 2);
    assert_text(rule_text(policy, 1), "row 2 allow src=10.0.0.1 proto=tcp dport=1");
    assert_text(rule_text(policy, 3),
                "row 2 allow src=::1 proto=tcp dport=1 not-counted");
}

static void a_row_is_valid_on_its_last_day_and_not_on_the_next(void **state)
{
    static const char row[] = "10.0.0.1,10.0.0.2,443,tcp,2023-02-09\n";
    (void)state;
    struct tw_policy *policy = read_on(with_header(row), "2023-02-09T23:59:59Z");
    assert_non_null(policy);
    assert_false(policy->rules.at[0].disabled);
    assert_int_equal(diags.warnings, 0);
    policy = read_on(with_header(row), "2023-02-10T00:00:00Z");
    assert_non_null(policy);
    assert_true(policy->rules.at[0].disabled);
    assert_int_equal(policy->rules.at[0].expires_day, 19397);
    assert_int_equal(diags.warnings, 1);
    assert_text(diags.list.at[0].message,
                "row 1 expired: its last day was 2023-02-09 (UTC)");
}

static void headers_come_in_any_order_and_language(void **state)
{
    static const char *const texts[] = {
        "Source,Destination,Port,Protocol,ID\n10.0.0.1,10.0.0.2,443,tcp,A\n",
        "id;dport;proto;dst;src\nA;443;tcp;10.0.0.2;10.0.0.1\n",
        "编号\t协议\t端口\t目标\t来源\nA\ttcp\t443\t10.0.0.2\t10.0.0.1\n",
        ("\xef\xbb\xbf\"源IP\",\"目的IP\",目的端口,协议,编号,状态\n"
         "10.0.0.1,10.0.0.2,443,tcp,A,\n"),
        "\n  \n源地址 ,　目的地址,端口,协议,编号\n10.0.0.1,10.0.0.2,443,tcp,A",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct tw_policy *policy = read_on(texts[i], "2023-02-09");
        assert_non_null(policy);
        assert_text(rule_text(policy, 0),
                    "A allow src=10.0.0.1 dst=10.0.0.2 proto=tcp dport=443");
        assert_int_equal(
            tw_format_by_name(TW_STR("allowlist_csv"))->probe(tw_str_of(texts[i])),
            TW_PROBE_CERTAIN);
    }
}

static void each_bad_cell_is_refused_at_its_place(void **state)
{
    static const struct {
        const char *row;
        enum tw_diag_id id;
        const char *at;
    } cases[] = {
        {",10.0.0.2,443,tcp,", TW_D_allow_empty_cell, ""},
        {"10.0.0.1,  ,443,tcp,", TW_D_allow_empty_cell, "  "},
        {"10.0.0.1,10.0.0.2,,tcp,", TW_D_allow_empty_cell, ""},
        {"10.0.0.1,10.0.0.2,443,,", TW_D_allow_empty_cell, ""},
        {"10.0.0.1;x,10.0.0.2,443,tcp,", TW_D_bad_address, "x"},
        {"any;10.0.0.1,10.0.0.2,443,tcp,", TW_D_bad_address, "any"},
        {"10.0.0.1/8,10.0.0.2,443,tcp,", TW_D_allow_host_bits, "10.0.0.1/8"},
        {"10.0.0.5-10.0.0.4,10.0.0.2,443,tcp,", TW_D_range_upside_down,
         "10.0.0.5-10.0.0.4"},
        {"10.0.0.1,10.0.0.2,65536,tcp,", TW_D_bad_port, "65536"},
        {"10.0.0.1,10.0.0.2,1-2-3,tcp,", TW_D_bad_port, "1-2-3"},
        {"10.0.0.1,10.0.0.2,9-8,tcp,", TW_D_range_upside_down, "9-8"},
        {"10.0.0.1,10.0.0.2,8,gre,", TW_D_allow_bad_protocol, "gre"},
        {"10.0.0.1,10.0.0.2,8,tcp+udp+tcp,", TW_D_allow_bad_protocol, "tcp"},
        {"10.0.0.1,10.0.0.2,8,tcp,2023-13-01", TW_D_allow_bad_date, "2023-13-01"},
        {"10.0.0.1,10.0.0.2,8,tcp,年月日", TW_D_allow_bad_date, "年月日"},
        {"10.0.0.1,::2,8,tcp,", TW_D_allow_families_differ, "10.0.0.1,::2,8,tcp,"},
        {"10.0.0.1,10.0.0.2,8,tcp", TW_D_csv_ragged, "10.0.0.1,10.0.0.2,8,tcp"},
        {"\"10.0.0.1\"2,10.0.0.2,8,tcp,", TW_D_csv_stray_quote, "\""},
        {"10.0.0.1,10.0.0.2,\"8,tcp,", TW_D_csv_open_quote,
         "10.0.0.1,10.0.0.2,\"8,tcp,"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (read_on(with_header(cases[i].row), "2023-02-09") || diags.errors != 1)
            fail_msg("%s: %zu errors", cases[i].row, diags.errors);
        if (diags.list.at[0].id != cases[i].id)
            fail_msg("%s: %s", cases[i].row, tw_diag_def(diags.list.at[0].id)->id);
        assert_text(tw_span_text(diags.list.at[0].spans[0]), cases[i].at);
    }
}

static void columns_that_may_restrict_are_not_ignored(void **state)
{
    static const struct {
        const char *text;
        enum tw_diag_id id;
        size_t errors;
    } cases[] = {
        {"src,dst,port,proto,源端口\n10.0.0.1,10.0.0.2,1,tcp,5\n10.0.0.1,10.0.0.2,1,"
         "tcp,"
         "6\n",
         TW_D_allow_unknown_column, 1},
        {"src,dst,port,proto,源端口\n10.0.0.1,10.0.0.2,1,tcp,\n", 0, 0},
        {"src,dst,port,proto,owner\n10.0.0.1,10.0.0.2,1,tcp,me\n",
         TW_D_allow_ignored_column, 0},
        {"src,dst,port,proto,source\n10.0.0.1,10.0.0.2,1,tcp,\n",
         TW_D_allow_column_twice, 1},
        {"src,dst,port\n10.0.0.1,10.0.0.2,1\n", TW_D_allow_no_column, 1},
        {"", TW_D_allow_no_header, 1},
        {"\n\n", TW_D_allow_no_header, 1},
        {"hello\n", TW_D_allow_no_column, 4},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tw_policy *policy = read_on(cases[i].text, "2023-02-09");
        if (diags.errors != cases[i].errors)
            fail_msg("%s: %zu errors", cases[i].text, diags.errors);
        assert_int_equal(policy == NULL, cases[i].errors > 0);
        if (cases[i].id)
            assert_int_equal(diags.list.at[0].id, cases[i].id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_allow_what_their_cells_name),
        cmocka_unit_test(what_no_row_names_is_denied_in_both_families),
        cmocka_unit_test(a_row_for_both_families_counts_once),
        cmocka_unit_test(a_row_is_valid_on_its_last_day_and_not_on_the_next),
        cmocka_unit_test(headers_come_in_any_order_and_language),
        cmocka_unit_test(each_bad_cell_is_refused_at_its_place),
        cmocka_unit_test(columns_that_may_restrict_are_not_ignored),
    };
    tw_arena_init(&arena, (size_t)1 << 28);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    return failed;
}
