#!/bin/sh
# Deploys the assembly in cdk.out: deploy.sh STAGE PARAMETERS. PARAMETERS is a file of KEY=VALUE lines; what it does not
# name, or all when there is no such file, keeps the value it has. When the stack exists already, CloudFormation watches
# its rollback alarms during the deployment and for a quarter of an hour after, and goes back by itself if one begins;
# ROLLBACK_ALARMS=none deploys without them, for when they ring already and the deployment is the cure.
set -eu
stage=$1
parameters=$2
cdk='aws-cdk@2.1148.1'
set -- deploy --app cdk.out --outputs-file cdk.out/outputs.json
if [ -f "$parameters" ]; then
	while IFS= read -r line || [ -n "$line" ]; do
		case $line in
		'' | '#'*) ;;
		*=*) set -- "$@" --parameters "$line" ;;
		*)
			echo "$parameters: not KEY=VALUE: $line" >&2
			exit 1
			;;
		esac
	done <"$parameters"
fi
if [ -z "${ROLLBACK_ALARMS-}" ]; then
	if ! command -v aws >/dev/null; then
		echo 'gestor: without the aws command nobody knows the rollback alarms; deploying without them' >&2
	elif answer=$(aws cloudformation describe-stacks --stack-name "gestor-$stage" --output text \
		--query "Stacks[0].Outputs[?OutputKey=='RollbackAlarms'].OutputValue" 2>&1); then
		ROLLBACK_ALARMS=$answer
	else
		case $answer in
		*'does not exist'*) echo 'gestor: no stack yet, so no rollback alarms' >&2 ;;
		*)
			echo "gestor: the rollback alarms cannot be read; nothing was deployed (ROLLBACK_ALARMS=none deploys without them): $answer" >&2
			exit 1
			;;
		esac
	fi
fi
case ${ROLLBACK_ALARMS-} in
'' | None) ;;
none) set -- "$@" --rollback-trigger-alarm-arns none ;;
*)
	before=$IFS
	IFS=,
	for alarm in $ROLLBACK_ALARMS; do
		set -- "$@" --rollback-trigger-alarm-arns "$alarm"
	done
	IFS=$before
	set -- "$@" --monitoring-time-minutes 15
	;;
esac
exec npx --yes "$cdk" "$@" Gestor
