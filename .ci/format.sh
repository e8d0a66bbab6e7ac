#!/bin/sh
# Formatting and vet of everything that is ours.
set -eu
unformatted=$(gofmt -l cmd functions infra shared web 2>/dev/null | grep -v node_modules || true)
if [ -n "$unformatted" ]; then
	echo "not formatted with gofmt:"
	echo "$unformatted"
	exit 1
fi
go vet ./cmd/... ./functions/... ./shared/... ./infra/...
