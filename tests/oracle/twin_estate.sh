#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# twin_estate.sh PLAN_WALL DEMO
# Adds a twin to the bundled incident in the folder DEMO: twin.yaml, the same estate with
# jinfu-fw as iptables rules (policy/jinfu-fw.rules) in place of the PAN-OS export.
set -eu
plan_wall=$1
demo=$2
"$plan_wall" jinfu-fw >"$demo/policy/jinfu-fw.rules"
sed -e 's|^  jinfu-fw: .*|  jinfu-fw: { policy: policy/jinfu-fw.rules }|' \
    -e 's|{ wall: jinfu-fw, in: jinfu, out: lft-transit }|{ wall: jinfu-fw, in: eth0, out: eth1 }|' \
    -e 's|, jinfu-fw \] }.*|, { wall: jinfu-fw, in: eth1, out: eth0 } ] }|' \
    "$demo/twinwall.yaml" >"$demo/twin.yaml"
if grep -qE 'jinfu-fw\.xml|lft-transit' "$demo/twin.yaml" ||
    [ "$(grep -c 'wall: jinfu-fw, in: eth' "$demo/twin.yaml")" -ne 2 ]; then
    echo 'FAILED: the estate of the incident is not written as its twin expects' >&2
    exit 1
fi
