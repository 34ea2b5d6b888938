/* SPDX-License-Identifier: Apache-2.0 */
/* Protocol names: a table of our own, so that answers do not depend on the machine. */
#include "packet.h"

/* IANA, Assigned Internet Protocol Numbers; the first name is the one that is printed.
 */
static const struct {
    unsigned number;
    const char *name;
} protocols[] = {
    {1, "icmp"},        {2, "igmp"},         {4, "ipencap"},
    {6, "tcp"},         {8, "egp"},          {9, "igp"},
    {17, "udp"},        {33, "dccp"},        {41, "ipv6"},
    {43, "ipv6-route"}, {44, "ipv6-frag"},   {46, "rsvp"},
    {47, "gre"},        {50, "esp"},         {50, "ipv6-crypt"},
    {51, "ah"},         {51, "ipv6-auth"},   {58, "ipv6-icmp"},
    {58, "icmpv6"},     {59, "ipv6-nonxt"},  {60, "ipv6-opts"},
    {88, "eigrp"},      {89, "ospf"},        {89, "ospfigp"},
    {94, "ipip"},       {97, "etherip"},     {98, "encap"},
    {103, "pim"},       {108, "ipcomp"},     {112, "vrrp"},
    {115, "l2tp"},      {132, "sctp"},       {135, "mobility-header"},
    {136, "udplite"},   {137, "mpls-in-ip"}, {139, "hip"},
    {140, "shim6"},
};

bool tw_proto_has_ports(unsigned proto)
{
    return proto == TW_PROTO_TCP || proto == TW_PROTO_UDP || proto == TW_PROTO_DCCP ||
           proto == TW_PROTO_SCTP || proto == TW_PROTO_UDPLITE;
}

bool tw_proto_is_icmp(unsigned proto, enum tw_family family)
{
    return proto == (family == TW_IPV4 ? TW_PROTO_ICMP : TW_PROTO_ICMPV6);
}

struct tw_str tw_proto_name(struct tw_arena *arena, unsigned proto)
{
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
        if (protocols[i].number == proto)
            return tw_str_of(protocols[i].name);
    return tw_fmt(arena, "%u", proto);
}

bool tw_proto_parse(struct tw_str s, unsigned *proto)
{
    uint64_t number;
    if (tw_parse_u64(s, 255, &number)) {
        *proto = (unsigned)number;
        return true;
    }
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        if (tw_str_eq_nocase(s, tw_str_of(protocols[i].name))) {
            *proto = protocols[i].number;
            return true;
        }
    }
    return false;
}
