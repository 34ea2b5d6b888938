/* SPDX-License-Identifier: Apache-2.0 */
/* Exact fractions by GMP's mpq; every value is registered with its arena. */
#include "rational.h"

#include <gmp.h>
#include <string.h>

struct tw_rational {
    mpq_t q;
    bool made;
};

static void clear(void *ptr)
{
    struct tw_rational *r = ptr;
    if (r->made)
        mpq_clear(r->q);
}

static struct tw_rational *fresh(struct tw_arena *arena)
{
    struct tw_rational *r = tw_new(arena, struct tw_rational);
    tw_arena_defer(arena, clear, r); /* may unwind */
    mpq_init(r->q);
    r->made = true;
    return r;
}

static void set_u128(mpz_t z, tw_u128 n)
{
    uint64_t limbs[2] = {(uint64_t)n, (uint64_t)(n >> 64)};
    mpz_import(z, 2, -1, sizeof limbs[0], 0, 0, limbs);
}

const struct tw_rational *tw_rational_of(struct tw_arena *arena, uint64_t num,
                                         uint64_t den)
{
    struct tw_rational *r = fresh(arena);
    set_u128(mpq_numref(r->q), num);
    set_u128(mpq_denref(r->q), den);
    mpq_canonicalize(r->q);
    return r;
}

const struct tw_rational *tw_rational_product(struct tw_arena *arena,
                                              const tw_u128 *factors, size_t count)
{
    struct tw_rational *r = fresh(arena);
    mpq_set_ui(r->q, 1, 1);
    mpz_t f;
    mpz_init(f);
    for (size_t i = 0; i < count; i++) {
        set_u128(f, factors[i]);
        mpz_mul(mpq_numref(r->q), mpq_numref(r->q), f);
    }
    mpz_clear(f);
    return r;
}

bool tw_rational_parse(struct tw_arena *arena, struct tw_str s,
                       const struct tw_rational **out)
{
    struct tw_decimal d;
    s = tw_str_trim(s);
    bool percent = tw_str_ends(s, "%");
    if (percent)
        s = tw_str_trim(tw_str_first(s, s.len - 1));
    if (s.len > 30 || !tw_parse_decimal(s, &d) || d.units < 0)
        return false;
    struct tw_rational *r = fresh(arena);
    set_u128(mpq_numref(r->q), (tw_u128)d.units);
    mpz_ui_pow_ui(mpq_denref(r->q), 10, d.scale + (percent ? 2 : 0));
    mpq_canonicalize(r->q);
    *out = r;
    return true;
}

const struct tw_rational *tw_rational_add(struct tw_arena *arena,
                                          const struct tw_rational *a,
                                          const struct tw_rational *b)
{
    struct tw_rational *r = fresh(arena);
    mpq_add(r->q, a->q, b->q);
    return r;
}

const struct tw_rational *tw_rational_mul(struct tw_arena *arena,
                                          const struct tw_rational *a,
                                          const struct tw_rational *b)
{
    struct tw_rational *r = fresh(arena);
    mpq_mul(r->q, a->q, b->q);
    return r;
}

const struct tw_rational *tw_rational_div(struct tw_arena *arena,
                                          const struct tw_rational *a,
                                          const struct tw_rational *b)
{
    struct tw_rational *r = fresh(arena);
    mpq_div(r->q, a->q, b->q);
    return r;
}

int tw_rational_cmp(const struct tw_rational *a, const struct tw_rational *b)
{
    int order = mpq_cmp(a->q, b->q);
    return order < 0 ? -1 : order > 0;
}

bool tw_rational_is_zero(const struct tw_rational *a)
{
    return mpq_sgn(a->q) == 0;
}

/* floor(q · 10^scale + 1/2) */
static void scaled_half_up(mpz_t out, const mpq_t q, unsigned long scale)
{
    mpz_t twice_den;
    mpz_init(twice_den);
    mpz_ui_pow_ui(out, 10, scale);
    mpz_mul(out, out, mpq_numref(q));
    mpz_mul_2exp(out, out, 1);
    mpz_add(out, out, mpq_denref(q));
    mpz_mul_2exp(twice_den, mpq_denref(q), 1);
    mpz_fdiv_q(out, out, twice_den);
    mpz_clear(twice_den);
}

struct tw_str tw_rational_text(struct tw_arena *arena, const struct tw_rational *a,
                               unsigned digits)
{
    enum { SCALE_LIMIT = 400 };
    if (mpq_sgn(a->q) == 0)
        return TW_STR("0");
    /* The scale that leaves DIGITS digits: the first at which the number has them. */
    mpz_t n, floor_of, least;
    mpz_inits(n, floor_of, least, NULL);
    mpz_ui_pow_ui(least, 10, digits - 1);
    unsigned long scale = 0;
    for (; scale < SCALE_LIMIT; scale++) {
        mpz_ui_pow_ui(floor_of, 10, scale);
        mpz_mul(floor_of, floor_of, mpq_numref(a->q));
        mpz_fdiv_q(floor_of, floor_of, mpq_denref(a->q));
        if (mpz_cmp(floor_of, least) >= 0)
            break;
    }
    scaled_half_up(n, a->q, scale);
    size_t room = mpz_sizeinbase(n, 10) + 2;
    char *text = tw_arena_alloc(arena, room);
    mpz_get_str(text, 10, n);
    size_t len = strlen(text);
    mpz_clears(n, floor_of, least, NULL);

    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    size_t whole = len > scale ? len - scale : 0;
    if (whole)
        tw_buf_put(&buf, text, whole);
    else
        tw_buf_char(&buf, '0');
    if (scale) {
        tw_buf_char(&buf, '.');
        tw_buf_chars(&buf, '0', len < scale ? scale - len : 0);
        tw_buf_put(&buf, text + whole, len - whole);
        while (buf.ptr[buf.len - 1] == '0')
            buf.len--;
        if (buf.ptr[buf.len - 1] == '.')
            buf.len--;
    }
    return tw_buf_view(&buf);
}
