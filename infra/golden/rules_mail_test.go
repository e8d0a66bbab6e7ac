package golden

import (
	"fmt"
	"slices"
	"strings"
)

// mailIdentities are the sender's address and the sender's domain, as SES may have verified either.
func mailIdentities() []string {
	const all = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/"
	return []string{all + "${NoticeSender}", all + "part 1 of (${NoticeSender}@) at @"}
}

// mailIsNarrow: deliver alone sends e-mail, from the one address that an installation names, and recipients without a
// sender are refused at deploy. Nothing that becomes part of a permission may bring a wildcard in.
func mailIsNarrow(t tmpl) []finding {
	var out []finding
	senders := map[string]int{}
	for _, role := range t.of("IAM::Role") {
		for _, s := range t.granted(role) {
			if !slices.ContainsFunc(s.actions, func(a string) bool { return strings.HasPrefix(a, "ses:") }) {
				continue
			}
			senders[role]++
			only := "map[StringEquals:map[ses:FromAddress:map[Ref:NoticeSender]]]"
			if got := fmt.Sprint(s.condition); got != only {
				out = append(out, found(role, "%s sends mail under the condition %s", s.sid, got))
			}
			if !slices.Equal(s.actions, []string{"ses:SendEmail"}) || !slices.Equal(s.resources, mailIdentities()) {
				out = append(out, found(role, "%s allows %v on %v", s.sid, s.actions, s.resources))
			}
		}
	}
	out = append(out, compare(map[string]int{"DeliverRole": 1}, senders)...)
	if p := t.Parameters["NoticeSender"]; p == nil || p.AllowedPattern == "" || strings.ContainsAny(p.AllowedPattern, "*?") ||
		strings.Contains(p.AllowedPattern, "[^") {
		out = append(out, found("NoticeSender", "may be anything"))
	}
	const rule = "NoticesHaveASender"
	if on, asserted := given(dig(t.Rules[rule], "RuleCondition")), given(dig(t.Rules[rule], "Assertions", 0, "Assert")); on != "NoticeRecipients" ||
		asserted != "NoticeSender" {
		out = append(out, found(rule, "asks for %q when there is %q", asserted, on))
	}
	return out
}

// given is the parameter that a condition wants not to be empty.
func given(condition any) string {
	pair := list(dig(condition, "Fn::Not", 0, "Fn::Equals"))
	if len(pair) != 2 || pair[1] != "" {
		return ""
	}
	return text(dig(pair[0], "Ref"))
}

func mailFaults() []fault {
	const mail = "mail leaves from one function and one address"
	role := "DeliverRole"
	return []fault{
		{"another function sends mail", mail, "EscalateRole", permit("EscalateRole", "ses:SendEmail", reference("NoticeSender"))},
		{"from any address of the domain", mail, role, sendMail(func(s map[string]any) { delete(s, "Condition") })},
		{"from any identity", mail, role, sendMail(func(s map[string]any) { s["Resource"] = "arn:aws:ses:*:*:identity/*" })},
		{"raw letters too", mail, role, sendMail(func(s map[string]any) { s["Action"] = []any{"ses:SendEmail", "ses:SendRawEmail"} })},
		{"a permission to send that nobody needs", mail, role, sendMail(func(s map[string]any) { s["Action"] = "sqs:SendMessage" })},
		{"a sender that is a pattern", mail, "NoticeSender", func(t tmpl) { t.Parameters["NoticeSender"].AllowedPattern = ".*" }},
		{"recipients without a sender", mail, "NoticesHaveASender", func(t tmpl) { delete(t.Rules, "NoticesHaveASender") }},
		{"a rule of something else", mail, "NoticesHaveASender", func(t tmpl) {
			rule, _ := t.Rules["NoticesHaveASender"].(map[string]any)
			rule["RuleCondition"] = dig(rule, "Assertions", 0, "Assert")
		}},
	}
}

// sendMail changes the statement by which deliver sends mail.
func sendMail(change func(map[string]any)) func(tmpl) {
	return func(t tmpl) {
		for _, s := range list(dig(t.Resources["DeliverRole"].Properties, "Policies", 0, "PolicyDocument", "Statement")) {
			if statement, _ := s.(map[string]any); statement["Sid"] == "SendMail" {
				change(statement)
			}
		}
	}
}
