package golden

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

// limits are what was agreed for one function: seconds, the messages of one batch, how many run at once.
type limits struct {
	timeout, batch, concurrency float64
}

func agreedLimits() map[string]limits {
	return map[string]limits{
		"WebhookFunction":  {10, -1, 50},
		"IntakeFunction":   {60, 10, 8},
		"RelayFunction":    {30, 50, 2},
		"TickFunction":     {50, 10, 2},
		"DeliverFunction":  {30, 1, 4},
		"EscalateFunction": {30, 1, 2},
		"FetchFunction":    {50, 1, 4},
		"DeskFunction":     {20, -1, 50},
	}
}

// agreedEnvironment is what each function is told, and what each name stands for.
func agreedEnvironment() map[string]map[string]string {
	tables := map[string]string{"GESTOR_TABLE": "${WorkTable}", "GESTOR_BITACORA": "${BitacoraTable}"}
	with := func(more map[string]string) map[string]string {
		out := maps.Clone(tables)
		maps.Copy(out, more)
		return out
	}
	workers := map[string]string{
		"GESTOR_QUEUE_OUTBOUND": "${OutboundQueue}", "GESTOR_QUEUE_SIAC": "${SiacQueue}", "GESTOR_QUEUE_FETCH": "${FetchQueue}",
	}
	calling := func(more map[string]string) map[string]string {
		out := with(more)
		maps.Copy(out, map[string]string{
			"GESTOR_GRAPH_URL": "${GraphUrl}", "GESTOR_X_URL": "${XUrl}", "GESTOR_LINKEDIN_URL": "${LinkedInUrl}",
			"GESTOR_LINKEDIN_LOGIN_URL": "${LinkedInLoginUrl}", "GESTOR_X_DAILY_USD": "${XDailyUsd}",
			"GESTOR_SECRET_META_APP": "${MetaAppSecret}", "GESTOR_SECRET_X_APP": "${XAppSecret}",
			"GESTOR_SECRET_LINKEDIN_APP": "${LinkedInAppSecret}", "GESTOR_SECRET_TOKEN_KEY": "${TokenKeySecret}",
			"GESTOR_SECRET_CITIZEN_KEY": "${CitizenKeySecret}",
		})
		return out
	}
	relay := maps.Clone(workers)
	relay["GESTOR_QUEUE_SOON"] = "${SoonQueue}"
	return map[string]map[string]string{
		"WebhookFunction": {
			"GESTOR_QUEUE_INBOX":         "${InboxQueue}",
			"GESTOR_BUCKET_RAW":          "${RawBucket}",
			"GESTOR_SECRET_META_APP":     "${MetaAppSecret}",
			"GESTOR_SECRET_X_APP":        "${XAppSecret}",
			"GESTOR_SECRET_LINKEDIN_APP": "${LinkedInAppSecret}",
		},
		"IntakeFunction": with(map[string]string{
			"GESTOR_BUCKET_MEDIA":       "${MediaBucket}", // for the classifier's models
			"GESTOR_BUCKET_RAW":         "${RawBucket}",
			"GESTOR_SECRET_CITIZEN_KEY": "${CitizenKeySecret}",
			"GESTOR_ACCOUNTS_JSON":      "${Accounts}",
			"GESTOR_ESCALATE_UNDO":      "${EscalateUndo}",
			"GESTOR_DOUBT_HOURS":        "${DoubtHours}",
		}),
		"RelayFunction": relay,
		"TickFunction":  with(workers),
		"DeliverFunction": calling(map[string]string{
			"GESTOR_BUCKET_MEDIA": "${MediaBucket}",
			"GESTOR_NOTICE_TO":    "${NoticeRecipients}",
			"GESTOR_NOTICE_FROM":  "${NoticeSender}",
			"GESTOR_QUIET_HOURS":  "${QuietHours}",
			"GESTOR_CONSOLE_URL":  consoleAddress,
		}),
		"FetchFunction": calling(map[string]string{
			"GESTOR_QUEUE_INBOX":        "${InboxQueue}",
			"GESTOR_BUCKET_MEDIA":       "${MediaBucket}",
			"GESTOR_SECRET_CONNECT_KEY": "${ConnectKeySecret}",
			"GESTOR_META_LOGIN_URL":     "${MetaLoginUrl}",
			"GESTOR_X_LOGIN_URL":        "${XLoginUrl}",
			"GESTOR_WEBHOOK_URL":        "${Api.ApiEndpoint}",
			"GESTOR_MEDIA_URL":          "${MediaUrl}",
		}),
		"EscalateFunction": with(map[string]string{
			"GESTOR_SECRET_SIAC": "${SiacSecret}",
			"GESTOR_SIAC_URL":    "${SiacUrl}",
		}),
		"DeskFunction": with(map[string]string{
			"GESTOR_OIDC_ISSUER":    signInIssuer,
			"GESTOR_OIDC_AUDIENCE":  signInClient("OidcAudience"),
			"GESTOR_OIDC_CLIENT_ID": signInClient("OidcClientId"),
			"GESTOR_OIDC_DOMAIN":    signInDomain,
			"GESTOR_ESCALATE_UNDO":  "${EscalateUndo}",
			"GESTOR_ACCOUNTS_JSON":  "${Accounts}",

			"GESTOR_CONSOLE_URL":        consoleAddress,
			"GESTOR_SECRET_CONNECT_KEY": "${ConnectKeySecret}",
			"GESTOR_BUCKET_MEDIA":       "${MediaBucket}",
			"GESTOR_X_DAILY_USD":        "${XDailyUsd}",
			"GESTOR_HUMAN_AGENT":        "${HumanAgent}",
			"GESTOR_DOUBT_HOURS":        "${DoubtHours}",
		}),
	}
}

