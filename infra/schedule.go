package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// newSchedule starts tick and fetch every minute, by a rule each: what one of them does never waits for the other, and either
// may be switched off alone.
func newSchedule(stack awscdk.Stack, r *resources) {
	r.minute = everyMinute(stack, "MinuteRule", "Hands over what is due", "tick", r.tick)
	r.looks = everyMinute(stack, "LookRule", "Looks at our accounts", "fetch", r.fetch)
}

// everyMinute declares a rule for one function. A minute that fails is not retried by the rule for longer than a minute: the
// next one does its work too.
func everyMinute(stack awscdk.Stack, id, purpose, name string, f awslambda.CfnFunction) awsevents.CfnRule {
	rule := awsevents.NewCfnRule(stack, jsii.String(id), &awsevents.CfnRuleProps{
		Description:        jsii.String(purpose),
		ScheduleExpression: jsii.String("rate(1 minute)"),
		State:              jsii.String("ENABLED"),
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Arn: f.AttrArn(),
			Id:  jsii.String(name),
			RetryPolicy: &awsevents.CfnRule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(60),
				MaximumRetryAttempts:     jsii.Number(1),
			},
		}},
	})
	invokedBy(stack, id+"Permission", "events.amazonaws.com", rule.AttrArn(), f)
	return rule
}

// invokedBy lets one source, and no other of the same service, call a function.
func invokedBy(stack awscdk.Stack, id, service string, source *string, f awslambda.CfnFunction) {
	awslambda.NewCfnPermission(stack, jsii.String(id), &awslambda.CfnPermissionProps{
		Action:       jsii.String("lambda:InvokeFunction"),
		FunctionName: f.AttrArn(),
		Principal:    jsii.String(service),
		SourceArn:    source,
	})
}
