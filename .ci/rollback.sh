#!/bin/sh
# Deploys an earlier commit: rollback.sh STAGE COMMIT. It is built anew in a folder of its own; since equal sources give
# equal bytes, what is uploaded is what ran then. Parameters keep their values. The rollback alarms are left out: they
# ring already, or nobody would go back.
set -eu
stage=$1
commit=$2
if [ -z "$commit" ]; then
	echo 'usage: make rollback STAGE=… TO=<commit>' >&2
	exit 2
fi
there=$(mktemp -d)
trap 'git worktree remove --force "$there"' EXIT
git worktree add --quiet --detach "$there" "$commit"
ROLLBACK_ALARMS=none make -C "$there" --no-print-directory deploy STAGE="$stage" PARAMETERS=/dev/null
