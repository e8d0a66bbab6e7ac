package golden

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ourKey is the one key of the installation, as rendered.
const ourKey = "${DataKey.Arn}"

// encryption is where each kind of resource names the key it is encrypted with.
func encryption() map[string][]any {
	return map[string][]any{
		"DynamoDB::Table":        {"SSESpecification", "KMSMasterKeyId"},
		"SQS::Queue":             {"KmsMasterKeyId"},
		"S3::Bucket":             {"BucketEncryption", "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault", "KMSMasterKeyID"},
		"SecretsManager::Secret": {"KmsKeyId"},
		"Logs::LogGroup":         {"KmsKeyId"},
		"SNS::Topic":             {"KmsMasterKeyId"},
	}
}

// storedIsEncrypted: whatever keeps something keeps it under our key, and pays KMS as rarely as the service allows.
func storedIsEncrypted(t tmpl) []finding {
	var out []finding
	for kind, path := range encryption() {
		for _, id := range t.of(kind) {
			if key := render(t.prop(id, path...)); key != ourKey {
				out = append(out, found(id, "is encrypted with %s", key))
			}
		}
	}
	for _, id := range t.of("DynamoDB::Table") {
		if t.prop(id, "SSESpecification", "SSEEnabled") != true || t.prop(id, "SSESpecification", "SSEType") != "KMS" {
			out = append(out, found(id, "is not encrypted with a key of the account"))
		}
	}
	for _, id := range t.of("SQS::Queue") {
		if number(t.prop(id, "KmsDataKeyReusePeriodSeconds")) != 86400 {
			out = append(out, found(id, "asks KMS more often than once a day"))
		}
	}
	for _, id := range t.of("S3::Bucket") {
		rule := dig(t.prop(id, "BucketEncryption", "ServerSideEncryptionConfiguration"), 0)
		if dig(rule, "ServerSideEncryptionByDefault", "SSEAlgorithm") != "aws:kms" || dig(rule, "BucketKeyEnabled") != true {
			out = append(out, found(id, "is not encrypted with a bucket key"))
		}
	}
	return out
}

// keyIsNarrow: the account administers the key and nobody decrypts with it but through the services that store for us;
// CloudWatch gets it for this stack's logs and this account's alarms.
func keyIsNarrow(t tmpl) []finding {
	const id = "DataKey"
	const account = "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"
	const all = "[kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey kms:ReEncryptFrom kms:ReEncryptTo]"
	var out []finding
	if keys := t.of("KMS::Key"); !slices.Equal(keys, []string{id}) {
		out = append(out, found(id, "keys are %v", keys))
	}
	if t.prop(id, "EnableKeyRotation") != true || number(t.prop(id, "PendingWindowInDays")) != 30 {
		out = append(out, found(id, "is not renewed, or is gone at once when deleted"))
	}
	got := map[string]string{}
	for i, s := range statements(t.prop(id, "KeyPolicy")) {
		principal := t.prop(id, "KeyPolicy", "Statement", i, "Principal")
		who := render(dig(principal, "AWS"))
		if service := text(dig(principal, "Service")); service != "" {
			who = service
		}
		for _, action := range s.actions {
			if strings.ContainsAny(action, "*?") {
				out = append(out, found(id, "%s allows %s", s.sid, action))
			}
		}
		if s.sid == "Administration" {
			for _, use := range []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"} {
				if slices.Contains(s.actions, use) {
					out = append(out, found(id, "administrators may %s", use))
				}
			}
			got[s.sid] = fmt.Sprintf("%s %s if %s", s.effect, who, rendered(s.condition))
			continue
		}
		got[s.sid] = fmt.Sprintf("%s %s %v if %s", s.effect, who, s.actions, rendered(s.condition))
	}
	via := func(service string) string { return service + ".${AWS::Region}.amazonaws.com" }
	for _, f := range compare(map[string]string{
		"Administration": "Allow " + account + " if ",
		"UseThroughServices": "Allow " + account + " " + all + " if StringEquals kms:ViaService [" + via("dynamodb") + " " + via("sqs") + " " +
			via("secretsmanager") + " " + via("s3") + "]",
		"TablesKeepAGrant": "Allow " + account + " [kms:CreateGrant] if Bool kms:GrantIsForAWSResource true; StringEquals kms:ViaService " +
			via("dynamodb"),
		"Logs": "Allow logs.amazonaws.com " + all + " if ArnLike kms:EncryptionContext:aws:logs:arn " +
			"arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${AWS::StackName}-*",
		"Alarms": "Allow cloudwatch.amazonaws.com [kms:Decrypt kms:GenerateDataKey] if StringEquals aws:SourceAccount ${AWS::AccountId}",
	}, got) {
		out = append(out, found(id, "%s %s", f.where, f.what))
	}
	return out
}

