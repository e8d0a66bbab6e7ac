package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// grant is one statement of a role: what it is for, exact actions, exact ARNs and, where those leave too much, a condition.
//
// Two kinds of ARN end in a wildcard because AWS leaves no other way: the streams of a function's own log group, whose names
// Lambda invents, and the objects of the buckets, whose names are made when they arrive.
type grant struct {
	sid     string
	actions []string
	on      []*string
	when    map[string]any
	// through is the service that stores what the grant is about, and key what that service asks KMS for in the caller's
	// name; both are empty where nothing encrypted is touched.
	through string
	key     []string
}

// newRole declares the role of one function; nobody else may assume it and it has no managed policy. The policy is part
// of the role, so no event source can start before its permissions exist.
func newRole(stack awscdk.Stack, f function, logs awslogs.CfnLogGroup, r *resources) awsiam.CfnRole {
	statements := []awsiam.PolicyStatement{allow(ownLogs(logs))}
	grants := f.grants(r)
	for _, g := range append(grants, keyGrants(grants, r.key)...) {
		statements = append(statements, allow(g))
	}
	return awsiam.NewCfnRole(stack, jsii.String(f.logical()+"Role"), &awsiam.CfnRoleProps{
		Description: jsii.String("What " + f.name + " may do, and nothing else"),
		AssumeRolePolicyDocument: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{
			Statements: &[]awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Actions:    jsii.Strings("sts:AssumeRole"),
				Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil)},
			})},
		}),
		Policies: []any{&awsiam.CfnRole_PolicyProperty{
			PolicyName:     jsii.String(f.name),
			PolicyDocument: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements}),
		}},
	})
}

func allow(g grant) awsiam.PolicyStatement {
	props := &awsiam.PolicyStatementProps{
		Sid:       jsii.String(g.sid),
		Actions:   jsii.Strings(g.actions...),
		Resources: &g.on,
	}
	if g.when != nil {
		props.Conditions = &g.when
	}
	return awsiam.NewPolicyStatement(props)
}

// tlsOnly is a resource policy that denies every action over a plain connection, whoever asks.
func tlsOnly(actions string, arns ...*string) awsiam.PolicyDocument {
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{
		Statements: &[]awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        jsii.String("TlsOnly"),
			Effect:     awsiam.Effect_DENY,
			Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
			Actions:    jsii.Strings(actions),
			Resources:  &arns,
			Conditions: &map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
		})},
	})
}

// ownLogs lets a function write its own log group, which the stack creates: it may not create others.
func ownLogs(logs awslogs.CfnLogGroup) grant {
	return grant{sid: "OwnLogs", actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, on: []*string{logs.AttrArn()}}
}

// toRead and toWrite are what DynamoDB asks KMS for in the name of whoever reads or writes an encrypted table.
func toRead() []string { return []string{"kms:Decrypt", "kms:DescribeKey"} }

func toWrite() []string {
	return append(toRead(), "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")
}

// Partitions of the work table that not everybody who works with it may touch: the keys of our accounts, sealed, the connections
// being made, and which model classifies (package dynamo names them).
const (
	partitionOfKeys        = "GRANT#*"
	partitionOfConnections = "CONNECT#*"
	partitionOfModel       = "MODELS"
)

// workItems lets a function do these things with single items and partitions of the work table, but for the partitions named.
func workItems(r *resources, but []string, verbs ...string) grant {
	g := grant{sid: "WorkItems", on: []*string{r.tables.work.AttrArn()}, through: throughTables, key: toWrite()}
	if len(but) > 0 {
		g.when = map[string]any{"ForAllValues:StringNotLike": map[string]any{"dynamodb:LeadingKeys": but}}
	}
	for _, verb := range verbs {
		g.actions = append(g.actions, "dynamodb:"+verb)
	}
	return g
}

// readModels lets a function read which model classifies, and change nothing of it.
func readModels(r *resources) grant {
	return grant{
		sid: "WhichModel", actions: []string{"dynamodb:GetItem"}, on: []*string{r.tables.work.AttrArn()}, through: throughTables, key: toRead(),
		when: map[string]any{"ForAllValues:StringEquals": map[string]any{"dynamodb:LeadingKeys": []string{partitionOfModel}}},
	}
}

// ask lets a function query indexes of a table, and no others.
func ask(sid string, table awsdynamodb.CfnTable, indexes ...string) grant {
	g := grant{sid: sid, actions: []string{"dynamodb:Query"}, through: throughTables, key: toRead()}
	for _, name := range indexes {
		g.on = append(g.on, awscdk.Fn_Join(jsii.String(""), &[]*string{table.AttrArn(), jsii.String("/index/" + name)}))
	}
	return g
}

