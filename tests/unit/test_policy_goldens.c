/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every fixture of fixtures/policies/FORMAT/: NAME.in is read; the model must print as
 * NAME.ok (or be refused where that is missing) and the diagnostics as NAME.diag (none
 * where that is missing). BLESS=1 writes both anew. With TWINWALL_CORPUS=FOLDER the
 * files below it that look like a dump are read too: none may crash.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cmocka_all.h"
#include "format.h"
#include "input.h"
#include "policy_text.h"

static struct tw_arena arena;

static bool has_suffix(const char *name, const char *suffix)
{
    return tw_str_ends(tw_str_of(name), suffix);
}

static struct tw_str slurp(struct tw_str path)
{
    FILE *file = fopen(tw_str_cstr(&arena, path), "rb");
    if (!file)
        return TW_NO_STR;
    struct tw_buf buf;
    char block[4096];
    size_t n;
    tw_buf_init(&buf, &arena);
    while ((n = fread(block, 1, sizeof block, file)) > 0)
        tw_buf_put(&buf, block, n);
    fclose(file);
    return tw_buf_view(&buf);
}

/* Compares TEXT with the file, or writes it; an empty text has no file. */
static size_t compare(struct tw_str path, struct tw_str text)
{
    const char *name = tw_str_cstr(&arena, path);
    if (getenv("BLESS")) {
        if (!text.len) {
            remove(name);
            return 0;
        }
        FILE *file = fopen(name, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
        fclose(file);
        return 0;
    }
    struct tw_str want = slurp(path);
    if (tw_str_eq(want, text))
        return 0;
    fprintf(stderr, "%s:\n--- wanted\n%.*s--- got\n%.*s\n", name, (int)want.len,
            want.ptr, (int)text.len, text.ptr);
    return 1;
}

static struct tw_format_options options(void)
{
    struct tw_format_options o = {.now = {.day = 20000}}; /* 2024-10-04 */
    return o;
}

static void read_text(struct tw_str path, struct tw_str shown,
                      const struct tw_format *format, struct tw_buf *model,
                      struct tw_buf *diag)
{
    struct tw_diags diags;
    struct tw_format_options o = options();
    tw_diags_init(&diags, &arena, TW_LANG_EN);
    const struct tw_source *source =
        tw_source_load(&arena, path, shown, 1 << 24, TW_STR(""), &diags);
    struct tw_policy *policy = NULL;
    if (source)
        policy = tw_policy_read(&arena, TW_STR("wall"), format, &source, 1, &o, &diags);
    if (policy)
        text_policy(model, policy);
    tw_diags_print(&diags, false, true, diag);
    assert_true(policy != NULL || diags.errors > 0);
}

static size_t run_folder(const struct tw_format *format)
{
    struct tw_str folder = tw_fmt(&arena, "%s/policies/%s", TW_FIXTURES, format->name);
    struct dirent **entries;
    int n = scandir(tw_str_cstr(&arena, folder), &entries, NULL, alphasort);
    size_t wrong = 0, seen = 0;
    for (int i = 0; i < n; i++) {
        struct tw_str name = tw_str_copy(&arena, tw_str_of(entries[i]->d_name));
        free(entries[i]);
        if (!tw_str_ends(name, ".in"))
            continue;
        struct tw_str path = tw_fmt(&arena, "%.*s/%.*s", (int)folder.len, folder.ptr,
                                    (int)name.len - 3, name.ptr);
        struct tw_buf model, diag;
        tw_buf_init(&model, &arena);
        tw_buf_init(&diag, &arena);
        read_text(tw_fmt(&arena, "%.*s.in", (int)path.len, path.ptr), name, format,
                  &model, &diag);
        wrong += compare(tw_fmt(&arena, "%.*s.ok", (int)path.len, path.ptr),
                         tw_buf_view(&model));
        wrong += compare(tw_fmt(&arena, "%.*s.diag", (int)path.len, path.ptr),
                         tw_buf_view(&diag));
        seen++;
    }
    if (n >= 0)
        free(entries);
    if (!seen)
        fprintf(stderr, "%s: no fixture\n", format->name);
    return wrong + !seen;
}

static void every_fixture_reads_as_its_golden_says(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (const struct tw_format *const *f = tw_formats; *f; f++)
        wrong += run_folder(*f);
    assert_int_equal(wrong, 0);
}

/* --- a corpus, where there is one
 * ------------------------------------------------------ */

static void read_corpus(struct tw_str folder)
{
    struct dirent **entries;
    int n = scandir(tw_str_cstr(&arena, folder), &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        struct stat info;
        struct tw_str path =
            tw_fmt(&arena, "%.*s/%s", (int)folder.len, folder.ptr, entries[i]->d_name);
        bool hidden = entries[i]->d_name[0] == '.';
        bool sums = has_suffix(entries[i]->d_name, "lower") ||
                    has_suffix(entries[i]->d_name, "upper");
        free(entries[i]);
        if (hidden || sums || stat(tw_str_cstr(&arena, path), &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode)) {
            read_corpus(path);
            continue;
        }
        if (tw_format_by_name(TW_STR("iptables_save"))->probe(slurp(path)) ==
            TW_PROBE_NO)
            continue;
        struct tw_buf model, diag;
        tw_buf_init(&model, &arena);
        tw_buf_init(&diag, &arena);
        read_text(path, path, tw_format_by_name(TW_STR("iptables_save")), &model,
                  &diag);
        struct tw_str first =
            tw_str_first(tw_buf_view(&model), tw_str_find(tw_buf_view(&model), '\n'));
        printf("%.*s: %.*s\n", (int)path.len, path.ptr,
               first.len ? (int)first.len : (int)strlen("refused"),
               first.len ? first.ptr : "refused");
        if (getenv("VERBOSE"))
            printf("%.*s%.*s", (int)diag.len, diag.ptr, (int)model.len, model.ptr);
    }
    if (n >= 0)
        free(entries);
}

static void a_corpus_is_read_or_refused_with_a_reason(void **state)
{
    (void)state;
    const char *folder = getenv("TWINWALL_CORPUS");
    if (folder)
        read_corpus(tw_str_of(folder));
    else
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_reads_as_its_golden_says),
        cmocka_unit_test(a_corpus_is_read_or_refused_with_a_reason),
    };
    tw_arena_init(&arena, (size_t)1 << 30);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tw_arena_release(&arena);
    return failed;
}
