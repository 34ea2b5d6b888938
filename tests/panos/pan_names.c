/* SPDX-License-Identifier: Apache-2.0 */
/* Names, addresses as text, random numbers: what the makers of walls share. */
#include <inttypes.h>
#include <string.h>

#include "pan_wall.h"

const char *const pan_actions[PAN_ACTIONS] = {
    "allow", "deny", "drop", "reset-client", "reset-server", "reset-both", "ponder"};

const char *const pan_nat_types[PAN_NAT_TYPES] = {"", "ipv4", "nptv6", "nat64"};

int pan_find_name(const struct pan_wall *wall, const char *text)
{
    for (int i = 0; i < wall->nnames; i++)
        if (strcmp(wall->names[i], text) == 0)
            return i;
    return -1;
}

int pan_name(struct pan_wall *wall, const char *text)
{
    int found = pan_find_name(wall, text);
    if (found >= 0 || wall->nnames == PAN_NAMES)
        return found;
    snprintf(wall->names[wall->nnames], PAN_NAME_SIZE, "%s", text);
    return wall->nnames++;
}

uint32_t pan_draw(uint64_t *state, uint32_t below)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)((*state >> 16) % below);
}

void pan_put_address(FILE *out, int family, uint32_t address)
{
    if (family)
        fprintf(out, "2001:db8::%" PRIx32 ":%" PRIx32, address >> 16, address & 65535);
    else
        fprintf(out, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
                address >> 8 & 255, address & 255);
}

/* A number of BASE at *TEXT, which moves behind it. */
static bool number(const char **text, unsigned base, uint32_t max, uint32_t *out)
{
    static const char digits[] = "0123456789abcdef";
    const char *start = *text;
    uint32_t value = 0;
    for (; **text; ++*text) {
        const char *digit = strchr(digits, **text);
        if (!digit || digit - digits >= (int)base)
            break;
        value = value * base + (uint32_t)(digit - digits);
        if (value > max)
            return false;
    }
    *out = value;
    return *text > start;
}

static bool address(const char **text, int *family, uint32_t *out)
{
    static const char six[] = "2001:db8::";
    uint32_t part;
    *out = 0;
    *family = strncmp(*text, six, sizeof six - 1) == 0;
    if (*family)
        *text += sizeof six - 1;
    for (int i = 0; i < (*family ? 2 : 4); i++) {
        if (i && *(*text)++ != (*family ? ':' : '.'))
            return false;
        if (!number(text, *family ? 16 : 10, *family ? 65535 : 255, &part))
            return false;
        *out = *out << (*family ? 16 : 8) | part;
    }
    return true;
}

bool pan_literal(const char *text, int *family, struct pan_span *span)
{
    uint32_t length = 32;
    int other;
    if (!address(&text, family, &span->lo))
        return false;
    span->hi = span->lo;
    if (*text == '-') {
        text++;
        return address(&text, &other, &span->hi) && *text == 0;
    }
    if (*text == '/') {
        text++;
        if (!number(&text, 10, 128, &length))
            return false;
        length -= *family ? 96 : 0;
        uint32_t loose = length ? ((uint32_t)1 << (32 - length) % 32) - 1 : UINT32_MAX;
        span->lo &= ~loose;
        span->hi = span->lo | loose;
    }
    return *text == 0;
}
