/* SPDX-License-Identifier: Apache-2.0 */
/* Products, boxes and packets for reports. */
#include "packets.h"

#include "map.h"

static void key_without(struct tw_buf *key, const struct tw_product *p, int skipped)
{
    key->len = 0;
    tw_buf_put(key, &p->tag, sizeof p->tag);
    for (int f = 0; f < TW_FIELDS; f++) {
        if (f == skipped)
            continue;
        tw_buf_put(key, &p->field[f]->n, sizeof p->field[f]->n);
        tw_buf_put(key, p->field[f]->at, p->field[f]->n * sizeof *p->field[f]->at);
    }
}

/* Products that are equal in all fields but one. */
struct joint {
    struct tw_product *into;
    TW_VEC(struct tw_range) pieces; /* of that field; empty: only INTO's */
};

static void add_pieces(struct tw_arena *arena, struct joint *j,
                       const struct tw_ranges *list)
{
    for (size_t i = 0; i < list->n; i++)
        *tw_vec_add(arena, &j->pieces) = list->at[i];
}

/* One pass over FIELD: products with equal other fields become one. */
static size_t join_field(struct tw_arena *arena, struct tw_product *at, size_t n,
                         int field)
{
    struct tw_map first;
    struct tw_buf key;
    TW_VEC(struct joint *) joints = {0};
    tw_map_init(&first, arena);
    tw_buf_init(&key, arena);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        key_without(&key, &at[i], field);
        struct joint *j = tw_map_get(&first, tw_buf_view(&key));
        if (j) {
            if (j->pieces.len == 0) {
                add_pieces(arena, j, j->into->field[field]);
                *tw_vec_add(arena, &joints) = j;
            }
            add_pieces(arena, j, at[i].field[field]);
            continue;
        }
        at[kept] = at[i];
        j = tw_new(arena, struct joint);
        j->into = &at[kept++];
        *tw_map_slot(&first, tw_str_copy(arena, tw_buf_view(&key))) = j;
    }
    for (size_t i = 0; i < joints.len; i++)
        joints.at[i]->into->field[field] =
            tw_ranges_of(arena, joints.at[i]->pieces.at, joints.at[i]->pieces.len);
    return kept;
}

size_t tw_products_join(struct tw_arena *arena, struct tw_product *at, size_t n)
{
    size_t before;
    do {
        before = n;
        for (int f = TW_FIELDS; f-- > 0 && n > 1;)
            n = join_field(arena, at, n, f);
    } while (n < before && n > 1);
    return n;
}

const struct tw_rational *tw_product_size(struct tw_arena *arena,
                                          const struct tw_ranges *const *field)
{
    /* A list of all 2^128 addresses has size 0 in 128 bits: it counts as two halves. */
    tw_u128 factors[2 * TW_FIELDS];
    size_t n = 0;
    for (int f = 0; f < TW_FIELDS; f++) {
        tw_u128 size = tw_ranges_size(field[f]);
        factors[n++] = size || field[f]->n == 0 ? size : (tw_u128)1 << 127;
        if (!size && field[f]->n)
            factors[n++] = 2;
    }
    return tw_rational_product(arena, factors, n);
}

uint64_t tw_product_boxes(const struct tw_product *product)
{
    uint64_t n = 1;
    for (int f = 0; f < TW_FIELDS; f++)
        if (__builtin_mul_overflow(n, (uint64_t)product->field[f]->n, &n))
            return UINT64_MAX;
    return n;
}

static struct tw_str number_range(struct tw_arena *arena, struct tw_range r)
{
    if (r.lo == r.hi)
        return tw_fmt(arena, "%u", (unsigned)r.lo);
    return tw_fmt(arena, "%u-%u", (unsigned)r.lo, (unsigned)r.hi);
}

/* ICMP: "8" for all codes of a type, "8/0" for one, else the two ends. */
static struct tw_str icmp_range(struct tw_arena *arena, struct tw_range r)
{
    unsigned lo = (unsigned)r.lo, hi = (unsigned)r.hi;
    if (lo == hi)
        return tw_fmt(arena, "%u/%u", lo >> 8, lo & 255);
    if ((lo & 255) == 0 && (hi & 255) == 255)
        return lo >> 8 == hi >> 8 ? tw_fmt(arena, "%u", lo >> 8)
                                  : tw_fmt(arena, "%u-%u", lo >> 8, hi >> 8);
    return tw_fmt(arena, "%u/%u-%u/%u", lo >> 8, lo & 255, hi >> 8, hi & 255);
}

static struct tw_str address_range(struct tw_arena *arena, enum tw_family family,
                                   struct tw_range r)
{
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_ip_range(&buf, family, r);
    return tw_buf_view(&buf);
}

static struct tw_str proto_range(struct tw_arena *arena, struct tw_range r)
{
    return r.lo == r.hi ? tw_proto_name(arena, (unsigned)r.lo) : number_range(arena, r);
}

void tw_box_value(struct tw_arena *arena, struct tw_value *object,
                  const struct tw_packet_box *box)
{
    const struct tw_range *f = box->field;
    tw_value_add_text(arena, object, "src",
                      address_range(arena, box->family, f[TW_FIELD_SRC]));
    tw_value_add_text(arena, object, "dst",
                      address_range(arena, box->family, f[TW_FIELD_DST]));
    tw_value_add_text(arena, object, "proto", proto_range(arena, f[TW_FIELD_PROTO]));
    if (box->kind == TW_KIND_PORTS)
        tw_value_add_text(arena, object, "dport",
                          number_range(arena, f[TW_FIELD_DPORT]));
    if (box->kind == TW_KIND_ICMP)
        tw_value_add_text(arena, object, "icmp", icmp_range(arena, f[TW_FIELD_DPORT]));
    if (box->kind == TW_KIND_PORTS && !box->whole_sport)
        tw_value_add_text(arena, object, "sport",
                          number_range(arena, f[TW_FIELD_SPORT]));
}

