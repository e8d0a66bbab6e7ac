#!/bin/sh
# Installs what the checks need and is missing. What only root may install is named with the line to type; the lanes that
# miss a tool say SKIPPED.
set -eu
linter=v2.6.2
if ! bin/golangci-lint version 2>/dev/null | grep -q "${linter#v}"; then
	echo "gestor: building golangci-lint $linter (some minutes, once)" >&2
	mkdir -p bin
	GOBIN="$PWD/bin" go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$linter" ||
		echo "gestor: golangci-lint not installed" >&2
fi
packages=""
# A browser without fonts draws nothing, and --no-install-recommends brings none.
command -v chromium >/dev/null 2>&1 || packages="$packages chromium fonts-dejavu-core fonts-liberation"
command -v cc >/dev/null 2>&1 || packages="$packages gcc libc6-dev"
python3 -c 'import ensurepip' >/dev/null 2>&1 || packages="$packages python3-venv"
if [ -n "$packages" ]; then
	if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
		echo "gestor: installing$packages" >&2
		# shellcheck disable=SC2086 # a list of words
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages; } >/dev/null ||
			echo "gestor: not installed:$packages" >&2
	else
		echo "gestor: some lanes need tools that are missing; to install them: sudo apt-get install -y$packages" >&2
	fi
fi
if ! [ -x bin/python/bin/cfn-lint ] && python3 -c 'import ensurepip' >/dev/null 2>&1; then
	echo "gestor: installing cfn-lint" >&2
	{ python3 -m venv bin/python && bin/python/bin/pip install -q --disable-pip-version-check cfn-lint==1.51.0; } ||
		echo "gestor: cfn-lint not installed" >&2
fi
