#!/bin/sh
# Runs go test on packages and prints little: a line for each package, what was skipped and why, and everything about
# what failed.
set -u
log=$(mktemp)
trap 'rm -f "$log"' EXIT
go test -v "$@" >"$log" 2>&1
status=$?
if [ "$status" -ne 0 ]; then
	grep -vE '^ *(=== (RUN|PAUSE|CONT|NAME)|--- PASS)' "$log"
	exit "$status"
fi
grep -E '^ok ' "$log"
grep -oE 'SKIPPED .*' "$log" | sort -u
exit 0
