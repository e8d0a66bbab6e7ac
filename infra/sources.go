package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

const (
	// outboxOnly lets through what relay is for: outbox items that were just written. Everything else in the table,
	// and what relay itself changes, costs no invocation.
	outboxOnly = `{"eventName":["INSERT"],"dynamodb":{"Keys":{"SK":{"S":[{"prefix":"O#"}]}}}}`

	// A record that keeps failing holds up its shard, so it gets few tries and at most an hour; then relay's dead
	// letters name it, and tick hands its item over from the outbox anyway.
	streamRetries = 5
	streamAge     = 60 * 60
)

// newSources connects queues and stream to the functions that read them. All answer with the failed items alone, and
// none may grow without bound.
func newSources(stack awscdk.Stack, r *resources) {
	fromQueue(stack, functionNamed("intake"), r.inbox, r.intake)
	fromQueue(stack, functionNamed("deliver"), r.outbound, r.deliver)
	fromQueue(stack, functionNamed("escalate"), r.siac, r.escalate)
	fromQueue(stack, functionNamed("fetch"), r.fetching, r.fetch)
	fromQueue(stack, functionNamed("tick"), r.soon, r.tick)
	fromStream(stack, functionNamed("relay"), r)
}

func fromQueue(stack awscdk.Stack, row function, q awssqs.CfnQueue, reader awslambda.CfnFunction) {
	awslambda.NewCfnEventSourceMapping(stack, jsii.String(row.logical()+"Source"), &awslambda.CfnEventSourceMappingProps{
		BatchSize:             jsii.Number(row.batch),
		EventSourceArn:        q.AttrArn(),
		FunctionName:          reader.Ref(),
		FunctionResponseTypes: jsii.Strings("ReportBatchItemFailures"),
		ScalingConfig: &awslambda.CfnEventSourceMapping_ScalingConfigProperty{
			MaximumConcurrency: jsii.Number(row.concurrency),
		},
	})
}

func fromStream(stack awscdk.Stack, row function, r *resources) {
	awslambda.NewCfnEventSourceMapping(stack, jsii.String(row.logical()+"Source"), &awslambda.CfnEventSourceMappingProps{
		BatchSize:                  jsii.Number(row.batch),
		BisectBatchOnFunctionError: jsii.Bool(true),
		DestinationConfig: &awslambda.CfnEventSourceMapping_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: r.relayDeadLetters.AttrArn()},
		},
		EventSourceArn: r.tables.work.AttrStreamArn(),
		FilterCriteria: &awslambda.CfnEventSourceMapping_FilterCriteriaProperty{
			Filters: []any{&awslambda.CfnEventSourceMapping_FilterProperty{Pattern: jsii.String(outboxOnly)}},
		},
		FunctionName:              r.relay.Ref(),
		FunctionResponseTypes:     jsii.Strings("ReportBatchItemFailures"),
		MaximumRecordAgeInSeconds: jsii.Number(streamAge),
		MaximumRetryAttempts:      jsii.Number(streamRetries),
		ParallelizationFactor:     jsii.Number(row.concurrency),
		StartingPosition:          jsii.String("TRIM_HORIZON"),
	})
}
