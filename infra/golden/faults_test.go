package golden

import (
	"slices"
	"strings"
	"testing"
)

// fault is one mistake somebody could make in infra: the rule that must see it, and the resource it must point at.
type fault struct {
	name  string
	rule  string
	where string
	plant func(tmpl)
}

// set writes a property; a nil value removes it. The last step of path may be a key or a place in a list.
func set(id string, value any, path ...any) func(tmpl) {
	return func(t tmpl) {
		parent := dig(t.Resources[id].Properties, path[:len(path)-1]...)
		switch last := path[len(path)-1].(type) {
		case string:
			if value == nil {
				delete(parent.(map[string]any), last)
				return
			}
			parent.(map[string]any)[last] = value
		case int:
			parent.([]any)[last] = value
		}
	}
}

func drop(id string) func(tmpl) { return func(t tmpl) { delete(t.Resources, id) } }

func keep(id, policy string) func(tmpl) {
	return func(t tmpl) { t.Resources[id].DeletionPolicy = policy }
}

func add(id, kind string, properties map[string]any) func(tmpl) {
	return func(t tmpl) { t.Resources[id] = &resource{Type: "AWS::" + kind, Properties: properties} }
}

// permit adds a statement to a role; on is a template value.
func permit(role, action string, on any) func(tmpl) {
	return func(t tmpl) {
		document := dig(t.Resources[role].Properties, "Policies", 0, "PolicyDocument").(map[string]any)
		document["Statement"] = append(document["Statement"].([]any), map[string]any{
			"Sid": "Planted", "Effect": "Allow", "Action": action, "Resource": on,
		})
	}
}

// unconditioned takes the condition of a statement away.
func unconditioned(role, sid string) func(tmpl) {
	return func(t tmpl) {
		for _, s := range list(dig(t.Resources[role].Properties, "Policies", 0, "PolicyDocument", "Statement")) {
			if statement, ok := s.(map[string]any); ok && statement["Sid"] == sid {
				delete(statement, "Condition")
			}
		}
	}
}

func arnOf(id string) map[string]any { return map[string]any{"Fn::GetAtt": []any{id, "Arn"}} }

func reference(id string) map[string]any { return map[string]any{"Ref": id} }

// TestRules_CatchPlantedFaults breaks a copy of the template in each of the ways below and asks the rule to say so. A
// rule that has caught nothing is not known to work, so each has its faults.
func TestRules_CatchPlantedFaults(t *testing.T) {
	byName := map[string]rule{}
	for _, r := range rules() {
		byName[r.name] = r
	}
	tried := map[string]bool{}
	for _, f := range slices.Concat(functionFaults(), queueFaults(), securityFaults(), mailFaults(), surfaceFaults(), capacityFaults(),
		keyFaults(), loginFaults(), alarmFaults()) {
		tried[f.rule] = true
		t.Run(f.name, func(t *testing.T) {
			r, ok := byName[f.rule]
			if !ok {
				t.Fatalf("there is no rule %q", f.rule)
			}
			broken := parse(t)
			f.plant(broken)
			findings := r.check(broken)
			for _, one := range findings {
				if strings.HasPrefix(one.where, f.where) {
					return
				}
			}
			t.Errorf("rule %q did not point at %s; it found %v", f.rule, f.where, findings)
		})
	}
	for name := range byName {
		if !tried[name] {
			t.Errorf("no fault is planted for rule %q", name)
		}
	}
}

func functionFaults() []fault {
	own, agreed := "each function is its own", "functions carry the agreed limits"
	told, allowed := "functions are told the agreed names", "functions may use what they are told of"
	variables := func(name string) []any { return []any{"Environment", "Variables", name} }
	return []fault{
		{"two functions share a role", own, "DeskFunction", set("DeskFunction", arnOf("IntakeRole"), "Role")},
		{"two functions share a log group", own, "DeskFunction", set("DeskFunction", reference("IntakeLogs"), "LoggingConfig", "LogGroup")},
		{"logs are kept for ever", own, "TickLogs", set("TickLogs", nil, "RetentionInDays")},
		{"a log group is gone", own, "TickFunction", drop("TickLogs")},
		{"a role is gone", own, "TickFunction", drop("TickRole")},
		{"another runtime", own, "RelayFunction", set("RelayFunction", "go1.x", "Runtime")},
		{"told another's name", own, "RelayFunction", set("RelayFunction", "tick", variables("GESTOR_FUNCTION")...)},
		{"no asset metadata", own, "DeskFunction", func(t tmpl) { delete(t.Resources["DeskFunction"].Metadata, "aws:asset:path") }},
		{"no timeout", agreed, "DeliverFunction", set("DeliverFunction", nil, "Timeout")},
		{"told another timeout", agreed, "EscalateFunction", set("EscalateFunction", "31", variables("GESTOR_TIMEOUT_SECONDS")...)},
		{"ten gigabytes", agreed, "DeskFunction", set("DeskFunction", 10240.0, "MemorySize")},
		{"webhook takes every execution", agreed, "WebhookFunction", set("WebhookFunction", nil, "ReservedConcurrentExecutions")},
		{"deliver in batches", agreed, "DeliverFunction", set("DeliverSource", 10.0, "BatchSize")},
		{"a name is not told", told, "IntakeFunction", set("IntakeFunction", nil, variables("GESTOR_DOUBT_HOURS")...)},
		{"a name nobody agreed", told, "DeskFunction", set("DeskFunction", "yes", variables("GESTOR_DEBUG")...)},
		{"a name stands for another queue", told, "RelayFunction", set("RelayFunction", reference("SoonQueue"), variables("GESTOR_QUEUE_SIAC")...)},
		{"a queue that may not be sent to", allowed, "WebhookRole", set("WebhookRole", []any{}, "Policies")},
		{"a queue nobody told of", allowed, "DeskRole", permit("DeskRole", "sqs:SendMessage", arnOf("InboxQueue"))},
	}
}

