#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# with_python.sh SCRIPT ARGUMENT…: runs it; 77, skipped, where there is no python3.
set -eu
if ! command -v python3 >/dev/null; then
    echo "skipped: python3 is not installed"
    exit 77
fi
PYTHONDONTWRITEBYTECODE=1 exec python3 "$@"
