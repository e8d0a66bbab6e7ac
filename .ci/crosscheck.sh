#!/bin/sh
# The cross-check lane: the store's contract on Amazon's DynamoDB Local and what the functions rely on of a queue on moto, so
# that our engines are not the only judges of what we send them. Both servers and the tests run in a network namespace of
# their own, which has nothing but a loopback: DynamoDB Local listens on every address there is.
set -u
java=bin/dynamodb-local
moto=bin/moto/bin/moto_server
skip() {
	echo "SKIPPED crosscheck: $1"
	exit 0
}
if [ "${1:-}" != inside ]; then
	command -v java >/dev/null 2>&1 || skip "java is not on this machine (make tools-all installs it)"
	[ -f "$java/.complete" ] || skip "DynamoDB Local is not there (make tools-all brings it)"
	[ -x "$moto" ] || skip "moto is not there (make tools-all installs it)"
	command -v ip >/dev/null 2>&1 || skip "ip is not on this machine (make tools-all installs it)"
	alone=--net
	[ "$(id -u)" -eq 0 ] || alone="--net --map-root-user"
	# shellcheck disable=SC2086 # one or two options
	unshare $alone ip link set lo up 2>/dev/null || skip "this machine does not let us make a network namespace (root may)"
	WORK=$(mktemp -d)
	export WORK
	trap 'rm -rf "$WORK"' EXIT
	go test -c -o "$WORK/store.test" ./shared/dynamo && go test -c -o "$WORK/queue.test" ./cmd/gestor/internal/queue || exit 1
	# shellcheck disable=SC2086
	unshare $alone "$0" inside
	exit
fi

servers=
# shellcheck disable=SC2317 # the trap calls it
stop() {
	# shellcheck disable=SC2086 # a list of ids
	[ -z "$servers" ] || kill $servers 2>/dev/null
}
trap stop EXIT
trap 'exit 130' INT TERM
ip link set lo up

# serve NAME PORT COMMAND… starts a server and waits until it answers.
serve() {
	name=$1
	port=$2
	shift 2
	"$@" >"$WORK/$name.log" 2>&1 &
	servers="$servers $!"
	tries=0
	until curl -s -o /dev/null "http://127.0.0.1:$port/"; do
		tries=$((tries + 1))
		if [ "$tries" -gt 240 ] || ! kill -0 "$!" 2>/dev/null; then
			echo "$name did not start:"
			tail -5 "$WORK/$name.log"
			exit 1
		fi
		sleep 0.25
	done
}

# try NAME FOLDER PATTERN runs the tests of a folder and prints what failed, what differs, and how many passed.
try() {
	log=$WORK/$1.out
	if (cd "$2" && "$WORK/$1.test" -test.v -test.timeout 20m -test.run "$3") >"$log" 2>&1 && grep -q -- '^--- PASS' "$log"; then
		echo "$1: $(grep -cE '^ *--- PASS' "$log") tests and parts passed"
	else
		grep -vE '^ *(=== (RUN|PAUSE|CONT|NAME)|--- PASS)|DIFFERS ' "$log"
		failed=1
	fi
	grep -oE '(DIFFERS|SKIPPED) .*' "$log" | sort -u
}

failed=0
serve dynamodb-local 8000 java -Djava.library.path="$java" -cp "$java/*" software.amazon.dynamodb.services.local.main.ServerRunner \
	-inMemory -disableTelemetry -port 8000
serve moto 5000 "$moto" -H 127.0.0.1 -p 5000
export GESTOR_DYNAMODB=http://127.0.0.1:8000 GESTOR_SQS=http://127.0.0.1:5000
# Not the cost of a step: DynamoDB Local counts capacity otherwise than the service.
try store shared/dynamo '^Test(Contract|Commit|Store)'
try queue cmd/gestor/internal/queue '^TestSecondOpinion$'
exit "$failed"
