#!/bin/sh
# The SAM lane: every function in a container, as the SAM CLI runs it, with every file of events/invoke, against a local
# system whose engines the containers reach over a private bridge. `sam.sh keep` stays up afterwards for calls by
# hand.
set -eu
sam=$PWD/bin/sam/bin/sam
skip() {
	echo "SKIPPED sam: $1"
	exit 0
}
if [ "${1:-}" != inside ]; then
	[ "$(uname -m)" = x86_64 ] || skip "its functions are built for x86-64"
	[ -x "$sam" ] || skip "the SAM CLI is not there (make tools-all installs it)"
	if ! command -v busybox >/dev/null 2>&1 || ldd "$(command -v busybox)" >/dev/null 2>&1; then
		skip "no static busybox on this machine (make tools-all installs it)"
	fi
	exec .ci/docker.sh sam "$0" inside "$@"
fi
shift

image=gestor-base
system=
driver=
# shellcheck disable=SC2317 # the traps call it
stop() {
	trap '' INT TERM
	for process in $driver $system; do
		# shellcheck disable=SC2015 # a process that has ended already is as good as one that obeys
		kill "$process" 2>/dev/null && wait "$process" || true
	done
	left=$(docker ps -aq --filter label=sam.cli.container.type=lambda --filter "ancestor=$image:rapid-x86_64")
	# shellcheck disable=SC2086 # a list of ids
	[ -z "$left" ] || docker rm -f $left >/dev/null 2>&1 || true
}
trap stop EXIT
trap 'exit 130' INT TERM

# What a Lambda image must have for SAM to put its runtime emulator in: a shell, mv and chmod. Nothing is pulled.
mkdir "$WORK/image"
cp "$(command -v busybox)" "$WORK/image/busybox"
cat >"$WORK/image/Dockerfile" <<-'EOF'
	FROM scratch
	COPY busybox /bin/busybox
	RUN ["/bin/busybox", "--install", "-s", "/bin"]
EOF
DOCKER_BUILDKIT=0 docker build -t "$image:local" "$WORK/image" >"$WORK/image.log" 2>&1 || {
	cat "$WORK/image.log" >&2
	exit 1
}

echo "gestor: synthesizing the x86-64 variant" >&2
CDK_OUTDIR="$WORK/cdk" go run -buildvcs=false ./infra -c arch=x86_64

mkdir "$WORK/data"
GESTOR_ADDR=127.0.0.1:0 GESTOR_SIM_ADDR=127.0.0.1:0 GESTOR_DATA="$WORK/data" GESTOR_ENGINE_HOST="$BRIDGE" \
	bin/gestor run >"$WORK/ready" 2>"$WORK/system.log" &
system=$!
until grep -q '^gestor ready: ' "$WORK/ready"; do
	kill -0 "$system" 2>/dev/null || {
		cat "$WORK/system.log" >&2
		exit 1
	}
	sleep 0.2
done
base=$(sed -n 's/^gestor ready: \(http[^ ]*\).*/\1/p' "$WORK/ready")
sim=$(sed -n 's/.*(simulador: \(http[^)]*\)).*/\1/p' "$WORK/ready")

go build -buildvcs=false -o "$WORK/driver" ./cmd/gestor/internal/sam
# SAM asks its maker for news and the account for its number; these settings keep both questions on this machine.
mkdir "$WORK/sam"
printf '{"telemetryEnabled": false, "lastVersionCheck": %s}\n' "$(date +%s)" >"$WORK/sam/metadata.json"
__SAM_CLI_APP_DIR="$WORK/sam" SAM_CLI_TELEMETRY=0 AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_EC2_METADATA_DISABLED=true \
	AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1 \
	"$WORK/driver" -sam "$sam" -python "$PWD/bin/sam/bin/python" -image "$image:local" -template "$WORK/cdk/Gestor.template.json" \
	-functions "$WORK/data/functions.json" -base "$base" -sim "$sim" ${1:+"-$1"} &
driver=$!
status=0
wait "$driver" || status=$?
driver=
if [ "$status" -ne 0 ]; then
	tail -5 "$WORK/system.log" "$WORK/data/functions.log" "$WORK/data/start-api.log" 2>/dev/null >&2 || true
fi
exit "$status"
