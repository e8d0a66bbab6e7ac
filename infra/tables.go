package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
)

// Index names, as the store asks for them.
const (
	waitingIndex = "GSI1" // what waits, for a person or for a moment
	boardIndex   = "GSI2" // whose board
	dayIndex     = "day"  // the bitácora of one day
)

// tables are the only store of record.
type tables struct {
	// work holds tickets, mentions, replies and the outbox; its stream carries each consequence to relay.
	work awsdynamodb.CfnTable
	// bitacora is the audit. It has no stream and no TTL, and no role may change or delete what is in it.
	bitacora awsdynamodb.CfnTable
}

// index is a global secondary index with both keys of text and a projection that holds no citizen's words.
type index struct {
	name, partition, sort string
	include               []string
}

func newTables(stack awscdk.Stack, s settings, key awskms.CfnKey) tables {
	work := tableProps(s, key, []index{
		{waitingIndex, "GSI1PK", "GSI1SK", []string{"row", "v", "ttl"}},
		{boardIndex, "GSI2PK", "GSI2SK", []string{"row", "v", "ttl"}},
	})
	work.StreamSpecification = &awsdynamodb.CfnTable_StreamSpecificationProperty{StreamViewType: jsii.String("NEW_IMAGE")}
	work.TimeToLiveSpecification = &awsdynamodb.CfnTable_TimeToLiveSpecificationProperty{
		AttributeName: jsii.String("ttl"), Enabled: jsii.Bool(true),
	}
	bitacora := tableProps(s, key, []index{
		{dayIndex, "DAYPK", "DAYSK", []string{"ticket", "version", "at"}},
	})
	t := tables{
		work:     awsdynamodb.NewCfnTable(stack, jsii.String("WorkTable"), work),
		bitacora: awsdynamodb.NewCfnTable(stack, jsii.String("BitacoraTable"), bitacora),
	}
	t.work.ApplyRemovalPolicy(s.removal(), nil)
	t.bitacora.ApplyRemovalPolicy(s.removal(), nil)
	return t
}

// tableProps are what both tables share: PK and SK of text, paid per request, recoverable to any second of the last 35
// days, encrypted with our key, protected against deletion.
func tableProps(s settings, key awskms.CfnKey, indexes []index) *awsdynamodb.CfnTableProps {
	names := []string{"PK", "SK"}
	global := make([]any, 0, len(indexes))
	for _, i := range indexes {
		names = append(names, i.partition, i.sort)
		global = append(global, &awsdynamodb.CfnTable_GlobalSecondaryIndexProperty{
			IndexName: jsii.String(i.name),
			KeySchema: keys(i.partition, i.sort),
			Projection: &awsdynamodb.CfnTable_ProjectionProperty{
				ProjectionType: jsii.String("INCLUDE"), NonKeyAttributes: jsii.Strings(i.include...),
			},
		})
	}
	attributes := make([]any, 0, len(names))
	for _, name := range names {
		attributes = append(attributes, &awsdynamodb.CfnTable_AttributeDefinitionProperty{
			AttributeName: jsii.String(name), AttributeType: jsii.String("S"),
		})
	}
	return &awsdynamodb.CfnTableProps{
		AttributeDefinitions:      attributes,
		BillingMode:               jsii.String("PAY_PER_REQUEST"),
		DeletionProtectionEnabled: jsii.Bool(!s.disposable()),
		GlobalSecondaryIndexes:    global,
		KeySchema:                 keys("PK", "SK"),
		PointInTimeRecoverySpecification: &awsdynamodb.CfnTable_PointInTimeRecoverySpecificationProperty{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
		SseSpecification: &awsdynamodb.CfnTable_SSESpecificationProperty{
			KmsMasterKeyId: key.AttrArn(), SseEnabled: jsii.Bool(true), SseType: jsii.String("KMS"),
		},
	}
}

func keys(partition, sort string) []any {
	return []any{
		&awsdynamodb.CfnTable_KeySchemaProperty{AttributeName: jsii.String(partition), KeyType: jsii.String("HASH")},
		&awsdynamodb.CfnTable_KeySchemaProperty{AttributeName: jsii.String(sort), KeyType: jsii.String("RANGE")},
	}
}
