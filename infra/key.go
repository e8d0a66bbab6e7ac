package main

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
)

// How the services that store for us name themselves to KMS. A role may use the key through them and never by itself, so
// whoever steals a function's credentials cannot decrypt what was copied elsewhere.
const (
	throughTables  = "dynamodb"
	throughQueues  = "sqs"
	throughSecrets = "secretsmanager"
	throughObjects = "s3"
)

const (
	// dataKeyReuse is how long SQS works with one data key, in seconds, the most it allows: a call of KMS for each sender
	// and day instead of one every five minutes.
	dataKeyReuse = 24 * 60 * 60
	// keyWaits is how many days a key that somebody deletes can be called back. Without it nothing here can be read.
	keyWaits = 30
)

// newKey declares the one key of the installation: tables, queues, raw deliveries, secrets, logs and alarms. One key
// costs one dollar a month, five would cost five and be used by the same roles.
func newKey(stack awscdk.Stack, s settings) awskms.CfnKey {
	key := awskms.NewCfnKey(stack, jsii.String("DataKey"), &awskms.CfnKeyProps{
		Description:         jsii.String("Everything the gestor stores (" + s.stage + ")"),
		EnableKeyRotation:   jsii.Bool(true),
		KeyPolicy:           keyPolicy(),
		PendingWindowInDays: jsii.Number(keyWaits),
	})
	key.ApplyRemovalPolicy(s.removal(), nil)
	return key
}

// keyPolicy says who may use the key. "*" is this key, as everywhere in a key's policy.
//
//   - The account administers it and may not decrypt with it, not even its administrators.
//   - Whoever IAM allows uses it, through the services that store for us.
//   - CloudWatch Logs encrypts this stack's log groups, and CloudWatch the alarms it sends.
func keyPolicy() awsiam.PolicyDocument {
	account := func() *[]awsiam.IPrincipal { return &[]awsiam.IPrincipal{awsiam.NewAccountRootPrincipal()} }
	service := func(name string) *[]awsiam.IPrincipal {
		return &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(name), nil)}
	}
	through := through(throughTables, throughQueues, throughSecrets, throughObjects)
	logs := awscdk.Fn_Join(jsii.String(""), &[]*string{
		jsii.String("arn:"), awscdk.Aws_PARTITION(), jsii.String(":logs:"), awscdk.Aws_REGION(), jsii.String(":"),
		awscdk.Aws_ACCOUNT_ID(), jsii.String(":log-group:"), awscdk.Aws_STACK_NAME(), jsii.String("-*"),
	})
	statement := func(sid string, who *[]awsiam.IPrincipal, when map[string]any, actions ...string) awsiam.PolicyStatement {
		props := &awsiam.PolicyStatementProps{
			Sid: jsii.String(sid), Principals: who, Actions: jsii.Strings(actions...), Resources: jsii.Strings("*"),
		}
		if when != nil {
			props.Conditions = &when
		}
		return awsiam.NewPolicyStatement(props)
	}
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
		statement("Administration", account(), nil,
			"kms:CancelKeyDeletion", "kms:DescribeKey", "kms:DisableKey", "kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy",
			"kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RevokeGrant",
			"kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateKeyDescription"),
		statement("UseThroughServices", account(), map[string]any{"StringEquals": map[string]any{"kms:ViaService": through}},
			"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
		// DynamoDB keeps a grant of its own for backups and maintenance; whoever creates the table makes it.
		statement("TablesKeepAGrant", account(), map[string]any{
			"StringEquals": map[string]any{"kms:ViaService": viaService(throughTables)},
			"Bool":         map[string]any{"kms:GrantIsForAWSResource": "true"},
		}, "kms:CreateGrant"),
		statement("Logs", service("logs.amazonaws.com"),
			map[string]any{"ArnLike": map[string]any{"kms:EncryptionContext:aws:logs:arn": logs}},
			"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
		statement("Alarms", service("cloudwatch.amazonaws.com"),
			map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}},
			"kms:Decrypt", "kms:GenerateDataKey"),
	}})
}

// viaService is a service of this region as KMS names it.
func viaService(name string) *string {
	return awscdk.Fn_Join(jsii.String(""), &[]*string{jsii.String(name + "."), awscdk.Aws_REGION(), jsii.String(".amazonaws.com")})
}

func through(services ...string) []*string {
	out := make([]*string, 0, len(services))
	for _, name := range services {
		out = append(out, viaService(name))
	}
	return out
}

// keyGrants adds what the key must allow so that the other grants work: one statement for each service they go through.
func keyGrants(grants []grant, key awskms.CfnKey) []grant {
	actions := map[string][]string{}
	for _, g := range grants {
		actions[g.through] = append(actions[g.through], g.key...)
	}
	var out []grant
	for _, one := range []struct{ sid, service string }{
		{"KeyOfTables", throughTables}, {"KeyOfQueues", throughQueues}, {"KeyOfSecrets", throughSecrets}, {"KeyOfObjects", throughObjects},
	} {
		wanted := actions[one.service]
		if len(wanted) == 0 {
			continue
		}
		slices.Sort(wanted)
		out = append(out, grant{
			sid: one.sid, actions: slices.Compact(wanted), on: []*string{key.AttrArn()},
			when: map[string]any{"StringEquals": map[string]any{"kms:ViaService": viaService(one.service)}},
		})
	}
	return out
}