func queueFaults() []fault {
	dead, visible := "every queue has dead letters", "a queue hides a message six timeouts long"
	bounded, stream := "sources report failed items and are bounded", "the stream's reader gets outbox items and gives up"
	return []fault{
		{"a queue without dead letters", dead, "InboxQueue", set("InboxQueue", nil, "RedrivePolicy")},
		{"dead letters are gone", dead, "SiacQueue", drop("SiacDeadLetters")},
		{"dead letters of another queue", dead, "SoonQueue", set("SoonQueue", arnOf("InboxDeadLetters"), "RedrivePolicy", "deadLetterTargetArn")},
		{"dead letters of another kind", dead, "OutboundDeadLetters", set("OutboundDeadLetters", nil, "FifoQueue")},
		{"a message is tried a thousand times", dead, "InboxQueue", set("InboxQueue", 1000.0, "RedrivePolicy", "maxReceiveCount")},
		{"deduplication by content", dead, "OutboundQueue", set("OutboundQueue", true, "ContentBasedDeduplication")},
		{"dead letters for a day", dead, "RelayDeadLetters", set("RelayDeadLetters", 86400.0, "MessageRetentionPeriod")},
		{"a queue keeps as long as its dead letters", dead, "SoonQueue", set("SoonQueue", 1209600.0, "MessageRetentionPeriod")},
		{"visibility of one timeout", visible, "OutboundQueue", set("OutboundQueue", 30.0, "VisibilityTimeout")},
		{"a timeout grew, its queue did not", visible, "InboxQueue", set("IntakeFunction", 120.0, "Timeout")},
		{"a queue nobody reads", visible, "SoonQueue", drop("TickSource")},
		{"whole batches are retried", bounded, "IntakeSource", set("IntakeSource", nil, "FunctionResponseTypes")},
		{"the stream retries whole batches", bounded, "RelaySource", set("RelaySource", nil, "FunctionResponseTypes")},
		{"a queue's reader is not bounded", bounded, "EscalateSource", set("EscalateSource", nil, "ScalingConfig")},
		{"the stream's reader is not bounded", bounded, "RelaySource", set("RelaySource", nil, "ParallelizationFactor")},
		{"a source waits for its batch", bounded, "TickSource", set("TickSource", 5.0, "MaximumBatchingWindowInSeconds")},
		{"a source is switched off", bounded, "DeliverSource", set("DeliverSource", false, "Enabled")},
		{"a source reads another queue", bounded, "EscalateFunction", set("EscalateSource", arnOf("OutboundQueue"), "EventSourceArn")},
		{"every change of the table wakes relay", stream, "RelaySource", set("RelaySource", nil, "FilterCriteria")},
		{"what was written before is skipped", stream, "RelaySource", set("RelaySource", "LATEST", "StartingPosition")},
		{"one bad record fails its batch", stream, "RelaySource", set("RelaySource", nil, "BisectBatchOnFunctionError")},
		{"a bad record is tried for ever", stream, "RelaySource", set("RelaySource", -1.0, "MaximumRetryAttempts")},
		{"a bad record is tried for a day", stream, "RelaySource", set("RelaySource", 86400.0, "MaximumRecordAgeInSeconds")},
		{"a bad record is lost", stream, "RelaySource", set("RelaySource", nil, "DestinationConfig")},
		{"the dead letters do not let relay in", stream, "RelayRole", set("RelayRole", []any{}, "Policies")},
	}
}

