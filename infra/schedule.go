package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// newSchedule starts tick every minute. A minute that fails is not retried by the rule for longer than a minute: the next
// one does its work too.
func newSchedule(stack awscdk.Stack, r *resources) {
	rule := awsevents.NewCfnRule(stack, jsii.String("MinuteRule"), &awsevents.CfnRuleProps{
		Description:        jsii.String("Hands over what is due"),
		ScheduleExpression: jsii.String("rate(1 minute)"),
		State:              jsii.String("ENABLED"),
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Arn: r.tick.AttrArn(),
			Id:  jsii.String("tick"),
			RetryPolicy: &awsevents.CfnRule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(60),
				MaximumRetryAttempts:     jsii.Number(1),
			},
		}},
	})
	r.minute = rule
	invokedBy(stack, "MinuteRulePermission", "events.amazonaws.com", rule.AttrArn(), r.tick)
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