/* A protocol without a name as the catalogue writes it: ip/250. */
static void put_proto(struct tw_buf *buf, struct tw_str name)
{
    if (name.len && name.ptr[0] >= '0' && name.ptr[0] <= '9')
        tw_buf_text(buf, "ip/");
    tw_buf_str(buf, name);
}

struct tw_str tw_box_text(struct tw_arena *arena, const struct tw_packet_box *box)
{
    const struct tw_range *f = box->field;
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    tw_buf_ip_range(&buf, box->family, f[TW_FIELD_SRC]);
    tw_buf_text(&buf, " → ");
    tw_buf_ip_range(&buf, box->family, f[TW_FIELD_DST]);
    tw_buf_char(&buf, ' ');
    put_proto(&buf, proto_range(arena, f[TW_FIELD_PROTO]));
    if (box->kind != TW_KIND_OTHER) {
        tw_buf_char(&buf, '/');
        tw_buf_str(&buf, box->kind == TW_KIND_PORTS
                             ? number_range(arena, f[TW_FIELD_DPORT])
                             : icmp_range(arena, f[TW_FIELD_DPORT]));
    }
    if (box->kind == TW_KIND_PORTS && !box->whole_sport) {
        tw_buf_text(&buf, " (sport ");
        tw_buf_str(&buf, number_range(arena, f[TW_FIELD_SPORT]));
        tw_buf_char(&buf, ')');
    }
    return tw_buf_view(&buf);
}

enum tw_state tw_icmp_first_state(enum tw_family family, unsigned type)
{
    if (family == TW_IPV4)
        return type == 8 || type == 13 || type == 15 || type == 17 ? TW_STATE_NEW
                                                                   : TW_STATE_INVALID;
    if (type == 128 || type == 139)
        return TW_STATE_NEW;
    bool discovery =
        (type >= 130 && type <= 136) || type == 143 || (type >= 151 && type <= 153);
    return discovery ? TW_STATE_UNTRACKED : TW_STATE_INVALID;
}

struct tw_packet tw_box_packet(const struct tw_packet_box *box,
                               const struct tw_question *question)
{
    enum { EPHEMERAL = 49152 };
    const struct tw_range *f = box->field;
    bool usual = f[TW_FIELD_SPORT].lo <= EPHEMERAL && f[TW_FIELD_SPORT].hi >= EPHEMERAL;
    struct tw_packet p = {
        .family = box->family,
        .src = f[TW_FIELD_SRC].lo,
        .dst = f[TW_FIELD_DST].lo,
        .proto = (unsigned)f[TW_FIELD_PROTO].lo,
        .sport = usual ? EPHEMERAL : (unsigned)f[TW_FIELD_SPORT].lo,
        .dport = (unsigned)f[TW_FIELD_DPORT].lo,
        .state = question->state,
    };
    p.tcp_flags = p.proto == TW_PROTO_TCP ? question->tcp_flags : 0;
    if (box->kind == TW_KIND_ICMP && question->state != TW_STATE_ESTABLISHED)
        p.state = tw_icmp_first_state(box->family, p.dport >> 8);
    return p;
}

static struct tw_str address(struct tw_arena *arena, enum tw_family family, tw_u128 a)
{
    return address_range(arena, family, (struct tw_range){a, a});
}

void tw_packet_value(struct tw_arena *arena, struct tw_value *object,
                     const struct tw_packet *p)
{
    tw_value_add_text(arena, object, "src", address(arena, p->family, p->src));
    tw_value_add_text(arena, object, "dst", address(arena, p->family, p->dst));
    tw_value_add_text(arena, object, "proto", tw_proto_name(arena, p->proto));
    if (tw_proto_has_ports(p->proto)) {
        tw_value_add_int(arena, object, "sport", p->sport);
        tw_value_add_int(arena, object, "dport", p->dport);
    } else if (tw_proto_is_icmp(p->proto, p->family)) {
        tw_value_add_int(arena, object, "type", p->dport >> 8);
        tw_value_add_int(arena, object, "code", p->dport & 255);
    }
}

static void put_end(struct tw_buf *buf, enum tw_family family, tw_u128 a, bool ports,
                    unsigned port)
{
    bool brackets = ports && family == TW_IPV6;
    if (brackets)
        tw_buf_char(buf, '[');
    tw_buf_ip(buf, family, a);
    if (brackets)
        tw_buf_char(buf, ']');
    if (ports)
        tw_buf_fmt(buf, ":%u", port);
}

struct tw_str tw_packet_text(struct tw_arena *arena, const struct tw_packet *p)
{
    bool ports = tw_proto_has_ports(p->proto);
    struct tw_buf buf;
    tw_buf_init(&buf, arena);
    put_proto(&buf, tw_proto_name(arena, p->proto));
    if (tw_proto_is_icmp(p->proto, p->family))
        tw_buf_fmt(&buf, " type %u code %u", p->dport >> 8, p->dport & 255);
    tw_buf_char(&buf, ' ');
    put_end(&buf, p->family, p->src, ports, p->sport);
    tw_buf_text(&buf, " → ");
    put_end(&buf, p->family, p->dst, ports, p->dport);
    return tw_buf_view(&buf);
}
