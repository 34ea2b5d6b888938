/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fixtures/detectors/NAME.tsv: a class, a text, why, and for detectors that repair,
 * what the text was. Each line is put to the detector of that name.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "detector.h"

static const char *const classes[] = {"no", "yes", "masked", "odd"};

static size_t unescape(struct tw_str s, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '\\') {
            out[n++] = s.ptr[i];
            continue;
        }
        char c = s.ptr[++i];
        unsigned value;
        if (c == 'x') {
            unsigned high = (unsigned char)s.ptr[i + 1],
                     low = (unsigned char)s.ptr[i + 2];
            value = (high > '9' ? high - 'a' + 10 : high - '0') * 16;
            value += low > '9' ? low - 'a' + 10 : low - '0';
            out[n++] = (char)value;
            i += 2;
        } else {
            out[n++] = c == 't' ? '\t' : c == 'n' ? '\n' : c;
        }
    }
    return n;
}

static void put_line(const struct tw_detector *d, struct tw_str line, unsigned number)
{
    struct tw_str class, escaped, why, was = TW_STR("");
    assert_true(tw_str_split(&line, '\t', &class));
    assert_true(tw_str_split(&line, '\t', &escaped));
    assert_true(tw_str_split(&line, '\t', &why));
    (void)tw_str_split(&line, '\t', &was);
    char bytes[1024], repaired[1024];
    assert_true(escaped.len < sizeof bytes);
    /* Exactly as long as the text, so that a sanitizer sees a step beyond. */
    size_t n = unescape(escaped, bytes);
    char *text = malloc(n ? n : 1);
    assert_non_null(text);
    memcpy(text, bytes, n);
    enum tw_detected found = d->detect((struct tw_str){text, n});
    if (!tw_str_is(class, classes[found]))
        fail_msg("%s:%u: \"%.*s\" is %s, not %.*s (%.*s)", d->name, number,
                 (int)escaped.len, escaped.ptr, classes[found], (int)class.len,
                 class.ptr, (int)why.len, why.ptr);
    if (d->repair) {
        size_t len = d->repair((struct tw_str){text, n}, repaired, sizeof repaired);
        struct tw_str got = {repaired, len};
        if (!tw_str_eq(got, was))
            fail_msg("%s:%u: \"%.*s\" was \"%.*s\", not \"%.*s\"", d->name, number,
                     (int)escaped.len, escaped.ptr, (int)was.len, was.ptr, (int)got.len,
                     got.ptr);
        if (len)
            assert_int_equal(d->repair((struct tw_str){text, n}, repaired, len - 1), 0);
    }
    free(text);
}

static void every_vector_has_its_class(void **state)
{
    (void)state;
    size_t files = 0, lines = 0;
    for (size_t i = 0; tw_detectors[i]; i++) {
        const struct tw_detector *d = tw_detectors[i];
        char path[4096], line[4096];
        if (d->use == TW_DETECTOR_RULE) {
            assert_null(d->detect);
            continue;
        }
        snprintf(path, sizeof path, "%s/detectors/%s.tsv", TW_FIXTURES, d->name);
        FILE *f = fopen(path, "rb");
        if (!f)
            fail_msg("%s is missing", path);
        files++;
        for (unsigned number = 1; fgets(line, sizeof line, f); number++) {
            line[strcspn(line, "\n")] = '\0';
            if (line[0] == '#')
                continue;
            put_line(d, tw_str_of(line), number);
            lines++;
        }
        fclose(f);
    }
    assert_int_equal(files, 10);
    assert_true(lines > 200);
}

static void every_file_of_vectors_has_a_detector(void **state)
{
    (void)state;
    DIR *dir = opendir(TW_FIXTURES "/detectors");
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        struct tw_str name = tw_str_of(e->d_name);
        if (!tw_str_ends(name, ".tsv"))
            continue;
        const struct tw_detector *d =
            tw_detector_by_name(tw_str_first(name, name.len - 4));
        if (!d || d->use == TW_DETECTOR_RULE)
            fail_msg("%s is of no detector", e->d_name);
    }
    closedir(dir);
}

static void the_registry_is_sorted_and_knows_its_names(void **state)
{
    (void)state;
    for (size_t i = 0; tw_detectors[i]; i++) {
        assert_ptr_equal(tw_detector_by_name(tw_str_of(tw_detectors[i]->name)),
                         tw_detectors[i]);
        if (i)
            assert_true(strcmp(tw_detectors[i - 1]->name, tw_detectors[i]->name) < 0);
    }
    assert_null(tw_detector_by_name(TW_STR("Mobile")));
    assert_null(tw_detector_by_name(TW_STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_has_its_class),
        cmocka_unit_test(every_file_of_vectors_has_a_detector),
        cmocka_unit_test(the_registry_is_sorted_and_knows_its_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
