/* SPDX-License-Identifier: Apache-2.0 */
/* Text slices. */
#include "str.h"

#include <string.h>

struct tw_str tw_str_of(const char *s)
{
    return s ? (struct tw_str){s, strlen(s)} : (struct tw_str){"", 0};
}

struct tw_str tw_str_copy(struct tw_arena *arena, struct tw_str s)
{
    return (struct tw_str){tw_str_cstr(arena, s), s.len};
}

char *tw_str_cstr(struct tw_arena *arena, struct tw_str s)
{
    char *p = tw_arena_array(arena, s.len + 1, 1);
    if (s.len)
        memcpy(p, s.ptr, s.len);
    return p;
}

bool tw_str_eq(struct tw_str a, struct tw_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool tw_str_is(struct tw_str a, const char *literal)
{
    return tw_str_eq(a, tw_str_of(literal));
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool tw_str_eq_nocase(struct tw_str a, struct tw_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

int tw_str_cmp(struct tw_str a, struct tw_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
    if (order)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool tw_str_starts(struct tw_str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.len >= n && (n == 0 || memcmp(s.ptr, prefix, n) == 0);
}

bool tw_str_ends(struct tw_str s, const char *suffix)
{
    size_t n = strlen(suffix);
    return s.len >= n && (n == 0 || memcmp(s.ptr + s.len - n, suffix, n) == 0);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct tw_str tw_str_trim(struct tw_str s)
{
    while (s.len && is_blank(s.ptr[0]))
        s = tw_str_from(s, 1);
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

struct tw_str tw_str_from(struct tw_str s, size_t start)
{
    /* Past the end: the empty text there, so that it still tells its place. */
    size_t skip = start < s.len ? start : s.len;
    return (struct tw_str){s.ptr + skip, s.len - skip};
}

struct tw_str tw_str_first(struct tw_str s, size_t len)
{
    return (struct tw_str){s.ptr, len < s.len ? len : s.len};
}

size_t tw_str_find(struct tw_str s, char c)
{
    const char *p = s.len ? memchr(s.ptr, c, s.len) : NULL;
    return p ? (size_t)(p - s.ptr) : s.len;
}

size_t tw_str_find_str(struct tw_str s, struct tw_str needle)
{
    if (needle.len == 0)
        return 0;
    for (size_t i = 0; i + needle.len <= s.len; i++) {
        i += tw_str_find(tw_str_from(s, i), needle.ptr[0]);
        if (i + needle.len > s.len)
            break;
        if (memcmp(s.ptr + i, needle.ptr, needle.len) == 0)
            return i;
    }
    return s.len;
}

bool tw_str_split(struct tw_str *rest, char separator, struct tw_str *piece)
{
    /* A spent text is marked by NULL, so that a last empty piece is still given. */
    if (!rest->ptr)
        return false;
    size_t at = tw_str_find(*rest, separator);
    *piece = (struct tw_str){rest->ptr, at};
    if (at == rest->len)
        *rest = TW_NO_STR;
    else
        *rest = (struct tw_str){rest->ptr + at + 1, rest->len - at - 1};
    return true;
}

size_t tw_str_distance(struct tw_str a, struct tw_str b, size_t limit)
{
    enum { LONGEST = 63 };
    if (a.len > LONGEST || b.len > LONGEST)
        return limit + 1;
    size_t row[LONGEST + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = diagonal + (lower(a.ptr[i - 1]) != lower(b.ptr[j - 1]));
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b.len] > limit ? limit + 1 : row[b.len];
}
