#!/bin/sh
# Generates the hub's client code into a folder: generate.sh FOLDER
set -eu
cd "$(dirname "$0")/../../protos"
mkdir -p "$1"
protoc -I . --python_out="$1" --grpc_python_out="$1" --plugin=protoc-gen-grpc_python="$(command -v grpc_python_plugin)" exchange/v1/*.proto google/*/*.proto