// appendAudit lets a function add to the bitácora. IAM cannot tell a new item from an overwritten one: that PutItem only
// adds is the condition Commit sends with it, and the hash chain shows whoever went round it.
func appendAudit(r *resources) grant {
	return grant{
		sid: "AppendAudit", actions: []string{"dynamodb:PutItem"}, on: []*string{r.tables.bitacora.AttrArn()},
		through: throughTables, key: toWrite(),
	}
}

func readAudit(r *resources) grant {
	return grant{
		sid: "ReadAudit", actions: []string{"dynamodb:Query"}, on: []*string{r.tables.bitacora.AttrArn()},
		through: throughTables, key: toRead(),
	}
}

// followStream is what Lambda's poller does in relay's name.
func followStream(r *resources) grant {
	return grant{sid: "FollowStream", actions: []string{
		"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
	}, on: []*string{r.tables.work.AttrStreamArn()}, through: throughTables, key: toRead()}
}

// consume is what Lambda's poller does in the reader's name; the functions themselves never touch their own queue.
func consume(q awssqs.CfnQueue) grant {
	return grant{
		sid: "Consume", actions: []string{"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"},
		on: []*string{q.AttrArn()}, through: throughQueues, key: []string{"kms:Decrypt"},
	}
}

func send(sid string, queues ...awssqs.CfnQueue) grant {
	g := grant{sid: sid, actions: []string{"sqs:SendMessage"}, through: throughQueues, key: []string{"kms:Decrypt", "kms:GenerateDataKey"}}
	for _, q := range queues {
		g.on = append(g.on, q.AttrArn())
	}
	return g
}

func readSecrets(list ...awssecretsmanager.CfnSecret) grant {
	g := grant{sid: "Secrets", actions: []string{"secretsmanager:GetSecretValue"}, through: throughSecrets, key: []string{"kms:Decrypt"}}
	for _, s := range list {
		g.on = append(g.on, s.Ref())
	}
	return g
}

func putRaw(r *resources) grant { return rawObjects(r, "s3:PutObject", "kms:GenerateDataKey") }

func getRaw(r *resources) grant { return rawObjects(r, "s3:GetObject", "kms:Decrypt") }

func rawObjects(r *resources, action, key string) grant {
	return grant{
		sid: "RawObjects", actions: []string{action}, on: []*string{objects(r.raw)}, through: throughObjects, key: []string{key},
	}
}

// putMedia, getMedia and removeMedia are for what lies under these prefixes of the media bucket, and for nothing else there.
func putMedia(r *resources, prefixes ...string) grant {
	return mediaObjects(r, "PutMedia", "s3:PutObject", "kms:GenerateDataKey", prefixes)
}

func getMedia(r *resources, prefixes ...string) grant {
	return mediaObjects(r, "GetMedia", "s3:GetObject", "kms:Decrypt", prefixes)
}

// removeMedia needs no key: what is taken away is not opened.
func removeMedia(r *resources, prefixes ...string) grant {
	g := mediaObjects(r, "RemoveMedia", "s3:DeleteObject", "", prefixes)
	g.through, g.key = "", nil
	return g
}

func mediaObjects(r *resources, sid, action, key string, prefixes []string) grant {
	g := grant{sid: sid, actions: []string{action}, through: throughObjects, key: []string{key}}
	for _, prefix := range prefixes {
		g.on = append(g.on, awscdk.Fn_Join(jsii.String(""), &[]*string{r.media.AttrArn(), jsii.String("/" + prefix + "/*")}))
	}
	return g
}

// objects is the ARN of whatever lies in a bucket.
func objects(bucket awss3.CfnBucket) *string {
	return awscdk.Fn_Join(jsii.String(""), &[]*string{bucket.AttrArn(), jsii.String("/*")})
}

// sendMail lets a function send e-mail from one address. SES asks for the permission on the identity it verified, which is
// the address itself or its whole domain, so both are named; the condition leaves of the domain this one address. Without
// a sender the statement allows nothing: no letter has an empty one.
func sendMail(r *resources) grant {
	sender := ref(r.params.noticeSender)
	// The added @ gives an empty sender a second part too; a template that selects what is not there does not deploy.
	closed := awscdk.Fn_Join(jsii.String(""), &[]*string{sender, jsii.String("@")})
	domain := awscdk.Fn_Select(jsii.Number(1), awscdk.Fn_Split(jsii.String("@"), closed, nil))
	return grant{
		sid: "SendMail", actions: []string{"ses:SendEmail"}, on: []*string{identity(sender), identity(domain)},
		when: map[string]any{"StringEquals": map[string]any{"ses:FromAddress": sender}},
	}
}

// identity is the ARN of an address or a domain that SES may have verified in this account.
func identity(name *string) *string {
	return awscdk.Fn_Join(jsii.String(""), &[]*string{
		jsii.String("arn:"), awscdk.Aws_PARTITION(), jsii.String(":ses:"), awscdk.Aws_REGION(), jsii.String(":"),
		awscdk.Aws_ACCOUNT_ID(), jsii.String(":identity/"), name,
	})
}
