/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads and prints probes, and knows which of them a Linux router forwards at all.
 */
#include "oracle_probe.h"

#include "oracle_die.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bit 0 to bit 7 of the TCP flags. */
static const char flag_letters[] = {'F', 'S', 'R', 'P', 'A', 'U', 'E', 'C'};

bool tw_oracle_number(const char *text, size_t len, uint32_t max, uint32_t *value)
{
    uint64_t sum = 0;
    if (len == 0 || len > 10) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        sum = sum * 10 + (uint64_t)(text[i] - '0');
    }
    *value = (uint32_t)sum;
    return sum <= max;
}

bool tw_oracle_proto_ported(uint8_t proto)
{
    return proto == TW_ORACLE_ICMP || proto == TW_ORACLE_TCP ||
           proto == TW_ORACLE_UDP || proto == TW_ORACLE_DCCP ||
           proto == TW_ORACLE_ICMP6 || proto == TW_ORACLE_SCTP ||
           proto == TW_ORACLE_UDPLITE;
}

/* The probe's protocol as the kernel sees it: ICMP in IPv6 is just a number. */
static bool is_icmp(const struct tw_oracle_probe *probe)
{
    return (probe->family == 4 && probe->proto == TW_ORACLE_ICMP) ||
           (probe->family == 6 && probe->proto == TW_ORACLE_ICMP6);
}

struct word {
    const char *text;
    size_t len;
};

/* Splits a line at blanks; returns the number of words, at most `max` + 1. */
static size_t words_split(const char *text, size_t len, struct word *words, size_t max)
{
    size_t count = 0;
    size_t i = 0;
    while (i < len) {
        if (text[i] == ' ' || text[i] == '\t') {
            i++;
            continue;
        }
        size_t start = i;
        while (i < len && text[i] != ' ' && text[i] != '\t') {
            i++;
        }
        if (count == max) {
            return max + 1;
        }
        words[count].text = text + start;
        words[count].len = i - start;
        count++;
    }
    return count;
}

static bool address_parse(const struct word *word, uint8_t family, uint8_t out[16])
{
    char text[64];
    if (word->len >= sizeof text) {
        return false;
    }
    memcpy(text, word->text, word->len);
    text[word->len] = '\0';
    memset(out, 0, 16);
    return inet_pton(family == 4 ? AF_INET : AF_INET6, text, out) == 1;
}

static bool flags_parse(const struct word *word, uint8_t *flags)
{
    *flags = 0;
    if (word->len == 1 && word->text[0] == '-') {
        return true;
    }
    for (size_t i = 0; i < word->len; i++) {
        const char *at = memchr(flag_letters, word->text[i], sizeof flag_letters);
        if (at == NULL) {
            return false;
        }
        *flags = (uint8_t)(*flags | 1u << (at - flag_letters));
    }
    return true;
}

const char *tw_oracle_probe_parse(struct tw_oracle_probe *probe, const char *text,
                                  size_t len)
{
    struct word words[7];
    uint32_t number[3];
    size_t count = words_split(text, len, words, 7);
    memset(probe, 0, sizeof *probe);
    if (count < 6 || count > 7) {
        return "expected: family src dst proto sport dport [flags]";
    }
    if (words[0].len != 1 || (words[0].text[0] != '4' && words[0].text[0] != '6')) {
        return "the family is 4 or 6";
    }
    probe->family = words[0].text[0] == '4' ? 4 : 6;
    if (!address_parse(&words[1], probe->family, probe->src) ||
        !address_parse(&words[2], probe->family, probe->dst)) {
        return "not an address of that family";
    }
    if (!tw_oracle_number(words[3].text, words[3].len, 255, &number[0])) {
        return "the protocol is a number from 0 to 255";
    }
    probe->proto = (uint8_t)number[0];
    uint32_t max = is_icmp(probe) ? 255 : 65535;
    if (!tw_oracle_number(words[4].text, words[4].len, max, &number[1]) ||
        !tw_oracle_number(words[5].text, words[5].len, max, &number[2])) {
        return max == 255 ? "ICMP type and code are numbers from 0 to 255"
                          : "ports are numbers from 0 to 65535";
    }
    probe->sport = (uint16_t)number[1];
    probe->dport = (uint16_t)number[2];
    if (probe->proto == TW_ORACLE_TCP) {
        probe->flags = TW_ORACLE_TCP_SYN;
    }
    if (count == 7 && !flags_parse(&words[6], &probe->flags)) {
        return "flags are letters of FSRPAUEC";
    }
    if (probe->proto != TW_ORACLE_TCP) {
        probe->flags = 0;
    }
    return NULL;
}

size_t tw_oracle_probe_print(const struct tw_oracle_probe *probe,
                             char out[TW_ORACLE_PROBE_TEXT])
{
    char src[INET6_ADDRSTRLEN];
    char dst[INET6_ADDRSTRLEN];
    char flags[12] = "";
    int af = probe->family == 4 ? AF_INET : AF_INET6;
    inet_ntop(af, probe->src, src, sizeof src);
    inet_ntop(af, probe->dst, dst, sizeof dst);
    if (probe->proto == TW_ORACLE_TCP) {
        size_t n = 0;
        flags[n++] = ' ';
        for (unsigned bit = 0; bit < 8; bit++) {
            if ((probe->flags >> bit & 1u) != 0) {
                flags[n++] = flag_letters[bit];
            }
        }
        if (n == 1) {
            flags[n++] = '-';
        }
        flags[n] = '\0';
    }
    int len = snprintf(out, TW_ORACLE_PROBE_TEXT, "%u %s %s %u %u %u%s", probe->family,
                       src, dst, probe->proto, probe->sport, probe->dport, flags);
    return (size_t)len;
}

