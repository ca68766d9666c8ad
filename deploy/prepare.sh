#!/usr/bin/env bash
# Makes what docker-compose.yml expects and Git must never hold: passwords, the key the hub nodes share, the operator's key, folders for what each node keeps, and
# a self-signed certificate for trying out (replace deploy/tls by your own). Keeps what is there already.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
umask 077
mkdir -p secrets tls data/hub-1 data/hub-2

make() { # make FILE COMMAND...: writes the command's output unless the file is there
  local file=$1
  shift
  [[ -s $file ]] || { "$@" >"$file.new" && mv "$file.new" "$file" && echo "made deploy/$file"; }
}

url64() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# shellcheck disable=SC2001 # ${1//../\\x&} needs bash 5.2
unhex() { printf '%b' "$(sed 's/../\\x&/g' <<<"$1")"; }

operator_jwks() {
  local point
  # The public key's DER ends in the uncompressed point: 04, x, y.
  point=$(openssl ec -in secrets/operator-key.pem -pubout -outform DER 2>/dev/null | tail -c 64 | od -An -v -tx1 | tr -d ' \n')
  printf '{"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","x":"%s","y":"%s"}]}\n' \
    "$(unhex "${point:0:64}" | url64)" "$(unhex "${point:64:64}" | url64)"
}

# The hub runs as the owner of the key files; not as root.
environment() {
  printf 'EXCHANGE_DATABASE_PASSWORD=%s\nEXCHANGE_UID=%s\n' "$(openssl rand -hex 24)" "$owner"
}

owner=$(id -u)
[[ $owner -ne 0 ]] || owner=5400
make ../.env environment
make secrets/hub-key openssl rand -base64 32
make secrets/operator-key.pem openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make secrets/operator-jwks.json operator_jwks
[[ -s tls/hub.crt ]] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout tls/hub.key -out tls/hub.crt 2>/dev/null
chmod 755 secrets && chmod 600 secrets/*
[[ $(id -u) -ne 0 ]] || chown "$owner" secrets/hub-key secrets/operator-jwks.json data data/hub-1 data/hub-2
echo "ready: docker-compose up --build -d; the operator's private key is deploy/secrets/operator-key.pem"
