package golden

import (
	"fmt"
	"strings"
	"testing"
)

// TestRules_CatchEveryRemoval takes away, one after the other, every dead letter queue, every partial answer, every
// encryption setting, every alarm and every refusal of plain connections there is, and expects a rule to name it. The
// planted faults try one of each; this tries all, also those that are added later.
func TestRules_CatchEveryRemoval(t *testing.T) {
	type removal struct {
		rule, what, where string
		take              func(tmpl)
	}
	var all []removal
	template := parse(t)
	for _, id := range template.of("SQS::Queue") {
		if name, dead := strings.CutSuffix(id, "DeadLetters"); dead && name != "Relay" {
			all = append(all, removal{"every queue has dead letters", "dead letters", name + "Queue", drop(id)})
		}
	}
	all = append(all, removal{
		"the stream's reader gets outbox items and gives up", "dead letters", "RelaySource", set("RelaySource", nil, "DestinationConfig"),
	})
	for _, id := range template.of("Lambda::EventSourceMapping") {
		all = append(all, removal{"sources report failed items and are bounded", "partial answers", id, set(id, nil, "FunctionResponseTypes")})
	}
	for kind, path := range encryption() {
		for _, id := range template.of(kind) {
			all = append(all, removal{"what is stored is encrypted", "encryption", id, set(id, nil, path...)})
		}
	}
	for _, id := range template.of("CloudWatch::Alarm") {
		all = append(all, removal{"each invariant has its alarm", "alarm", id, drop(id)})
	}
	for _, id := range template.of("SQS::QueuePolicy") {
		all = append(all, removal{"nothing is served over a plain connection", "policy", strings.TrimSuffix(id, "Policy"), drop(id)})
	}
	for _, id := range template.of("Cognito::UserPoolGroup") {
		name := template.prop(id, "GroupName")
		all = append(all, removal{"groups are the roles of the desk", "group", fmt.Sprint(name), drop(id)})
	}
	if len(all) < 70 {
		t.Fatalf("only %d removals: the template was not read", len(all))
	}
	byName := map[string]rule{}
	for _, r := range rules() {
		byName[r.name] = r
	}
	for _, one := range all {
		broken := parse(t)
		one.take(broken)
		caught := false
		for _, f := range byName[one.rule].check(broken) {
			caught = caught || strings.HasPrefix(f.where, one.where)
		}
		if !caught {
			t.Errorf("%s of %s is gone and rule %q does not say so", one.what, one.where, one.rule)
		}
	}
	t.Logf("%d removals, each named by its rule", len(all))
}
