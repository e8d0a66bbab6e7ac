#!/bin/sh
# Formatting, vet, the linters of .golangci.yml, and which way the arrows between packages point.
set -eu
unformatted=$(gofmt -l cmd functions infra shared web/*.go web/build)
if [ -n "$unformatted" ]; then
	echo "not formatted with gofmt:"
	echo "$unformatted"
	exit 1
fi
go vet ./cmd/... ./functions/... ./shared/... ./infra/... ./web ./web/build
go test ./shared
if [ -x bin/golangci-lint ]; then
	bin/golangci-lint run ./cmd/... ./functions/... ./shared/... ./infra/... ./web ./web/build
else
	echo "SKIPPED lint: bin/golangci-lint is not there (make tools installs it)"
fi
cd web && npm run --silent check
