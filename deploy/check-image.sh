#!/usr/bin/env bash
# Builds the image with buildah and checks it: the hub starts as an ordinary user and serves, and the demo pushes, follows and pulls in it.
# BUILD_BASE and RUN_BASE name other base images (see Dockerfile). Needs buildah; works without a container engine.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
image=localhost/dataexchange-hub:check

arguments=(--isolation chroot --network host -t "$image")
[[ -z ${BUILD_BASE:-} ]] || arguments+=(--build-arg "BUILD_BASE=$BUILD_BASE")
[[ -z ${RUN_BASE:-} ]] || arguments+=(--build-arg "RUN_BASE=$RUN_BASE")
buildah bud "${arguments[@]}" .

container=$(buildah from "$image")
trap 'buildah rm "$container" >/dev/null' EXIT
# shellcheck disable=SC2016 # the variables are the container's
buildah run --isolation chroot --user exchange "$container" -- bash -euc '
  "$EXCHANGE_SERVER" >/tmp/hub.log 2>&1 &
  for _ in $(seq 60); do [[ ! -f $EXCHANGE_DATA_DIRECTORY/hub.json ]] || break; sleep 1; done
  exec 3<>/dev/tcp/127.0.0.1/5401
  printf "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" >&3
  read -r health <&3 && echo "health: $health" && [[ $health == *" 200 "* ]]
  exchange departments list --json
  kill "$!" && wait "$!"
  exchange demo --once --json --data-dir /var/lib/dataexchange/demo 2>/tmp/demo.err || { cat /tmp/demo.err; exit 1; }'
echo "the image starts, serves health, takes pushes and pulls, and stops"
