#!/bin/sh
# Runs go test on packages and prints little: a line for each package, what was skipped and why, and everything about
# what failed.
set -u
log=$(mktemp)
trap 'rm -f "$log"' EXIT
race=
# The race detector is off where only the compiler of the test would gain by it: CDK, and tests that run other programs.
if [ "${RACE:-yes}" = no ]; then
	:
elif command -v "${CC:-cc}" >/dev/null 2>&1; then
	export CGO_ENABLED=1
	race=-race
else
	echo "SKIPPED race detector: no C compiler (cc) on this machine"
fi
go test $race -timeout "${LIMIT:-30m}" -v "$@" >"$log" 2>&1
status=$?
if [ "$status" -ne 0 ]; then
	grep -vE '^ *(=== (RUN|PAUSE|CONT|NAME)|--- PASS)' "$log"
	exit "$status"
fi
grep -E '^ok ' "$log"
grep -oE 'SKIPPED .*' "$log" | sort -u
exit 0
