#!/bin/sh
# Installs the tools some lanes need. Without root it only says the line to type; the lanes that miss a tool say SKIPPED.
set -eu
packages=""
command -v chromium >/dev/null 2>&1 || packages="$packages chromium"
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
	if [ "$(id -u)" -eq 0 ] && command -v pip3 >/dev/null 2>&1; then
		echo "gestor: installing cfn-lint" >&2
		pip3 install -q --break-system-packages cfn-lint==1.51.0 || echo "gestor: cfn-lint not installed" >&2
	else
		echo "gestor: the infra lane wants cfn-lint; to install it: pipx install cfn-lint==1.51.0" >&2
	fi
fi
