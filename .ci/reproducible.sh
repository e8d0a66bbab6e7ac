#!/bin/sh
# Building the functions again from scratch, elsewhere, gives the same bytes, and each fits: reproducible.sh FLAGS…
set -eu
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/src"
tar -cf - go.mod go.sum functions shared web/web.go web/dist | tar -xf - -C "$out/src"
limit=10000000
for folder in functions/*/; do
	name=$(basename "$folder")
	(cd "$out/src" && GOOS=linux GOARCH=arm64 go build "$@" -o "$out/$name" "./functions/$name")
	if ! cmp -s "build/arm64/$name/bootstrap" "$out/$name"; then
		echo "functions/$name built in another folder gives other bytes: its asset would change without a change of code"
		exit 1
	fi
	# Packed as in the zip that is uploaded: the same deflate, and a header of a few hundred bytes more.
	size=$(($(gzip -c "$out/$name" | wc -c) + 1024))
	echo "$name: the same bytes, $((size / 1000)) kB packed"
	if [ "$size" -gt "$limit" ]; then
		echo "functions/$name is over $((limit / 1000000)) MB packed"
		exit 1
	fi
done
