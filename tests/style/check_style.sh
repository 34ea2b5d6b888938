#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check_style.sh format|rules SOURCE_DIR: the house rules that a program can check.
# Prints each offence as file:line; exit 1 where there is one, 77 where it cannot look.
set -euo pipefail
export LC_ALL=C
cd "$2"
rooms=(base report rules audit postmortem cli tests bench)
here=()
for room in "${rooms[@]}"; do
    if [ -d "$room" ]; then here+=("$room"); fi
done
mapfile -t files < <(find "${here[@]}" -name '*.[ch]' | sort)
bad=0

offence() {
    echo "$*"
    bad=1
}

check_format() {
    if ! command -v clang-format >/dev/null; then
        echo "skipped: clang-format is not installed"
        exit 77
    fi
    # Versions differ in details; this one decides.
    if ! clang-format --version | grep -q 'version 14\.'; then
        echo "skipped: the format is that of clang-format 14"
        exit 77
    fi
    clang-format --dry-run -Werror "${files[@]}" || bad=1
}

# The code of a file, line by line, without comments and without the insides of strings.
code_of() {
    awk '
    {
        out = ""; n = length($0)
        for (i = 1; i <= n; i++) {
            c = substr($0, i, 1); two = substr($0, i, 2)
            if (state == "comment") {
                if (two == "*/") { state = ""; i++ }
            } else if (state == "string") {
                if (c == "\\") i++
                else if (c == quote) { state = ""; out = out c }
            } else if (two == "/*") { state = "comment"; i++ }
            else if (two == "//") break
            else {
                if (c == "\"" || c == "\047") { state = "string"; quote = c }
                out = out c
            }
        }
        if (state == "string") state = ""
        print out
    }' "$1"
}

# search WHY REGEX TEXT FILE: offences of the lines of TEXT that match.
search() {
    local line
    while IFS= read -r line; do
        [ -n "$line" ] && offence "$4:${line%%:*}: $1: ${line#*:}"
    done < <(grep -nE "$2" <<<"$3" || true)
}

banned='strcpy|strcat|sprintf|vsprintf|strtok|strtok_r|atoi|atol|atoll|strtol|strtoul'
banned+='|strtoll|strtoull|sscanf|gets|alloca|setlocale|localtime|localtime_r|gmtime'
banned+='|gmtime_r'

# Where a rule has exceptions, its case names them.
check_file() {
    local file=$1 code
    code=$(code_of "$file")
    head -n 1 "$file" | grep -q '^/\* SPDX-License-Identifier: Apache-2.0 \*/$' ||
        offence "$file:1: the SPDX line is missing"
    sed -n 2p "$file" | grep -q '^/\*' ||
        offence "$file:2: the comment that says what the file is for is missing"
    [ "$(wc -l <"$file")" -le 800 ] || offence "$file: longer than 800 lines"
    search "banned function" "(^|[^A-Za-z0-9_])($banned)[[:space:]]*\(" "$code" "$file"
    search "unfinished" "TODO|FIXME" "$(cat "$file")" "$file"
    # No printed figure comes from floating point. Where boxes are cut is no figure.
    # Intervals and likelihoods are estimates, never counts: statistics.c takes counts
    # and gives integers.
    case $file in
    postmortem/answers/statistics.c) ;;
    rules/engine/box.c | rules/engine/box_lanes.h | bench/*) ;;
    *)
        search "floating point" "(^|[^A-Za-z0-9_])(double|float)([^A-Za-z0-9_]|$)" \
            "$code" "$file"
        ;;
    esac
    case $file in
    cli/* | tests/* | bench/*) ;;
    *)
        search "environment or printing outside of cli" \
            "(^|[^A-Za-z0-9_])(getenv|secure_getenv|printf|fprintf|puts|putchar)[[:space:]]*\(" \
            "$code" "$file"
        ;;
    esac
    case $file in
    base/arena.c | tests/* | bench/*) ;;
    *)
        search "memory outside of an arena" \
            "(^|[^A-Za-z0-9_])(malloc|calloc|realloc|strdup|strndup|asprintf)[[:space:]]*\(" \
            "$code" "$file"
        ;;
    esac
}

check_rules() {
    local file twice
    for file in "${files[@]}"; do
        check_file "$file"
    done
    twice=$(printf '%s\n' "${files[@]##*/}" | sort | uniq -d)
    [ -z "$twice" ] || offence "file names that stand twice: $twice"
}

"check_$1"
exit "$bad"
