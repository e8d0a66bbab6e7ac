#!/bin/sh
# Installs the tools some lanes need. Without root it only says the line to type; the lanes that miss a tool say SKIPPED.
set -eu
linter=v2.6.2
if ! bin/golangci-lint version 2>/dev/null | grep -q "${linter#v}"; then
	echo "gestor: building golangci-lint $linter (some minutes, once)" >&2
	mkdir -p bin
	GOBIN="$PWD/bin" go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$linter" ||
		echo "gestor: golangci-lint not installed" >&2
fi
packages=""
command -v chromium >/dev/null 2>&1 || packages="$packages chromium"
command -v cc >/dev/null 2>&1 || packages="$packages gcc libc6-dev"
command -v pip3 >/dev/null 2>&1 || packages="$packages python3-pip"
if [ -n "$packages" ]; then
	if [ "$(id -u)" -eq 0 ]; then
		echo "gestor: installing$packages" >&2
		apt-get install -y -qq $packages >/dev/null || echo "gestor: not installed:$packages" >&2
	else
		echo "gestor: some lanes need tools that are missing; to install them: sudo apt-get install -y$packages" >&2
	fi
fi
if ! command -v cfn-lint >/dev/null 2>&1; then
	if [ "$(id -u)" -eq 0 ] && command -v cc >/dev/null 2>&1 || packages="$packages gcc libc6-dev"
command -v pip3 >/dev/null 2>&1; then
		echo "gestor: installing cfn-lint" >&2
		pip3 install -q --break-system-packages cfn-lint==1.51.0 || echo "gestor: cfn-lint not installed" >&2
	else
		echo "gestor: the infra lane wants cfn-lint; to install it: pipx install cfn-lint==1.51.0" >&2
	fi
fi