// functionsAreTheirOwn: a role, a log group that expires, a name and code of its own.
func functionsAreTheirOwn(t tmpl) []finding {
	var out []finding
	for _, id := range t.of("Lambda::Function") {
		own := map[string]string{
			"Role":          render(t.prop(id, "Role")),
			"log group":     render(t.prop(id, "LoggingConfig", "LogGroup")),
			"runtime":       text(t.prop(id, "Runtime")),
			"handler":       text(t.prop(id, "Handler")),
			"architecture":  fmt.Sprint(texts(t.prop(id, "Architectures"))),
			"told its name": text(t.prop(id, "Environment", "Variables", "GESTOR_FUNCTION")),
			"path":          text(t.Resources[id].Metadata["aws:cdk:path"]),
			"asset":         text(t.Resources[id].Metadata["aws:asset:path"]),
			"asset is":      text(t.Resources[id].Metadata["aws:asset:property"]),
			"code":          text(t.prop(id, "Code", "S3Key")),
		}
		want := map[string]string{
			"Role": "${" + stem(id) + "Role.Arn}", "log group": "${" + stem(id) + "Logs}",
			"runtime": "provided.al2023", "handler": "bootstrap", "architecture": "[arm64]",
			"told its name": strings.ToLower(stem(id)), "path": "Gestor/" + id,
			"asset": "asset.ASSET", "asset is": "Code", "code": "ASSET.zip",
		}
		for _, what := range slices.Sorted(maps.Keys(want)) {
			if own[what] != want[what] {
				out = append(out, found(id, "%s is %q, want %q", what, own[what], want[what]))
			}
		}
		if t.Resources[stem(id)+"Role"] == nil {
			out = append(out, found(id, "has no role"))
		}
	}
	for _, id := range t.of("Logs::LogGroup") {
		if days := render(t.prop(id, "RetentionInDays")); days != "${LogRetentionDays}" {
			out = append(out, found(id, "keeps logs for %s days", days))
		}
	}
	for _, id := range t.of("Lambda::Function") {
		if t.Resources[stem(id)+"Logs"] == nil {
			out = append(out, found(id, "has no log group"))
		}
	}
	return out
}

