#!/bin/sh
# Builds every function for one architecture: functions.sh ARCH FLAGS… → build/ARCH/<function>/bootstrap
set -eu
arch=$1
shift
out=build/$arch
echo "gestor: building the functions for $arch (the first time takes a minute)" >&2
mkdir -p "$out/.new"
# One call builds them all: packages they share are compiled once.
GOOS=linux GOARCH=$arch go build "$@" -o "$out/.new/" ./functions/...
for binary in "$out"/.new/*; do
	name=$(basename "$binary")
	mkdir -p "$out/$name"
	# A rename: a running local system keeps the file it has open.
	mv -f "$binary" "$out/$name/bootstrap"
done
rmdir "$out/.new"
