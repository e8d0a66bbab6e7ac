package main

import (
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// ownMetrics is the namespace of what the functions count themselves, in their logs.
const ownMetrics = "Gestor"

// series is one metric as CloudWatch knows it.
type series struct {
	namespace, name string
	dimensions      map[string]*string
	statistic       string
}

// alarm is one thing that must be so, seen from outside. It rings when sum of its series is above limit (below it, when
// below is set) in bad of the last out-of periods.
type alarm struct {
	id, says string
	series   []series
	seconds  int
	bad, of  int
	limit    float64
	below    bool
	// silent says what no data means: by default that nothing happened; true that nobody measures, which rings.
	silent bool
}

// newAlarms declares every alarm, and the topic that tells AlarmEmail when one begins and when it ends.
func newAlarms(stack awscdk.Stack, r *resources) {
	topic := newAlarmTopic(stack, r)
	made := map[string]awscloudwatch.CfnAlarm{}
	for _, a := range slices.Concat(queueAlarms(r), functionAlarms(r), systemAlarms(r)) {
		made[a.id] = newAlarm(stack, a, topic)
	}
	for _, id := range rollbackAlarms() {
		r.rollback = append(r.rollback, made[id].AttrArn())
	}
}

// rollbackAlarms are those that send a deployment back (ADR 0016), five being the most CloudFormation watches. Between
// them they see every function fail: webhook and desk by their 5xx, intake by its queue, relay by its stream, tick by its
// silence, deliver and escalate by work that stays.
func rollbackAlarms() []string {
	return []string{"ServerErrors", "InboxQueueAge", "StreamAge", "NoTick", "OldestDueWork"}
}

// newAlarmTopic declares where alarms go. Only CloudWatch may publish, for alarms of this account, and nobody over a plain
// connection.
func newAlarmTopic(stack awscdk.Stack, r *resources) awssns.CfnTopic {
	topic := awssns.NewCfnTopic(stack, jsii.String("Alarms"), &awssns.CfnTopicProps{
		DisplayName: jsii.String("Gestor"), KmsMasterKeyId: r.key.AttrArn(),
	})
	awssns.NewCfnSubscription(stack, jsii.String("AlarmsByMail"), &awssns.CfnSubscriptionProps{
		Endpoint: ref(r.params.alarmEmail), Protocol: jsii.String("email"), TopicArn: topic.Ref(),
	})
	alarms := awscdk.Fn_Join(jsii.String(""), &[]*string{
		jsii.String("arn:"), awscdk.Aws_PARTITION(), jsii.String(":cloudwatch:"), awscdk.Aws_REGION(), jsii.String(":"),
		awscdk.Aws_ACCOUNT_ID(), jsii.String(":alarm:"), awscdk.Aws_STACK_NAME(), jsii.String("-*"),
	})
	awssns.NewCfnTopicPolicy(stack, jsii.String("AlarmsPolicy"), &awssns.CfnTopicPolicyProps{
		Topics: &[]*string{topic.Ref()},
		PolicyDocument: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Sid: jsii.String("AlarmsOfThisStack"), Actions: jsii.Strings("sns:Publish"), Resources: &[]*string{topic.Ref()},
				Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
				Conditions: &map[string]any{
					"ArnLike":      map[string]any{"aws:SourceArn": alarms},
					"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()},
				},
			}),
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Sid: jsii.String("TlsOnly"), Effect: awsiam.Effect_DENY, Actions: jsii.Strings("sns:Publish"), Resources: &[]*string{topic.Ref()},
				Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
				Conditions: &map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
			}),
		}}),
	})
	return topic
}

func newAlarm(stack awscdk.Stack, a alarm, topic awssns.CfnTopic) awscloudwatch.CfnAlarm {
	compare, missing := "GreaterThanThreshold", "notBreaching"
	if a.below {
		compare = "LessThanThreshold"
	}
	if a.silent {
		missing = "breaching"
	}
	props := &awscloudwatch.CfnAlarmProps{
		AlarmActions:       &[]any{topic.Ref()},
		AlarmDescription:   jsii.String(a.says),
		ComparisonOperator: jsii.String(compare),
		DatapointsToAlarm:  jsii.Number(a.bad),
		EvaluationPeriods:  jsii.Number(a.of),
		OkActions:          &[]any{topic.Ref()},
		Threshold:          jsii.Number(a.limit),
		TreatMissingData:   jsii.String(missing),
	}
	if len(a.series) == 1 {
		only := a.series[0]
		props.Namespace, props.MetricName = jsii.String(only.namespace), jsii.String(only.name)
		props.Dimensions, props.Period = dimensions(only), jsii.Number(a.seconds)
		if only.statistic[0] == 'p' {
			props.ExtendedStatistic = jsii.String(only.statistic)
		} else {
			props.Statistic = jsii.String(only.statistic)
		}
	} else {
		props.Metrics = summed(a)
	}
	return awscloudwatch.NewCfnAlarm(stack, jsii.String(a.id+"Alarm"), props)
}

// summed adds several series up; one that has no data counts as nothing.
func summed(a alarm) []any {
	queries := []any{&awscloudwatch.CfnAlarm_MetricDataQueryProperty{
		Id: jsii.String("sum"), Expression: jsii.String("SUM(METRICS())"), ReturnData: jsii.Bool(true),
	}}
	for i, s := range a.series {
		queries = append(queries, &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id: jsii.String("m" + strconv.Itoa(i)), ReturnData: jsii.Bool(false),
			MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
				Metric: &awscloudwatch.CfnAlarm_MetricProperty{
					Namespace: jsii.String(s.namespace), MetricName: jsii.String(s.name), Dimensions: dimensions(s),
				},
				Period: jsii.Number(a.seconds), Stat: jsii.String(s.statistic),
			},
		})
	}
	return queries
}

func dimensions(s series) []any {
	var out []any
	for _, name := range sorted(s.dimensions) {
		out = append(out, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(name), Value: s.dimensions[name]})
	}
	return out
}