func securityFaults() []fault {
	wild, narrow := "no wildcard is allowed", "roles are for one function"
	alone := "nothing but roles gives permissions"
	audit, secret := "nobody rewrites the bitácora", "secrets have one kind of reader and no value"
	tls := "nothing is served over a plain connection"
	allow := map[string]any{"Statement": []any{map[string]any{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arnOf("InboxQueue")}}}
	return []fault{
		{"every action", wild, "DeskRole", permit("DeskRole", "dynamodb:*", arnOf("WorkTable"))},
		{"every resource", wild, "DeskRole", permit("DeskRole", "dynamodb:GetItem", "*")},
		{"every queue of the account", wild, "TickRole", permit("TickRole", "sqs:SendMessage", "arn:aws:sqs:*:*:*")},
		{"every index", wild, "TickRole", permit("TickRole", "dynamodb:Query", map[string]any{"Fn::Join": []any{"", []any{arnOf("WorkTable"), "/index/*"}}})},
		{"evidence may be deleted", wild, "DeskRole", permit("DeskRole", "s3:DeleteObject", map[string]any{"Fn::Join": []any{"", []any{arnOf("MediaBucket"), "/evidence/*"}}})},
		{"objects may be deleted", wild, "IntakeRole", permit("IntakeRole", "s3:DeleteObject", map[string]any{"Fn::Join": []any{"", []any{arnOf("RawBucket"), "/*"}}})},
		{"all but something", wild, "DeskRole", set("DeskRole", nil, "Policies", 0, "PolicyDocument", "Statement", 0, "Resource")},
		{"a role for two functions", narrow, "IntakeRole", set("DeskFunction", arnOf("IntakeRole"), "Role")},
		{"a role for nobody", narrow, "SpareRole", add("SpareRole", "IAM::Role", map[string]any{})},
		{"anybody may be desk", narrow, "DeskRole", set("DeskRole", "*", "AssumeRolePolicyDocument", "Statement", 0, "Principal")},
		{"a managed policy", narrow, "RelayRole", set("RelayRole", []any{"arn:aws:iam::aws:policy/AdministratorAccess"}, "ManagedPolicyArns")},
		{"another's log group", narrow, "DeskRole", permit("DeskRole", "logs:PutLogEvents", arnOf("IntakeLogs"))},
		{"a policy outside the roles", alone, "Extra", add("Extra", "IAM::Policy", map[string]any{})},
		{"a queue lets others in", alone, "InboxQueuePolicy", set("InboxQueuePolicy", allow, "PolicyDocument")},
		{"entries may be deleted", audit, "DeskRole", permit("DeskRole", "dynamodb:DeleteItem", arnOf("BitacoraTable"))},
		{"entries may be changed", audit, "IntakeRole", permit("IntakeRole", "dynamodb:UpdateItem", arnOf("BitacoraTable"))},
		{"entries may be changed by PartiQL", audit, "IntakeRole", permit("IntakeRole", "dynamodb:PartiQLUpdate", arnOf("BitacoraTable"))},
		{"the bitácora forgets", audit, "BitacoraTable", set("BitacoraTable", map[string]any{"Enabled": true}, "TimeToLiveSpecification")},
		{"desk opens the accounts' keys", secret, "TokenKeySecret", permit("DeskRole", "secretsmanager:GetSecretValue", reference("TokenKeySecret"))},
		{"desk reads the accounts' keys", "keys are apart", "DeskRole", unconditioned("DeskRole", "WorkItems")},
		{"intake reads the accounts' keys", "keys are apart", "IntakeRole", unconditioned("IntakeRole", "WorkItems")},
		{"deliver reads SIAC's token", secret, "SiacSecret", permit("DeliverRole", "secretsmanager:GetSecretValue", reference("SiacSecret"))},
		{"a secret may be written", secret, "EscalateRole", permit("EscalateRole", "secretsmanager:PutSecretValue", reference("SiacSecret"))},
		{"a value in the template", secret, "SiacSecret", set("SiacSecret", `{"token":"x"}`, "SecretString")},
		{"a secret as a parameter", secret, "SiacToken", func(t tmpl) { t.Parameters["SiacToken"] = &parameter{Type: "String"} }},
		{"a queue serves plain connections", tls, "SiacDeadLetters", drop("SiacDeadLettersPolicy")},
		{"a policy of another queue", tls, "SoonQueue", set("SoonQueuePolicy", []any{reference("InboxQueue")}, "Queues")},
		{"objects are served over plain connections", tls, "RawBucket", set("RawBucketPolicy", arnOf("RawBucket"), "PolicyDocument", "Statement", 0, "Resource")},
		{"plain connections are denied to nobody", tls, "InboxQueue", set("InboxQueuePolicy", "true", "PolicyDocument", "Statement", 0, "Condition", "Bool", "aws:SecureTransport")},
	}
}