// rendered writes a condition as people read it: operator, key and values, in order.
func rendered(condition any) string {
	operators, _ := condition.(map[string]any)
	var parts []string
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		keys, _ := operators[operator].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			value := render(keys[key])
			if values, ok := keys[key].([]any); ok {
				var all []string
				for _, v := range values {
					all = append(all, render(v))
				}
				value = fmt.Sprint(all)
			}
			parts = append(parts, operator+" "+key+" "+value)
		}
	}
	return strings.Join(parts, "; ")
}

// keyFollowsUse: a role may use the key for exactly what it touches, through exactly the services that store it. The key
// of a table it does not read would be worth nothing; without the key of one it reads, it fails at its first call.
func keyFollowsUse(t tmpl) []finding {
	var out []finding
	for _, role := range t.of("IAM::Role") {
		want, got := map[string]string{}, map[string]string{}
		needed := map[string][]string{}
		for _, s := range t.granted(role) {
			if strings.HasPrefix(s.actions[0], "kms:") {
				service, _ := strings.CutPrefix(rendered(s.condition), "StringEquals kms:ViaService ")
				got[service] = fmt.Sprint(s.actions)
				if !slices.Equal(s.resources, []string{ourKey}) {
					out = append(out, found(role, "%s is about %v", s.sid, s.resources))
				}
				continue
			}
			for _, action := range s.actions {
				service, _, _ := strings.Cut(action, ":")
				needed[service] = append(needed[service], keyFor(action)...)
			}
		}
		for service, actions := range needed {
			slices.Sort(actions)
			if actions = slices.Compact(actions); len(actions) > 0 {
				want[service+".${AWS::Region}.amazonaws.com"] = fmt.Sprint(actions)
			}
		}
		for _, f := range compare(want, got) {
			out = append(out, found(role, "key through %s %s", f.where, f.what))
		}
	}
	return out
}

// keyFor is what a service asks KMS for in the name of whoever does this.
func keyFor(action string) []string {
	switch action {
	case "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem":
		return []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
	case "sqs:SendMessage":
		return []string{"kms:Decrypt", "kms:GenerateDataKey"}
	case "sqs:ReceiveMessage", "secretsmanager:GetSecretValue", "s3:GetObject":
		return []string{"kms:Decrypt"}
	case "s3:PutObject":
		return []string{"kms:GenerateDataKey"}
	}
	if strings.HasPrefix(action, "dynamodb:") {
		return []string{"kms:Decrypt", "kms:DescribeKey"}
	}
	return nil
}

func keyFaults() []fault {
	stored, narrow, use := "what is stored is encrypted", "the key is used through our services alone", "a role may use the key for what it touches"
	policy := func(place int, path ...any) []any { return append([]any{"KeyPolicy", "Statement", place}, path...) }
	return []fault{
		{"a table under another key", stored, "WorkTable", set("WorkTable", "alias/aws/dynamodb", "SSESpecification", "KMSMasterKeyId")},
		{"a table is not encrypted", stored, "BitacoraTable", set("BitacoraTable", false, "SSESpecification", "SSEEnabled")},
		{"a queue under the service's key", stored, "OutboundQueue", set("OutboundQueue", nil, "KmsMasterKeyId")},
		{"a queue that asks KMS all the time", stored, "InboxQueue", set("InboxQueue", 60.0, "KmsDataKeyReusePeriodSeconds")},
		{"a bucket without its key", stored, "RawBucket", set("RawBucket", false, "BucketEncryption", "ServerSideEncryptionConfiguration", 0, "BucketKeyEnabled")},
		{"anybody may decrypt", narrow, "DataKey", set("DataKey", nil, policy(1, "Condition")...)},
		{"administrators may decrypt", narrow, "DataKey", set("DataKey", []any{"kms:Decrypt"}, policy(0, "Action")...)},
		{"every action of the key", narrow, "DataKey", set("DataKey", "kms:*", policy(1, "Action")...)},
		{"the logs of everybody", narrow, "DataKey", set("DataKey", nil, policy(3, "Condition")...)},
		{"a key that is never renewed", narrow, "DataKey", set("DataKey", false, "EnableKeyRotation")},
		{"a key that is gone in a week", narrow, "DataKey", set("DataKey", 7.0, "PendingWindowInDays")},
		{"a second key", narrow, "DataKey", add("Other", "KMS::Key", map[string]any{})},
		{"a role that decrypts by itself", use, "DeskRole", permit("DeskRole", "kms:Decrypt", arnOf("DataKey"))},
		{"a role that may not read what it reads", use, "EscalateRole", func(t tmpl) {
			document := dig(t.Resources["EscalateRole"].Properties, "Policies", 0, "PolicyDocument").(map[string]any)
			document["Statement"] = slices.DeleteFunc(document["Statement"].([]any), func(s any) bool { return dig(s, "Sid") == "KeyOfSecrets" })
		}},
	}
}
