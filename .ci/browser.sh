#!/bin/sh
# The console in a real browser against the real system.
set -eu
if ! command -v chromium >/dev/null 2>&1; then
	echo "SKIPPED browser: chromium is not on this machine (sudo apt-get install -y chromium)"
	exit 0
fi
cd web && npm test --silent
