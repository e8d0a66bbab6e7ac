package template

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func sample(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "stack.json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parsed(t *testing.T) *Template {
	t.Helper()
	tpl, err := Parse(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func TestParse_Functions(t *testing.T) {
	tpl := parsed(t)
	f, ok := tpl.Function("webhook")
	if !ok {
		t.Fatal("function webhook is missing")
	}
	want := Function{ID: "WebhookFunction", Name: "webhook", Timeout: 10 * time.Second, MemoryMiB: 256, Concurrency: 20}
	if diff := cmp.Diff(want, f, cmpopts.IgnoreFields(Function{}, "Environment")); diff != "" {
		t.Errorf("webhook (-want +got):\n%s", diff)
	}
	if _, ok := tpl.Function("nobody"); ok {
		t.Error("a function that does not exist was found")
	}
	var names []string
	for _, f := range tpl.Functions {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff([]string{"relay", "tick", "webhook"}, names); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
}

func TestParse_Sources(t *testing.T) {
	want := []Source{
		{
			ID: "InboxSource", Function: "relay", Queue: "InboxQueue", BatchSize: 10, Window: time.Second,
			ReportFailures: true, MaxConcurrency: 5, Retries: -1, MaxAge: -1, Parallel: 1,
		},
		{
			ID: "StreamSource", Function: "relay", Table: "WorkTable", BatchSize: 25, ReportFailures: true, FromStart: true,
			Bisect: true, Retries: 10, MaxAge: time.Hour, Parallel: 2, OnFailureTo: "RelayDeadLetters",
			Filters: []string{`{"eventName":["INSERT"]}`},
		},
	}
	if diff := cmp.Diff(want, parsed(t).Sources, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}

func TestParse_Stores(t *testing.T) {
	tpl := parsed(t)
	const days = 24 * time.Hour
	queues := []Queue{
		{ID: "InboxDeadLetters", Visibility: 30 * time.Second, Retention: 14 * days},
		{ID: "InboxQueue", Visibility: 3 * time.Minute, Retention: 4 * days, MaxReceives: 5, DeadLetters: "InboxDeadLetters"},
		{ID: "OutboundQueue", FIFO: true, Visibility: 6 * time.Minute, Retention: 4 * days},
		{ID: "RelayDeadLetters", Visibility: 30 * time.Second, Retention: 4 * days},
	}
	if diff := cmp.Diff(queues, tpl.Queues); diff != "" {
		t.Errorf("queues (-want +got):\n%s", diff)
	}
	tables := []Table{{
		ID: "WorkTable", Partition: Key{"PK", "S"}, Sort: Key{"SK", "S"}, Stream: "NEW_IMAGE", TTL: "ttl",
		Indexes: []Index{{
			Name: "GSI1", Partition: Key{"GSI1PK", "S"}, Sort: Key{"GSI1SK", "S"},
			Projection: "INCLUDE", Include: []string{"row", "v", "ttl"},
		}},
	}}
	if diff := cmp.Diff(tables, tpl.Tables); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Bucket{{ID: "RawBucket"}}, tpl.Buckets); diff != "" {
		t.Errorf("buckets (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Secret{{"MetaAppSecret"}}, tpl.Secrets); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	if got := tpl.Queues[2].Name(); got != "OutboundQueue.fifo" {
		t.Errorf("name of a FIFO queue: got %q", got)
	}
	for id, want := range map[string]bool{"InboxDeadLetters": true, "RelayDeadLetters": true, "InboxQueue": false} {
		if got := tpl.DeadLetters(id); got != want {
			t.Errorf("DeadLetters(%s): got %v, want %v", id, got, want)
		}
	}
}

func TestParse_Api(t *testing.T) {
	tpl := parsed(t)
	if diff := cmp.Diff(Throttle{Rate: 100, Burst: 200}, tpl.Throttle); diff != "" {
		t.Errorf("throttle (-want +got):\n%s", diff)
	}
	want := []Route{
		{ID: "GuardedRoute", Key: "ANY /api/v1/{proxy+}", Function: "webhook", Timeout: 30 * time.Second},
		{ID: "WebhookRoute", Key: "POST /webhooks/{network}", Function: "webhook", Timeout: 30 * time.Second},
	}
	if diff := cmp.Diff(want, tpl.Routes, cmpopts.IgnoreFields(Route{}, "Authorizer")); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	guarded := tpl.Routes[0]
	if guarded.Authorizer == nil || tpl.Routes[1].Authorizer != nil {
		t.Fatalf("authorizers: got %v and %v", guarded.Authorizer, tpl.Routes[1].Authorizer)
	}
	locals := Locals{Parameters: map[string]string{"OidcIssuer": "http://127.0.0.1/oidc"}}
	issuer, err := tpl.Text(guarded.Authorizer.Issuer, locals)
	if err != nil || issuer != "http://127.0.0.1/oidc" {
		t.Errorf("issuer: got %q, %v", issuer, err)
	}
	audience, err := tpl.Text(guarded.Authorizer.Audience[0], locals)
	if err != nil || audience != "gestor" {
		t.Errorf("audience: got %q, %v", audience, err)
	}
	rules := []Rule{{ID: "MinuteRule", Enabled: true, Functions: []string{"tick"}}}
	if diff := cmp.Diff(rules, tpl.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func locals() Locals {
	return Locals{
		Account: "000000000000", Region: "sa-east-1",
		Parameters: map[string]string{"Accounts": `{"facebook":["1"]}`},
		Refs: map[string]string{
			"InboxQueue": "http://127.0.0.1:1/q", "RawBucket": "raw", "MetaAppSecret": "arn:secret", "WorkTable": "WorkTable",
		},
		Attributes: map[string]string{"InboxQueue.Arn": "arn:inbox"},
	}
}

func TestEnvironment(t *testing.T) {
	tpl := parsed(t)
	f, _ := tpl.Function("relay")
	got, err := tpl.Environment(f, locals())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"GESTOR_TABLE":         "WorkTable",
		"GESTOR_HOURS":         "4",
		"GESTOR_ACCOUNTS_JSON": `{"facebook":["1"]}`,
		"GESTOR_ARN":           "arn:aws:sqs:sa-east-1:000000000000:x",
		"GESTOR_SUB":           "gestor/arn:inbox/${literal}",
		"GESTOR_PICK":          "b",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

func TestEnvironment_MissingValueNamesFunctionAndVariable(t *testing.T) {
	tpl := parsed(t)
	f, _ := tpl.Function("webhook")
	l := locals()
	delete(l.Refs, "InboxQueue")
	_, err := tpl.Environment(f, l)
	if err == nil {
		t.Fatal("a Ref nobody answers was accepted")
	}
	for _, word := range []string{"WebhookFunction", "GESTOR_QUEUE_INBOX", "InboxQueue"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not name %s", err, word)
		}
	}
	f, _ = tpl.Function("relay")
	l = locals()
	delete(l.Parameters, "Accounts")
	if _, err = tpl.Environment(f, l); err == nil || !strings.Contains(err.Error(), "Accounts") {
		t.Errorf("a parameter with neither value nor default: got %v", err)
	}
}

// change edits the sample: path leads to the place, ending in the key to set (nil deletes it).
func change(t *testing.T, value any, path ...string) []byte {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(sample(t), &doc); err != nil {
		t.Fatal(err)
	}
	at := doc
	for _, step := range path[:len(path)-1] {
		next, ok := at[step].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[step] = next
		}
		at = next
	}
	if value == nil {
		delete(at, path[len(path)-1])
	} else {
		at[path[len(path)-1]] = value
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestParse_Refuses(t *testing.T) {
	props := func(id string, more ...string) []string {
		return append([]string{"Resources", id, "Properties"}, more...)
	}
	cases := []struct {
		name  string
		path  []string
		value any
		word  string
	}{
		{"unknown type", []string{"Resources", "Strange"}, map[string]any{"Type": "AWS::StepFunctions::StateMachine"}, "Strange"},
		{"custom resource", []string{"Resources", "AutoDelete"}, map[string]any{"Type": "Custom::S3AutoDeleteObjects"}, "AutoDelete"},
		{"function outside the naming rule", []string{"Resources", "Helper"}, map[string]any{"Type": "AWS::Lambda::Function"}, "Helper"},
		{"condition", []string{"Resources", "InboxQueue", "Condition"}, "Prod", "InboxQueue"},
		{"unknown property of a function", props("WebhookFunction", "VpcConfig"), map[string]any{}, "WebhookFunction: property VpcConfig"},
		{"other runtime", props("WebhookFunction", "Runtime"), "nodejs22.x", "WebhookFunction"},
		{"bucket that lets nobody in", props("RawBucket", "CorsConfiguration"), map[string]any{"CorsRules": []any{map[string]any{"AllowedMethods": []string{"PUT"}}}}, "AllowedOrigins"},
		{"bucket that shows headers", props("RawBucket", "CorsConfiguration"), map[string]any{"CorsRules": []any{map[string]any{"AllowedOrigins": []string{"*"}, "ExposedHeaders": []string{"ETag"}}}}, "ExposedHeaders"},
		{"bucket that notifies", props("RawBucket", "NotificationConfiguration"), map[string]any{}, "RawBucket"},
		{"other rate", props("MinuteRule", "ScheduleExpression"), "rate(5 minutes)", "MinuteRule"},
		{"rule with an event pattern", props("MinuteRule", "EventPattern"), map[string]any{}, "MinuteRule"},
		{"disabled source", props("InboxSource", "Enabled"), false, "InboxSource"},
		{"unknown property of a source", props("StreamSource", "TumblingWindowInSeconds"), 5, "StreamSource"},
		{"source that is no source", props("InboxSource", "EventSourceArn"), map[string]any{"Fn::GetAtt": []string{"RawBucket", "Arn"}}, "InboxSource"},
		{"source of no function", props("InboxSource", "FunctionName"), map[string]any{"Ref": "RawBucket"}, "InboxSource"},
		{"stream source without starting position", props("StreamSource", "StartingPosition"), nil, "StreamSource"},
		{"stream of a table without one", props("WorkTable", "StreamSpecification"), nil, "WorkTable"},
		{"payload 1.0", props("WebhookIntegration", "PayloadFormatVersion"), "1.0", "WebhookIntegration"},
		{"integration without payload version", props("WebhookIntegration", "PayloadFormatVersion"), nil, "WebhookIntegration"},
		{"CORS", props("Api", "CorsConfiguration"), map[string]any{}, "Api"},
		{"other stage", props("ApiStage", "StageName"), "prod", "ApiStage"},
		{"lambda authorizer", props("ApiAuthorizer", "AuthorizerType"), "REQUEST", "ApiAuthorizer"},
		{"no audience", props("ApiAuthorizer", "JwtConfiguration"), map[string]any{"Issuer": "x", "Audience": []any{}}, "ApiAuthorizer"},
		{"route to nowhere", props("WebhookRoute", "Target"), map[string]any{"Ref": "Api"}, "WebhookRoute"},
		{"IAM route", props("WebhookRoute", "AuthorizationType"), "AWS_IAM", "WebhookRoute"},
		{"redrive to nowhere", props("InboxQueue", "RedrivePolicy", "deadLetterTargetArn"), "arn:aws:sqs:x", "InboxQueue"},
		{"redrive without count", props("InboxQueue", "RedrivePolicy", "maxReceiveCount"), nil, "InboxQueue"},
		{"unknown queue property", props("InboxQueue", "Magic"), 1, "Magic"},
		{"visibility is no number", props("InboxQueue", "VisibilityTimeout"), "soon", "VisibilityTimeout"},
		{"key without definition", props("WorkTable", "AttributeDefinitions"), []any{}, "WorkTable"},
		{"second API", []string{"Resources", "Other"}, map[string]any{
			"Type":       "AWS::ApiGatewayV2::Api",
			"Properties": map[string]any{"Name": "x", "ProtocolType": "HTTP"},
		}, "Other"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(change(t, c.value, c.path...))
			if err == nil {
				t.Fatal("it was accepted")
			}
			if !strings.Contains(err.Error(), c.word) {
				t.Errorf("error %q does not say %q", err, c.word)
			}
		})
	}
}

func TestParse_RefusesWhatIsNoTemplate(t *testing.T) {
	for _, text := range []string{"", "{}", "[]", "Resources:\n  A: 1"} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func TestText_RefusesWhatItCannotResolve(t *testing.T) {
	tpl := parsed(t)
	call := func(name string, arg any) map[string]any { return map[string]any{name: arg} }
	cases := map[string]any{
		"import":                call("Fn::ImportValue", "x"),
		"condition":             call("Fn::If", []any{"a", "b", "c"}),
		"unknown ref":           call("Ref", "Nobody"),
		"ref of no name":        call("Ref", 1.0),
		"unknown pseudo":        call("Ref", "AWS::Moon"),
		"unknown attribute":     call("Fn::GetAtt", []any{"WorkTable", "Mood"}),
		"attribute of nothing":  call("Fn::GetAtt", "WorkTable"),
		"join without list":     call("Fn::Join", []any{"", "a"}),
		"join of one":           call("Fn::Join", []any{""}),
		"select out of range":   call("Fn::Select", []any{3.0, []any{"a"}}),
		"select of a function":  call("Fn::Select", []any{0.0, call("Fn::GetAZs", "")}),
		"open placeholder":      call("Fn::Sub", "${Accounts"),
		"unknown placeholder":   call("Fn::Sub", "${Nobody}"),
		"sub of a number":       call("Fn::Sub", 1.0),
		"two intrinsics in one": map[string]any{"Ref": "Accounts", "Fn::Sub": "x"},
		"list where text is":    []any{"a"},
	}
	for name, raw := range cases {
		if got, err := tpl.Text(Value{owner: "Owner", raw: raw}, locals()); err == nil {
			t.Errorf("%s: got %q", name, got)
		} else if !strings.Contains(err.Error(), "Owner") {
			t.Errorf("%s: error %q does not name the owner", name, err)
		}
	}
}

func TestText_SubWithVariables(t *testing.T) {
	raw := map[string]any{"Fn::Sub": []any{"${A}-${AWS::Region}", map[string]any{"A": map[string]any{"Ref": "WorkTable"}}}}
	got, err := parsed(t).Text(Value{raw: raw}, locals())
	if err != nil || got != "WorkTable-sa-east-1" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestLeftOut_SaysWhy(t *testing.T) {
	for _, kind := range []string{"AWS::IAM::Role", "AWS::Logs::LogGroup", "AWS::CloudWatch::Alarm"} {
		if reason, ok := leftOut(kind); !ok || reason == "" {
			t.Errorf("%s: got %q, %v", kind, reason, ok)
		}
	}
	played := []string{"AWS::Lambda::Function", "AWS::SQS::Queue"}
	if slices.ContainsFunc(played, func(k string) bool { _, ok := leftOut(k); return ok }) {
		t.Error("a played type is left out")
	}
}