// limitsAreAgreed: timeout, batch and concurrency of each function, however it is started.
func limitsAreAgreed(t tmpl) []finding {
	var out []finding
	got := map[string]limits{}
	for _, id := range t.of("Lambda::Function") {
		seconds := number(t.prop(id, "Timeout"))
		if told := text(t.prop(id, "Environment", "Variables", "GESTOR_TIMEOUT_SECONDS")); told != fmt.Sprint(seconds) {
			out = append(out, found(id, "is told it has %s seconds and has %v", told, seconds))
		}
		if memory := number(t.prop(id, "MemorySize")); memory < 128 || memory > 1024 {
			out = append(out, found(id, "has %v MiB", memory))
		}
		got[id] = limits{seconds, -1, number(t.prop(id, "ReservedConcurrentExecutions"))}
	}
	for _, id := range t.of("Lambda::EventSourceMapping") {
		reader := resourceOf(t.prop(id, "FunctionName"))
		l := got[reader]
		l.batch = number(t.prop(id, "BatchSize"))
		l.concurrency = number(t.prop(id, "ScalingConfig", "MaximumConcurrency"))
		if factor := number(t.prop(id, "ParallelizationFactor")); factor > 0 {
			l.concurrency = factor
		}
		got[reader] = l
	}
	return append(out, compare(agreedLimits(), got)...)
}

// environmentIsAgreed: the names of the specification, all set by the template, and nothing else.
func environmentIsAgreed(t tmpl) []finding {
	got := map[string]map[string]string{}
	for _, id := range t.of("Lambda::Function") {
		got[id] = map[string]string{}
		variables, _ := t.prop(id, "Environment", "Variables").(map[string]any)
		for name, value := range variables {
			if name != "GESTOR_FUNCTION" && name != "GESTOR_TIMEOUT_SECONDS" {
				got[id][name] = render(value)
			}
		}
	}
	var out []finding
	for _, f := range compare(names(agreedEnvironment()), names(got)) {
		out = append(out, found(f.where, "environment: %s", f.what))
	}
	return out
}

func names(environments map[string]map[string]string) map[string]string {
	out := map[string]string{}
	for id, variables := range environments {
		var lines []string
		for name, value := range variables {
			lines = append(lines, name+"="+value)
		}
		sort.Strings(lines)
		out[id] = strings.Join(lines, " ")
	}
	return out
}

// toldIsAllowed: a function that is given the name of a queue or a secret may use it, and may use none it is not given.
func toldIsAllowed(t tmpl) []finding {
	var out []finding
	for _, id := range t.of("Lambda::Function") {
		role, told := stem(id)+"Role", map[string]bool{}
		variables, _ := t.prop(id, "Environment", "Variables").(map[string]any)
		for name, value := range variables {
			action, on := "", render(value)
			switch {
			case strings.HasPrefix(name, "GESTOR_QUEUE_"):
				action, on = "sqs:SendMessage", strings.TrimSuffix(on, "}")+".Arn}"
			case strings.HasPrefix(name, "GESTOR_SECRET_"):
				action = "secretsmanager:GetSecretValue"
			default:
				continue
			}
			told[action+" "+on] = true
			if !t.may(role, action, on) {
				out = append(out, found(role, "may not %s on %s, which %s names", action, on, name))
			}
		}
		if on := t.prop(stem(id)+"Source", "DestinationConfig", "OnFailure", "Destination"); on != nil {
			told["sqs:SendMessage "+render(on)] = true
		}
		for _, s := range t.granted(role) {
			for _, action := range s.actions {
				for _, on := range s.resources {
					if (action == "sqs:SendMessage" || action == "secretsmanager:GetSecretValue") && !told[action+" "+on] {
						out = append(out, found(role, "may %s on %s, which its function does not know", action, on))
					}
				}
			}
		}
	}
	return out
}

// compare tells what differs between what was agreed and what stands in the template, by logical id.
func compare[V comparable](want, got map[string]V) []finding {
	var out []finding
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if value, ok := got[id]; !ok {
			out = append(out, found(id, "is missing, want %v", want[id]))
		} else if value != want[id] {
			out = append(out, found(id, "is %v, want %v", value, want[id]))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[id]; !ok {
			out = append(out, found(id, "was not agreed: %v", got[id]))
		}
	}
	return out
}
