#!/bin/sh
# Installs what only the cross-check and the SAM lane need: an engine for containers, Java, DynamoDB Local, moto and the SAM
# CLI. Kept apart from tools.sh because it is much, and `make test` needs none of it.
set -eu
packages=""
command -v java >/dev/null 2>&1 || packages="$packages default-jre-headless"
command -v curl >/dev/null 2>&1 || packages="$packages curl ca-certificates"
command -v ip >/dev/null 2>&1 || packages="$packages iproute2"
# A busybox that needs libraries is no use in an image that has none.
if ! command -v busybox >/dev/null 2>&1 || ldd "$(command -v busybox)" >/dev/null 2>&1; then
	packages="$packages busybox-static"
fi
# dockerd wants iptables even where it is told to leave it alone.
docker version >/dev/null 2>&1 || command -v dockerd >/dev/null 2>&1 || packages="$packages docker.io iptables"
if [ -n "$packages" ]; then
	if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
		echo "gestor: installing$packages" >&2
		apt-get update -qq >/dev/null || true
		# Later Debians have the client in a package of its own.
		case $packages in
		*docker.io*) if apt-cache show docker-cli >/dev/null 2>&1; then packages="$packages docker-cli"; fi ;;
		esac
		# shellcheck disable=SC2086 # a list of words
		{ apt-get install -y -qq --no-install-recommends $packages; } >/dev/null ||
			echo "gestor: not installed:$packages" >&2
	else
		echo "gestor: some lanes need tools that are missing; to install them: sudo apt-get install -y$packages" >&2
	fi
fi

# environment FOLDER REQUIREMENT… makes a Python environment of its own: the pins of these programs exclude each other.
environment() {
	folder=$1
	shift
	[ ! -f "$folder/.complete" ] || return 0
	echo "gestor: installing $*" >&2
	if { rm -rf "$folder" && python3 -m venv "$folder" && "$folder/bin/pip" install -q --disable-pip-version-check "$@"; }; then
		touch "$folder/.complete"
	else
		echo "gestor: not installed: $*" >&2
	fi
}
environment bin/moto 'moto[server,sqs]==5.2.1'
environment bin/sam aws-sam-cli==1.164.0

# Amazon's licence lets nobody pass DynamoDB Local on, so it is fetched from where Amazon publishes it and never committed.
# The list names it and what of its dependencies it loads, with checksums.
engine=bin/dynamodb-local
fetch() {
	while read -r sum path; do
		curl -sSfL --retry 3 -o "$1/$(basename "$path")" "https://repo1.maven.org/maven2/$path" || return 1
		echo "$sum  $1/$(basename "$path")" | sha256sum -c --quiet - || return 1
	done <.ci/dynamodb-local.sums
	# The loader wants its library under this name.
	mv "$1"/libsqlite4java-linux-amd64-*.so "$1/libsqlite4java-linux-amd64.so"
}
if ! [ -f "$engine/.complete" ]; then
	echo "gestor: fetching DynamoDB Local" >&2
	rm -rf "$engine"
	mkdir -p "$engine"
	if fetch "$engine"; then
		touch "$engine/.complete"
	else
		echo "gestor: DynamoDB Local not fetched" >&2
	fi
fi
