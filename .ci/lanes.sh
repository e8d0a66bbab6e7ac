#!/bin/sh
# Runs lanes one after the other, each as `make lane-NAME`, and ends with a summary. Times are told, never judged. A lane
# that fails does not stop the next: one run should say everything that is wrong.
set -u
summary=$(mktemp)
output=$(mktemp)
trap 'rm -f "$summary" "$output"' EXIT
failed=0
for lane in "$@"; do
	echo "== $lane"
	begun=$(date +%s)
	if { make --no-print-directory "lane-$lane" 2>&1 || echo "FAILED lane-$lane"; } | tee "$output" | sed 's/^/   /'; then :; fi
	seconds=$(($(date +%s) - begun))
	skipped=$(grep -c '^SKIPPED ' "$output")
	if grep -q "^FAILED lane-$lane\$" "$output"; then
		failed=$((failed + 1))
		result=failed
	else
		result=passed
	fi
	printf '%-10s %s in %ds, %s skipped\n' "$lane" "$result" "$seconds" "$skipped" >>"$summary"
	grep '^SKIPPED ' "$output" | sed 's/^/           /' >>"$summary"
done
echo "== summary"
cat "$summary"
[ "$failed" -eq 0 ]
