package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/jsii-runtime-go"
)

// environment is what a function is told: names and values of its environment variables.
type environment map[string]*string

// function is one row of the table that functions, queues, event sources, roles and their tests are derived from. The
// folder functions/<name>, the binary build/<architecture>/<name>/bootstrap and the package shared/<name> carry its name.
type function struct {
	name    string
	purpose string
	// timeout in seconds. deliver and escalate give an outside call 10 s, and need room to commit what came of it;
	// fetch gives one attachment 20 s, or all accounts of a minute 45.
	timeout int
	// memory in MiB; CPU comes with it.
	memory int
	// batch is how many messages or records one invocation may get, 0 behind HTTP.
	batch int
	// concurrency is how many may run at once: the event source's maximum for queues, batches per shard for the stream,
	// reserved executions behind HTTP (so that a flood of requests cannot starve the workers).
	concurrency int
	env         func(*resources) environment
	grants      func(*resources) []grant
}

// functions lists every function of the system.
//
// The brake of the whole system is intake's concurrency: 8 batches of 10 at 0.6 s a batch are 133 mentions per second, near
// twice the worst minute expected (77), and 2,667 write units per second at the 20 units a queued mention may cost. The
// other writers need some 870 more (queues by their concurrency, people by the throttle of the API): together they stay
// under the 4,000 a new on-demand table serves at once. A test computes the sum and refuses a change that breaks it.
func functions() []function {
	return []function{
		{
			name: "webhook", purpose: "HTTP: verifies the networks' deliveries and puts them in the inbox",
			timeout: 10, memory: 256, concurrency: 50,
			env: webhookEnv, grants: webhookGrants,
		},
		{
			name: "intake", purpose: "Inbox: understands mentions, classifies them, opens tickets or adds to them",
			timeout: 60, memory: 512, batch: 10, concurrency: 8,
			env: intakeEnv, grants: intakeGrants,
		},
		{
			name: "relay", purpose: "Stream of the work table: hands new outbox messages to their queues",
			timeout: 30, memory: 256, batch: 50, concurrency: 2,
			env: relayEnv, grants: relayGrants,
		},
		{
			name: "tick", purpose: "Every minute: hands over what is due, and what the stream missed",
			timeout: 50, memory: 256, batch: 10, concurrency: 2,
			env: tickEnv, grants: tickGrants,
		},
		{
			name: "deliver", purpose: "Outbound: publishes replies and posts on the networks and notices by e-mail, each once",
			timeout: 30, memory: 256, batch: 1, concurrency: 4,
			env: deliverEnv, grants: deliverGrants,
		},
		{
			name: "escalate", purpose: "SIAC: files cases, once, and keeps their folio",
			timeout: 30, memory: 256, batch: 1, concurrency: 2,
			env: escalateEnv, grants: escalateGrants,
		},
		{
			name: "fetch", purpose: "Every minute: looks at our accounts, and reads what deliveries only named",
			timeout: 50, memory: 256, batch: 1, concurrency: 4,
			env: fetchEnv, grants: fetchGrants,
		},
		{
			name: "desk", purpose: "HTTP: the ejecutivos' API and console",
			timeout: 20, memory: 512, concurrency: 50,
			env: deskEnv, grants: deskGrants,
		},
	}
}

// functionNamed answers a row of the table; asking for one that is not there is a mistake in this folder.
func functionNamed(name string) function {
	for _, f := range functions() {
		if f.name == name {
			return f
		}
	}
	panic(fmt.Sprintf("infra: there is no function %q", name))
}

// logical is the stem of a function's logical ids: Webhook of WebhookFunction, WebhookRole, WebhookLogs.
func (f function) logical() string { return strings.ToUpper(f.name[:1]) + f.name[1:] }

// newFunctions declares each function with a role and a log group of its own.
func newFunctions(stack awscdk.Stack, s settings, r *resources) {
	made := map[string]awslambda.CfnFunction{}
	for _, f := range functions() {
		made[f.name] = newFunction(stack, s, f, r)
	}
	r.webhook, r.intake, r.relay, r.tick = made["webhook"], made["intake"], made["relay"], made["tick"]
	r.deliver, r.escalate, r.fetch, r.desk = made["deliver"], made["escalate"], made["fetch"], made["desk"]
}

func newFunction(stack awscdk.Stack, s settings, f function, r *resources) awslambda.CfnFunction {
	logs := newLogGroup(stack, s, r, f.logical()+"Logs")
	code := awss3assets.NewAsset(stack, jsii.String(f.logical()+"Code"), &awss3assets.AssetProps{
		Path: jsii.String(s.asset(f.name)),
	})
	variables := f.env(r)
	variables["GESTOR_FUNCTION"] = jsii.String(f.name)
	variables["GESTOR_TIMEOUT_SECONDS"] = jsii.String(strconv.Itoa(f.timeout))
	props := &awslambda.CfnFunctionProps{
		Architectures: jsii.Strings(s.arch),
		Code: &awslambda.CfnFunction_CodeProperty{
			S3Bucket: code.S3BucketName(), S3Key: code.S3ObjectKey(),
		},
		Description: jsii.String(f.purpose),
		Environment: &awslambda.CfnFunction_EnvironmentProperty{Variables: (*map[string]*string)(&variables)},
		Handler:     jsii.String("bootstrap"),
		LoggingConfig: &awslambda.CfnFunction_LoggingConfigProperty{
			LogFormat: jsii.String("JSON"), LogGroup: logs.Ref(),
		},
		MemorySize: jsii.Number(f.memory),
		Role:       newRole(stack, f, logs, r).AttrArn(),
		Runtime:    jsii.String("provided.al2023"),
		Timeout:    jsii.Number(f.timeout),
	}
	if f.batch == 0 && !s.disposable() {
		props.ReservedConcurrentExecutions = jsii.Number(f.concurrency)
	}
	made := awslambda.NewCfnFunction(stack, jsii.String(f.logical()+"Function"), props)
	code.AddResourceMetadata(made, jsii.String("Code"))
	return made
}

// newLogGroup declares a log group; logs carry ids, states and sizes, never citizens' words, and are encrypted all the same.
func newLogGroup(stack awscdk.Stack, s settings, r *resources, id string) awslogs.CfnLogGroup {
	group := awslogs.NewCfnLogGroup(stack, jsii.String(id), &awslogs.CfnLogGroupProps{
		KmsKeyId:        r.key.AttrArn(),
		RetentionInDays: r.params.logDays.ValueAsNumber(),
	})
	group.ApplyRemovalPolicy(s.removal(), nil)
	return group
}
