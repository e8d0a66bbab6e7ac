package golden

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

// nothingIsWild: no role allows an action or a resource with a wildcard in it. Two resources cannot be named more
// closely: the objects of the raw bucket, whose names are made when they arrive, and the streams of a function's own log
// group (CloudFormation puts that wildcard into the group's ARN by itself). A Deny may be as wide as it likes.
func nothingIsWild(t tmpl) []finding {
	var out []finding
	for _, role := range t.of("IAM::Role") {
		for _, s := range t.granted(role) {
			if s.effect != "Allow" {
				out = append(out, found(role, "%s has effect %q", s.sid, s.effect))
			}
			for _, action := range s.actions {
				if strings.Contains(action, "*") || !strings.Contains(action, ":") {
					out = append(out, found(role, "%s allows action %q", s.sid, action))
				}
			}
			for _, on := range s.resources {
				if !named(on, s.actions) {
					out = append(out, found(role, "%s allows %v on %q", s.sid, s.actions, on))
				}
			}
			if len(s.actions) == 0 || len(s.resources) == 0 {
				out = append(out, found(role, "%s says what it allows by exclusion", s.sid))
			}
		}
	}
	return out
}

// named says whether an ARN is one resource of this stack, the objects of its bucket, or what mail is sent from. An index
// of a table is named by the table and its own name.
func named(on string, actions []string) bool {
	if on == ourLibrary && slices.Equal(actions, []string{"s3:DeleteObject"}) {
		return true
	}
	if on == "${RawBucket.Arn}/*" || slices.Contains(mediaKinds(), on) {
		return slices.Equal(actions, []string{"s3:PutObject"}) || slices.Equal(actions, []string{"s3:GetObject"})
	}
	if slices.Contains(mailIdentities(), on) {
		return slices.Equal(actions, []string{"ses:SendEmail"})
	}
	return strings.HasPrefix(on, "${") && !strings.ContainsAny(on, "*?")
}

// mediaKinds are the kinds of files in the media bucket, each under a prefix of its own.
func mediaKinds() []string {
	return []string{"${MediaBucket.Arn}/media/*", "${MediaBucket.Arn}/story/*", "${MediaBucket.Arn}/evidence/*", "${MediaBucket.Arn}/models/*", ourLibrary}
}

// ourLibrary are the files we publish ourselves: the only ones that anybody may take away.
const ourLibrary = "${MediaBucket.Arn}/library/*"

// keysAreApart: who works with single items of the work table may not touch the partitions that hold the keys of our accounts,
// the connections being made and which model classifies, but those who need them; and intake reads the last.
func keysAreApart(t tmpl) []finding {
	both := "ForAllValues:StringNotLike dynamodb:LeadingKeys [CONNECT#* GRANT#* MODELS]"
	got := map[string]string{}
	for _, role := range t.of("IAM::Role") {
		for _, s := range t.granted(role) {
			if slices.Contains(s.resources, "${WorkTable.Arn}") && slices.Contains(s.actions, "dynamodb:GetItem") {
				got[role] += strings.Join(s.actions, " ") + " if " + rendered(s.condition) + "; "
			}
		}
	}
	const verbs = "dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem if "
	return compare(map[string]string{
		"IntakeRole":   verbs + both + "; dynamodb:GetItem if ForAllValues:StringEquals dynamodb:LeadingKeys [MODELS]; ",
		"TickRole":     "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem if " + both + "; ",
		"EscalateRole": verbs + both + "; ",
		"DeliverRole":  verbs + "ForAllValues:StringNotLike dynamodb:LeadingKeys [CONNECT#* MODELS]; ", // it renews keys
		// It begins connections, and says which model classifies.
		"DeskRole":  "dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query if ForAllValues:StringNotLike dynamodb:LeadingKeys [GRANT#*]; ",
		"FetchRole": verbs + "ForAllValues:StringNotLike dynamodb:LeadingKeys [MODELS]; ", // it makes keys of connections
	}, got)
}

// rolesAreNarrow: one role for each function and for nothing else, assumed by Lambda alone, without managed policies;
// logs go to the function's own group.
func rolesAreNarrow(t tmpl) []finding {
	var out []finding
	got, want := map[string]int{}, map[string]int{}
	for _, id := range t.of("Lambda::Function") {
		want[stem(id)+"Role"] = 1
		got[resourceOf(t.prop(id, "Role"))]++
	}
	out = append(out, compare(want, got)...)
	for _, role := range t.of("IAM::Role") {
		if want[role] == 0 {
			out = append(out, found(role, "is the role of no function"))
		}
		trust := list(t.prop(role, "AssumeRolePolicyDocument", "Statement"))
		if len(trust) != 1 || text(dig(trust, 0, "Principal", "Service")) != "lambda.amazonaws.com" ||
			text(dig(trust, 0, "Action")) != "sts:AssumeRole" {
			out = append(out, found(role, "may be assumed by %v", trust))
		}
		if managed := list(t.prop(role, "ManagedPolicyArns")); len(managed) > 0 {
			out = append(out, found(role, "has managed policies %v", managed))
		}
		own := "${" + strings.TrimSuffix(role, "Role") + "Logs.Arn}"
		for _, s := range t.granted(role) {
			for _, action := range s.actions {
				if strings.HasPrefix(action, "logs:") && !slices.Equal(s.resources, []string{own}) {
					out = append(out, found(role, "writes logs to %v", s.resources))
				}
			}
		}
		if !t.may(role, "logs:PutLogEvents", own) {
			out = append(out, found(role, "may not write its log"))
		}
	}
	return out
}

