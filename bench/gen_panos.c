/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the configuration of a large PAN-OS firewall to stdout; the same arguments
 * give the same bytes.
 *
 *     gen_panos [RULES [SEED]]      defaults: 100000 1, about 80 MB
 *
 * 20 zones, 20,000 addresses, 2,000 groups of ten, 2,000 services; rules between two
 * zones, a third of them with lists of addresses, two thirds with applications.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { ZONES = 20, HOSTS = 20000, GROUPS = 2000, SERVICES = 2000, MEMBERS = 10 };

static uint64_t state;

static unsigned pick(unsigned n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((state >> 33) % n);
}

static void objects(void)
{
    puts("<service>");
    for (int i = 0; i < SERVICES; i++)
        printf("<entry name=\"tcp-%d\"><protocol><tcp><port>%d</port></tcp></protocol>"
               "</entry>\n",
               1000 + i, 1000 + i);
    puts("</service>\n<zone>");
    for (int i = 0; i < ZONES; i++)
        printf("<entry name=\"zone-%d\"><network><layer3><member>ethernet1/%d</member>"
               "</layer3></network></entry>\n",
               i, i + 1);
    puts("</zone>\n<address>");
    for (int i = 0; i < HOSTS; i++)
        printf("<entry name=\"host-%d\"><ip-netmask>10.%d.%d.%d/32</ip-netmask>"
               "</entry>\n",
               i, i >> 16, i >> 8 & 255, i & 255);
    puts("</address>\n<address-group>");
    for (int i = 0; i < GROUPS; i++) {
        printf("<entry name=\"group-%d\"><static>", i);
        for (int k = 0; k < MEMBERS; k++)
            printf("<member>host-%u</member>", pick(HOSTS));
        puts("</static></entry>");
    }
    puts("</address-group>");
}

static void side(const char *element)
{
    printf("  <%s>\n    <member>", element);
    switch (pick(3)) {
    case 0:
        printf("host-%u", pick(HOSTS));
        break;
    case 1:
        printf("group-%u", pick(GROUPS));
        break;
    default:
        printf("host-%u</member>\n    <member>host-%u", pick(HOSTS), pick(HOSTS));
    }
    printf("</member>\n  </%s>\n", element);
}

static void rule(unsigned long i)
{
    static const char *const apps[] = {"any", "ssl</member>\n    <member>web-browsing",
                                       "mysql"};
    static const char *const lists[] = {"source-user", "category", "source-hip",
                                        "destination-hip"};
    unsigned from = pick(ZONES), to = (from + 1 + pick(ZONES - 1)) % ZONES;
    printf("<entry name=\"rule-%lu\" uuid=\"6b3c2a10-0000-4000-8000-%012lu\">\n", i, i);
    printf("  <to>\n    <member>zone-%u</member>\n  </to>\n", to);
    printf("  <from>\n    <member>zone-%u</member>\n  </from>\n", from);
    side("source");
    side("destination");
    for (int k = 0; k < 4; k++)
        printf("  <%s>\n    <member>any</member>\n  </%s>\n", lists[k], lists[k]);
    printf("  <application>\n    <member>%s</member>\n  </application>\n",
           apps[pick(3)]);
    printf("  <service>\n    <member>tcp-%u</member>\n  </service>\n",
           1000 + pick(SERVICES));
    printf("  <action>%s</action>\n  <log-end>yes</log-end>\n"
           "  <description>ticket %lu</description>\n</entry>\n",
           pick(3) ? "allow" : "deny", i);
}

int main(int argc, char **argv)
{
    unsigned long rules =
        argc > 1 ? (unsigned long)strtoumax(argv[1], NULL, 10) : 100000;
    state = argc > 2 ? strtoumax(argv[2], NULL, 10) : 1;
    puts("<?xml version=\"1.0\"?>\n<config version=\"10.2.0\" "
         "urldb=\"paloaltonetworks\">\n<devices><entry "
         "name=\"localhost.localdomain\"><vsys><entry name=\"vsys1\">");
    objects();
    puts("<rulebase><security><rules>");
    for (unsigned long i = 0; i < rules; i++)
        rule(i);
    puts(
        "</rules></security></rulebase>\n</entry></vsys></entry></devices>\n</config>");
    return ferror(stdout) ? 1 : 0;
}
