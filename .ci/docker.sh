#!/bin/sh
# A container engine for one lane: docker.sh LANE COMMAND… runs COMMAND with DOCKER_HOST as docker wants it, BRIDGE (the
# address by which containers reach this machine) and WORK (a folder that is gone afterwards). An engine that answers is
# used as it is; else root gets one of its own with a private bridge, which goes when COMMAND ends, however it ends.
set -eu
lane=$1
shift
engine=
child=
link=
WORK=$(mktemp -d)
# shellcheck disable=SC2317 # the traps call it
stop() {
	trap '' INT TERM
	# shellcheck disable=SC2015 # a process that has ended already is as good as one that obeys
	[ -z "$child" ] || { kill "$child" 2>/dev/null && wait "$child" || true; }
	# shellcheck disable=SC2015
	[ -z "$engine" ] || { kill "$engine" 2>/dev/null && wait "$engine" || true; }
	[ -z "$link" ] || ip link delete "$link" 2>/dev/null || true
	rm -rf "$WORK"
}
trap stop EXIT
trap 'exit 130' INT TERM
skip() {
	echo "SKIPPED $lane: $1"
	exit 0
}
start() {
	[ "$(id -u)" -eq 0 ] || skip "no container engine answers, and only root can start one"
	for tool in docker dockerd ip; do
		command -v "$tool" >/dev/null 2>&1 || skip "$tool is not on this machine (make tools-all installs it)"
	done
	link=gestor$(($$ % 100000))
	# Two lanes on one machine have different process ids, and so most likely different networks.
	BRIDGE=172.31.$(($$ % 250 + 1)).1
	ip link add "$link" type bridge 2>/dev/null || { link= && skip "this machine does not let us make a network bridge"; }
	ip address add "$BRIDGE/24" dev "$link"
	ip link set "$link" up
	mkdir "$WORK/docker"
	DOCKER_HOST=unix://$WORK/docker/sock
	export DOCKER_HOST
	# Publishing on the loopback goes through dockerd's own proxy: no rule of this machine's firewall is touched.
	dockerd --bridge "$link" --iptables=false --ip-masq=false --ip-forward=false --storage-driver=vfs --data-root "$WORK/docker/data" \
		--exec-root "$WORK/docker/exec" --pidfile "$WORK/docker/pid" --host "$DOCKER_HOST" >"$WORK/docker/log" 2>&1 &
	engine=$!
	tries=0
	until docker version >/dev/null 2>&1; do
		tries=$((tries + 1))
		if [ "$tries" -gt 120 ] || ! kill -0 "$engine" 2>/dev/null; then
			tail -5 "$WORK/docker/log" >&2
			skip "dockerd does not start here (its last words are above)"
		fi
		sleep 0.5
	done
}
if command -v docker >/dev/null 2>&1 && docker version >/dev/null 2>&1; then
	BRIDGE=$(docker network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}')
else
	start
fi
export BRIDGE WORK
"$@" &
child=$!
status=0
wait "$child" || status=$?
child=
exit "$status"
