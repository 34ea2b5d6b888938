/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_wall: a wall of the bundled incident as iptables rules.
 *
 *   plan_wall jinfu-fw|lft-fw > RULES
 *
 * The incident's jinfu-fw is a PAN-OS firewall, which no kernel can load. These rules
 * let the same calls of the same plan through and stop the same ones, so that the
 * kernel judges both walls of the incident, and the two forms of one wall can be held
 * against each other.
 */
#include "demo_wall.h"
#include "oracle_die.h"

#include <string.h>

int main(int argc, char **argv)
{
    static struct tw_demo_plan plan;
    const char *name = argc == 2 ? argv[1] : "";
    bool jinfu = strcmp(name, "jinfu-fw") == 0;

    if (!jinfu && strcmp(name, "lft-fw") != 0)
        tw_oracle_die(TW_ORACLE_USAGE, "usage: plan_wall jinfu-fw|lft-fw");
    tw_demo_plan_init(&plan);
    tw_demo_wall_write(stdout, &plan, jinfu ? TW_DEMO_JINFU_FW : TW_DEMO_LFT_FW);
    if (fflush(stdout) != 0 || ferror(stdout))
        tw_oracle_die(TW_ORACLE_FAILED, "cannot write the rules");
    return TW_ORACLE_OK;
}
