package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// stackID is the construct's name, and so the name of the template: cdk.out/Gestor.template.json, on every stage.
const stackID = "Gestor"

// settings are what distinguishes one synthesis from another.
type settings struct {
	// arch is the architecture in Lambda's words: arm64 (deployed) or x86_64 (SAM on a developer's machine).
	arch string
	// stage names the deployment; the stack is gestor-<stage>. Only stage dev may be thrown away.
	stage string
	// build is the folder that holds <architecture in Go's words>/<function>/bootstrap.
	build string
}

// asset answers the folder that becomes a function's code.
func (s settings) asset(name string) string {
	architecture := "arm64"
	if s.arch == "x86_64" {
		architecture = "amd64"
	}
	return filepath.Join(s.build, architecture, name)
}

// disposable says that the stack may be deleted with its data. Such a stack reserves no concurrency either: a new
// account may have none to reserve.
func (s settings) disposable() bool { return s.stage == "dev" }

// removal is what becomes of a resource that holds data when it leaves the stack.
func (s settings) removal() awscdk.RemovalPolicy {
	if s.disposable() {
		return awscdk.RemovalPolicy_DESTROY
	}
	return awscdk.RemovalPolicy_RETAIN
}

// newApp makes an app that writes to outdir (empty: where CDK_OUTDIR says). Without the CDK CLI nobody sets the two
// metadata switches; SAM finds a function's code through the first, people find its construct through the second.
func newApp(outdir string, context map[string]any) awscdk.App {
	all := map[string]any{"aws:cdk:enable-asset-metadata": true, "aws:cdk:enable-path-metadata": true}
	maps.Copy(all, context)
	props := &awscdk.AppProps{
		AnalyticsReporting: jsii.Bool(false),
		Context:            &all,
		TreeMetadata:       jsii.Bool(false),
	}
	if outdir != "" {
		props.Outdir = jsii.String(outdir)
	}
	return awscdk.NewApp(props)
}

// settingsOf reads the context of app; build is the folder of the binaries.
func settingsOf(app awscdk.App, build string) (settings, error) {
	s := settings{arch: "arm64", stage: "prod", build: build}
	for key, target := range map[string]*string{"arch": &s.arch, "stage": &s.stage} {
		switch value := app.Node().TryGetContext(jsii.String(key)).(type) {
		case nil:
		case string:
			*target = value
		default:
			return settings{}, fmt.Errorf("context %s: want text, got %v", key, value)
		}
	}
	if s.arch != "arm64" && s.arch != "x86_64" {
		return settings{}, fmt.Errorf("context arch: want arm64 or x86_64, got %q", s.arch)
	}
	if !regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`).MatchString(s.stage) {
		return settings{}, fmt.Errorf("context stage: want a short lower-case name, got %q", s.stage)
	}
	return s, nil
}

// resources are what functions are given, by reference, in their environment and in their permissions.
type resources struct {
	params                      parameters
	key                         awskms.CfnKey
	secrets                     secrets
	tables                      tables
	raw                         awss3.CfnBucket
	media                       awss3.CfnBucket
	inbox, outbound, siac, soon awssqs.CfnQueue
	fetching                    awssqs.CfnQueue
	relayDeadLetters            awssqs.CfnQueue
	queues                      []queue
	api                         awsapigatewayv2.CfnApi
	login                       login
	minute, looks               awsevents.CfnRule
	webhook, desk, tick, relay  awslambda.CfnFunction
	intake, deliver, escalate   awslambda.CfnFunction
	fetch                       awslambda.CfnFunction
	// consoleURL is where people open the console, without final slash.
	consoleURL *string
	// rollback are the ARNs of the alarms that send a deployment back.
	rollback []*string
}

// made are the functions by name.
func (r *resources) made() map[string]awslambda.CfnFunction {
	return map[string]awslambda.CfnFunction{
		"webhook": r.webhook, "intake": r.intake, "relay": r.relay, "tick": r.tick, "deliver": r.deliver, "escalate": r.escalate,
		"fetch": r.fetch, "desk": r.desk,
	}
}

// newStack declares the whole system.
//
// It is written with CloudFormation's own resources (CDK's first layer) and not with the convenience classes above them:
// the local system and the policy rules read the same template people review here, so every property that matters
// stands in this folder, logical ids carry no hash, and no helper adds a permission nobody wrote.
func newStack(app awscdk.App, s settings) {
	stack := awscdk.NewStack(app, jsii.String(stackID), &awscdk.StackProps{
		StackName:             jsii.String("gestor-" + s.stage),
		Description:           jsii.String("Gestor: mentions of SENCE on social networks, answered, filed in SIAC and accounted for"),
		TerminationProtection: jsii.Bool(!s.disposable()),
		// The rule would add a parameter and an assertion that only the CDK CLI needs, and it checks them by itself.
		Synthesizer: awscdk.NewDefaultStackSynthesizer(&awscdk.DefaultStackSynthesizerProps{
			GenerateBootstrapVersionRule: jsii.Bool(false),
		}),
	})
	key := newKey(stack, s)
	r := &resources{
		params:  newParameters(stack),
		key:     key,
		secrets: newSecrets(stack, s, key),
		tables:  newTables(stack, s, key),
		raw:     newRawBucket(stack, s, key),
		api:     newAPI(stack, s),
	}
	newRules(stack, r.params)
	r.consoleURL = consoleURL(stack, r)
	r.media = newMediaBucket(stack, s, key, r.consoleURL)
	r.login = newLogin(stack, s, r)
	newQueues(stack, r)
	newFunctions(stack, s, r)
	newSources(stack, r)
	newSchedule(stack, r)
	newRoutes(stack, s, r)
	newAlarms(stack, r)
	newDashboard(stack, s, r)
	newBudget(stack, s, r.params)
	newOutputs(stack, s, r)
}

// consoleURL is the address people type, or the API's own where nobody gave it a better one.
func consoleURL(stack awscdk.Stack, r *resources) *string {
	own := condition(stack, "OwnAddress", awscdk.Fn_ConditionNot(awscdk.Fn_ConditionEquals(ref(r.params.consoleURL), jsii.String(""))))
	return either(own, ref(r.params.consoleURL), r.api.AttrApiEndpoint())
}
