#!/bin/sh
# Building a function again from scratch, elsewhere, gives the same bytes: reproducible.sh FLAGS…
set -eu
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/src"
tar -cf - go.mod go.sum functions shared web/web.go web/dist | tar -xf - -C "$out/src"
first=$(sha256sum <build/arm64/relay/bootstrap)
(cd "$out/src" && GOOS=linux GOARCH=arm64 go build "$@" -o "$out/relay" ./functions/relay)
second=$(sha256sum <"$out/relay")
if [ "$first" != "$second" ]; then
	echo "functions/relay built in another folder gives other bytes: its asset would change without a change of code"
	exit 1
fi
for function in functions/*/; do
	name=$(basename "$function")
	size=$(gzip -c "build/arm64/$name/bootstrap" | wc -c)
	echo "$name: $((size / 1024)) KiB packed"
	if [ "$size" -gt 10485760 ]; then
		echo "functions/$name is over 10 MiB packed"
		exit 1
	fi
done