// rolesAloneAllow: nothing but the roles of functions gives permissions. The policies of queues and bucket only deny; the
// key's and the topic's have a rule of their own.
func rolesAloneAllow(t tmpl) []finding {
	var out []finding
	for _, kind := range []string{
		"IAM::Policy", "IAM::RolePolicy", "IAM::ManagedPolicy", "IAM::User", "IAM::UserPolicy", "IAM::Group", "IAM::GroupPolicy",
		"SecretsManager::ResourcePolicy", "Logs::ResourcePolicy", "Cognito::IdentityPool",
	} {
		for _, id := range t.of(kind) {
			out = append(out, found(id, "gives permissions outside the roles of functions"))
		}
	}
	for _, kind := range []string{"SQS::QueuePolicy", "S3::BucketPolicy"} {
		for _, id := range t.of(kind) {
			for _, s := range statements(t.prop(id, "PolicyDocument")) {
				if s.effect != "Deny" {
					out = append(out, found(id, "%s gives permissions with the resource", s.sid))
				}
			}
		}
	}
	for _, id := range t.of("Cognito::UserPoolGroup") {
		if t.prop(id, "RoleArn") != nil {
			out = append(out, found(id, "gives people a role in the account"))
		}
	}
	return out
}

// auditIsAppendOnly: on the bitácora and its index a role may put and query; no action that changes or deletes exists,
// by item, in batches or in PartiQL.
func auditIsAppendOnly(t tmpl) []finding {
	var out []finding
	harmless := map[string][]string{
		"${BitacoraTable.Arn}":           {"dynamodb:PutItem", "dynamodb:Query"},
		"${BitacoraTable.Arn}/index/day": {"dynamodb:Query"},
	}
	for _, role := range t.of("IAM::Role") {
		for _, s := range t.granted(role) {
			for _, on := range s.resources {
				for _, action := range s.actions {
					if strings.Contains(on, "BitacoraTable") && !slices.Contains(harmless[on], action) {
						out = append(out, found(role, "may %s on %s", action, on))
					}
				}
			}
		}
	}
	if t.prop("BitacoraTable", "TimeToLiveSpecification") != nil {
		out = append(out, found("BitacoraTable", "forgets by itself"))
	}
	return out
}

// secretsAreSecret: who reads each secret, and that no value passes through the template.
func secretsAreSecret(t tmpl) []finding {
	var out []finding
	readers := map[string][]string{}
	for _, role := range t.of("IAM::Role") {
		for _, s := range t.granted(role) {
			for _, action := range s.actions {
				if !strings.HasPrefix(action, "secretsmanager:") {
					continue
				}
				if action != "secretsmanager:GetSecretValue" {
					out = append(out, found(role, "may %s", action))
				}
				for _, on := range s.resources {
					id := strings.Trim(on, "${}")
					readers[id] = append(readers[id], role)
				}
			}
		}
	}
	got := map[string]string{}
	for _, id := range t.of("SecretsManager::Secret") {
		sort.Strings(readers[id])
		got[id] = fmt.Sprint(readers[id])
		for _, value := range []string{"SecretString", "GenerateSecretString"} {
			if t.prop(id, value) != nil {
				out = append(out, found(id, "has a %s", value))
			}
		}
	}
	out = append(out, compare(map[string]string{
		"MetaAppSecret":     "[DeliverRole FetchRole WebhookRole]",
		"SiacSecret":        "[EscalateRole]",
		"XAppSecret":        "[DeliverRole FetchRole WebhookRole]",
		"LinkedInAppSecret": "[DeliverRole FetchRole WebhookRole]",
		"TokenKeySecret":    "[DeliverRole FetchRole]",
		"ConnectKeySecret":  "[DeskRole FetchRole]",
		"CitizenKeySecret":  "[DeliverRole FetchRole IntakeRole]",
	}, got)...)
	for id, p := range t.Parameters {
		lower := strings.ToLower(id)
		if strings.Contains(lower, "secret") || strings.Contains(lower, "token") || strings.Contains(lower, "password") {
			out = append(out, found(id, "is a secret given as a parameter of type %s", p.Type))
		}
	}
	return out
}

// tlsOnly: each queue and the bucket refuse, to everybody, every action over a plain connection.
func tlsOnly(t tmpl) []finding {
	refused, want := map[string]bool{}, map[string]bool{}
	for _, id := range append(t.of("SQS::QueuePolicy"), t.of("S3::BucketPolicy")...) {
		for _, on := range refusedPlain(t, id) {
			refused[on] = true
		}
	}
	for _, id := range t.of("SQS::Queue") {
		want["${"+id+".Arn}"] = true
	}
	for _, id := range t.of("S3::Bucket") {
		want["${"+id+".Arn}"], want["${"+id+".Arn}/*"] = true, true
	}
	var out []finding
	for _, on := range slices.Sorted(maps.Keys(want)) {
		if !refused[on] {
			out = append(out, found(resourceOf(on), "%s is served over a plain connection", on))
		}
	}
	return out
}

// refusedPlain lists the ARNs that a resource policy closes to plain connections, as far as it is attached to them.
func refusedPlain(t tmpl, policy string) []string {
	attached := []string{render(t.prop(policy, "Bucket"))}
	for _, q := range list(t.prop(policy, "Queues")) {
		attached = append(attached, render(q))
	}
	document := t.prop(policy, "PolicyDocument")
	plain := fmt.Sprint(map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}})
	var out []string
	for i, s := range statements(document) {
		everybody := text(dig(document, "Statement", i, "Principal", "AWS")) == "*"
		everything := len(s.actions) == 1 && (s.actions[0] == "sqs:*" || s.actions[0] == "s3:*")
		if s.effect != "Deny" || !everybody || !everything || fmt.Sprint(s.condition) != plain {
			continue
		}
		for _, on := range s.resources {
			if slices.Contains(attached, "${"+resourceOf(on)+"}") {
				out = append(out, on)
			}
		}
	}
	return out
}