/* 0.0.0.0, loopback, multicast, broadcast; 0/8 and 240/4 are ordinary addresses. */
static bool sendable_address4(const uint8_t *a)
{
    static const uint8_t none[4] = {0, 0, 0, 0};
    static const uint8_t all[4] = {255, 255, 255, 255};
    return memcmp(a, none, 4) != 0 && memcmp(a, all, 4) != 0 && a[0] != 127 &&
           (a[0] & 0xf0) != 224;
}

static bool sendable_address6(const uint8_t *a)
{
    static const uint8_t zero[16] = {0};
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    bool unspecified_or_loopback = memcmp(a, zero, 15) == 0 && a[15] <= 1;
    bool multicast = a[0] == 0xff;
    bool link_local = a[0] == 0xfe && (a[1] & 0xc0) == 0x80;
    bool v4_mapped = memcmp(a, mapped, sizeof mapped) == 0;
    return !unspecified_or_loopback && !multicast && !link_local && !v4_mapped;
}

/* The probes' payload would be read as the rest of the extension header. */
static bool is_extension_header(uint8_t proto)
{
    return proto == 0 || proto == 43 || proto == 44 || proto == 51 || proto == 60;
}

bool tw_oracle_probe_sendable(const struct tw_oracle_probe *probe)
{
    if (probe->family == 4) {
        return sendable_address4(probe->src) && sendable_address4(probe->dst);
    }
    return sendable_address6(probe->src) && sendable_address6(probe->dst) &&
           !is_extension_header(probe->proto);
}

char *tw_oracle_file_read(const char *path, size_t max, size_t *size)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (file == NULL) {
        tw_oracle_die(TW_ORACLE_USAGE, "%s: %s", path, strerror(errno));
    }
    size_t room = 1u << 16;
    size_t used = 0;
    char *text = tw_oracle_alloc(1, room + 1);
    for (;;) {
        used += fread(text + used, 1, room - used, file);
        if (used > max) {
            tw_oracle_die(TW_ORACLE_USAGE, "%s: more than %zu bytes", path, max);
        }
        if (used < room) {
            break;
        }
        room *= 2;
        text = realloc(text, room + 1);
        if (text == NULL) {
            tw_oracle_die(TW_ORACLE_FAILED, "out of memory (%zu bytes)", room);
        }
    }
    if (ferror(file)) {
        tw_oracle_die(TW_ORACLE_USAGE, "%s: read error", path);
    }
    if (file != stdin) {
        fclose(file);
    }
    text[used] = '\0';
    *size = used;
    return text;
}

/* Calls for each line that holds more than a comment; len is cut at blanks and "#". */
static size_t line_trim(const char *line, size_t len)
{
    const char *hash = memchr(line, '#', len);
    if (hash != NULL) {
        len = (size_t)(hash - line);
    }
    while (len > 0 &&
           (line[len - 1] == ' ' || line[len - 1] == '\t' || line[len - 1] == '\r')) {
        len--;
    }
    return len;
}

void tw_oracle_probes_read(struct tw_oracle_probes *probes, const char *path)
{
    memset(probes, 0, sizeof *probes);
    probes->text = tw_oracle_file_read(path, TW_ORACLE_INPUT_MAX, &probes->text_size);
    size_t lines = 1;
    for (size_t i = 0; i < probes->text_size; i++) {
        lines += probes->text[i] == '\n';
    }
    /* Comments and blank lines count here, but never above the limit. */
    size_t room = lines < TW_ORACLE_PROBES_MAX ? lines : TW_ORACLE_PROBES_MAX;
    probes->list = tw_oracle_alloc(room, sizeof *probes->list);
    probes->text_at = tw_oracle_alloc(room, sizeof *probes->text_at);
    probes->text_len = tw_oracle_alloc(room, sizeof *probes->text_len);
    size_t line_no = 0;
    for (size_t at = 0; at < probes->text_size;) {
        const char *line = probes->text + at;
        const char *end = memchr(line, '\n', probes->text_size - at);
        size_t raw = end != NULL ? (size_t)(end - line) : probes->text_size - at;
        size_t len = line_trim(line, raw);
        line_no++;
        if (len > 0) {
            if (probes->count == TW_ORACLE_PROBES_MAX) {
                tw_oracle_die(TW_ORACLE_USAGE, "%s:%zu: more than %u probes", path,
                              line_no, TW_ORACLE_PROBES_MAX);
            }
            const char *wrong =
                len > 1024
                    ? "line too long"
                    : tw_oracle_probe_parse(&probes->list[probes->count], line, len);
            if (wrong != NULL) {
                tw_oracle_die(TW_ORACLE_USAGE, "%s:%zu: %s", path, line_no, wrong);
            }
            probes->text_at[probes->count] = (uint32_t)at;
            probes->text_len[probes->count] = (uint16_t)len;
            probes->count++;
        }
        at += raw + 1;
    }
}

void tw_oracle_probes_release(struct tw_oracle_probes *probes)
{
    free(probes->list);
    free(probes->text_at);
    free(probes->text_len);
    free(probes->text);
    memset(probes, 0, sizeof *probes);
}