func surfaceFaults() []fault {
	survives, tables := "what is stored survives mistakes", "tables have the agreed keys"
	private, routes := "raw deliveries are private and expire", "the API has the agreed routes"
	stage, callers := "the stage is throttled and logs no person", "only the declared callers may call"
	tick, surface := "tick runs every minute", "parameters and outputs are the agreed ones"
	return []fault{
		{"a table may be deleted", survives, "BitacoraTable", set("BitacoraTable", false, "DeletionProtectionEnabled")},
		{"a table goes with the stack", survives, "WorkTable", keep("WorkTable", "Delete")},
		{"no way back in time", survives, "WorkTable", set("WorkTable", nil, "PointInTimeRecoverySpecification")},
		{"provisioned capacity", survives, "WorkTable", set("WorkTable", "PROVISIONED", "BillingMode")},
		{"an index projects everything", tables, "WorkTable", set("WorkTable", "ALL", "GlobalSecondaryIndexes", 0, "Projection", "ProjectionType")},
		{"the stream has no images", tables, "WorkTable", set("WorkTable", "KEYS_ONLY", "StreamSpecification", "StreamViewType")},
		{"a key of numbers", tables, "WorkTable", set("WorkTable", "N", "AttributeDefinitions", 0, "AttributeType")},
		{"nothing expires in the work table", tables, "WorkTable", set("WorkTable", nil, "TimeToLiveSpecification")},
		{"the bucket may be made public", private, "RawBucket", set("RawBucket", false, "PublicAccessBlockConfiguration", "BlockPublicPolicy")},
		{"media stay", private, "MediaBucket", set("MediaBucket", nil, "LifecycleConfiguration")},
		{"stories stay as long as other media", private, "MediaBucket", set("MediaBucket", 90.0, "LifecycleConfiguration", "Rules", 1, "ExpirationInDays")},
		{"anybody's pages ask for media", private, "MediaBucket", set("MediaBucket", []any{"*"}, "CorsConfiguration", "CorsRules", 0, "AllowedOrigins")},
		{"the console's pages take media away", private, "MediaBucket", set("MediaBucket", []any{"DELETE"}, "CorsConfiguration", "CorsRules", 0, "AllowedMethods")},
		{"pages ask for raw deliveries", private, "RawBucket", set("RawBucket", map[string]any{"CorsRules": []any{map[string]any{"AllowedOrigins": []any{"*"}}}}, "CorsConfiguration")},
		{"media may be made public", private, "MediaBucket", set("MediaBucket", false, "PublicAccessBlockConfiguration", "BlockPublicPolicy")},
		{"raw deliveries stay", private, "RawBucket", set("RawBucket", nil, "LifecycleConfiguration")},
		{"versions of what expired", private, "RawBucket", set("RawBucket", map[string]any{"Status": "Enabled"}, "VersioningConfiguration")},
		{"the API without a token", routes, "ANY /api/v1/{proxy+}", set("ApiRoute", "NONE", "AuthorizationType")},
		{"a route too many", routes, "POST /{proxy+}", set("ConsoleRoute", "POST /{proxy+}", "RouteKey")},
		{"webhooks reach desk", routes, "POST /webhooks/{network}", func(t tmpl) {
			t.Resources["WebhookReceiveRoute"].Properties["Target"] = t.Resources["ApiRoute"].Properties["Target"]
		}},
		{"another payload", routes, "WebhookIntegration", set("WebhookIntegration", "1.0", "PayloadFormatVersion")},
		{"tokens for anybody", routes, "ApiAuthorizer", set("ApiAuthorizer", []any{"*"}, "JwtConfiguration", "Audience")},
		{"other origins", routes, "Api", set("Api", map[string]any{"AllowOrigins": []any{"*"}}, "CorsConfiguration")},
		{"no throttling", stage, "ApiStage", set("ApiStage", nil, "DefaultRouteSettings")},
		{"no access log", stage, "ApiStage", set("ApiStage", nil, "AccessLogSettings")},
		{"addresses in the log", stage, "ApiStage", set("ApiStage", "$context.identity.sourceIp", "AccessLogSettings", "Format")},
		{"any API may call", callers, "apigateway.amazonaws.com", set("HealthRoutePermission", nil, "SourceArn")},
		{"a function on the open network", callers, "DeskUrl", add("DeskUrl", "Lambda::Url", map[string]any{})},
		{"the rule may not call", callers, "events.amazonaws.com", drop("MinuteRulePermission")},
		{"nobody looks", tick, "LookRule", drop("LookRule")},
		{"tick every hour", tick, "MinuteRule", set("MinuteRule", "rate(1 hour)", "ScheduleExpression")},
		{"tick is not told the time", tick, "MinuteRule", set("MinuteRule", "{}", "Targets", 0, "Input")},
		{"a default address of SIAC", surface, "SiacUrl", func(t tmpl) { t.Parameters["SiacUrl"].Default = "https://siac.invalid" }},
		{"an output is gone", surface, "ApiUrl", func(t tmpl) { delete(t.Outputs, "ApiUrl") }},
	}
}
