/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the iptables backend that works here and feeds the loaders.
 */
#define _GNU_SOURCE 1
#include "oracle_load.h"

#include "oracle_die.h"
#include "oracle_run.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *const backend_name[] = {"auto", "legacy", "nft"};
static const char *const restore4[] = {NULL, "iptables-legacy-restore",
                                       "iptables-nft-restore"};
static const char *const restore6[] = {NULL, "ip6tables-legacy-restore",
                                       "ip6tables-nft-restore"};

enum tw_oracle_backend tw_oracle_backend_parse(const char *name)
{
    for (unsigned i = 0; i < sizeof backend_name / sizeof backend_name[0]; i++) {
        if (strcmp(name, backend_name[i]) == 0) {
            return (enum tw_oracle_backend)i;
        }
    }
    tw_oracle_die(TW_ORACLE_USAGE, "--backend is auto, legacy or nft, not '%s'", name);
}

const char *tw_oracle_backend_name(enum tw_oracle_backend backend)
{
    return backend_name[backend];
}

/*
 * iptables-legacy takes a lock in /run, which a user without rights cannot open. The
 * lock guards nothing here: the namespaces are ours alone.
 */
static void lock_private(void)
{
    static const char variable[] = "XTABLES_LOCKFILE";
    char path[64];
    if (getenv(variable) != NULL) {
        return;
    }
    int fd = memfd_create("xtables-lock", 0); /* inherited by the loaders on purpose */
    if (fd >= 0) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        setenv(variable, path, 1);
    }
}

static bool backend_works(const char *restore)
{
    static const char rules[] = "*filter\n:FORWARD ACCEPT [0:0]\n"
                                "-A FORWARD -p tcp -m tcp --dport 1 -j DROP\nCOMMIT\n";
    const char *const argv[] = {restore, "--wait=60", NULL};
    if (unshare(CLONE_NEWNET) != 0) {
        return false;
    }
    int input = tw_oracle_run_text(rules);
    int code = tw_oracle_run(argv, input, true);
    close(input);
    return code == 0;
}

enum tw_oracle_backend tw_oracle_backend_find(const struct tw_oracle_net *net)
{
    lock_private();
    for (int i = TW_ORACLE_BACKEND_LEGACY; i <= TW_ORACLE_BACKEND_NFT; i++) {
        if (backend_works(restore4[i]) && (!net->ipv6 || backend_works(restore6[i]))) {
            return (enum tw_oracle_backend)i;
        }
    }
    tw_oracle_die(TW_ORACLE_SKIP, "skipped: neither iptables-legacy-restore nor "
                                  "iptables-nft-restore loads a rule here");
}

/*
 * The loaders accept an empty file and leave the wall open. A rule set worth asking
 * about commits at least one table.
 */
static void commit_require(const char *path, const char *wall)
{
    char line[8];
    bool found = false;
    bool fresh = true; /* fgets stands at the start of a line */
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        tw_oracle_die(TW_ORACLE_LOAD, "%s: %s: %s", wall, path, strerror(errno));
    }
    while (!found && fgets(line, sizeof line, file) != NULL) {
        found = fresh && strncmp(line, "COMMIT", 6) == 0;
        fresh = strchr(line, '\n') != NULL;
    }
    fclose(file);
    if (!found) {
        tw_oracle_die(TW_ORACLE_LOAD, "%s: %s commits no table", wall, path);
    }
}

static void file_load(const char *const argv[], const char *path, const char *wall)
{
    int input = open(path, O_RDONLY | O_CLOEXEC);
    if (input < 0) {
        tw_oracle_die(TW_ORACLE_LOAD, "%s: %s: %s", wall, path, strerror(errno));
    }
    int code = tw_oracle_run(argv, input, false);
    close(input);
    if (code == TW_ORACLE_RUN_MISSING) {
        tw_oracle_die(TW_ORACLE_LOAD, "%s: %s is not installed", wall, argv[0]);
    }
    if (code != 0) {
        tw_oracle_die(TW_ORACLE_LOAD, "%s: %s refused %s (exit code %d)", wall, argv[0],
                      path, code);
    }
}

void tw_oracle_wall_load(const struct tw_oracle_net *net, enum tw_oracle_node wall,
                         const struct tw_oracle_wall_files *files,
                         enum tw_oracle_backend backend)
{
    const char *name = wall == TW_ORACLE_WALL_A ? "wall A" : "wall B";
    const char *const sets[] = {"ipset", "restore", NULL};
    const char *const rules4[] = {restore4[backend], "--wait=60", NULL};
    const char *const rules6[] = {restore6[backend], "--wait=60", NULL};
    lock_private();
    tw_oracle_net_enter(net, wall);
    if (files->sets != NULL) {
        file_load(sets, files->sets, name);
    }
    if (files->rules4 != NULL) {
        commit_require(files->rules4, name);
        file_load(rules4, files->rules4, name);
    }
    if (files->rules6 != NULL) {
        commit_require(files->rules6, name);
        file_load(rules6, files->rules6, name);
    }
}
