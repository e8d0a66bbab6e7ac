package golden

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const policiesFile = "../testdata/policies.golden.json"

// allowed lists what each role may do, resource by resource and under which condition, as people review it.
func allowed(t *testing.T, template tmpl) string {
	t.Helper()
	roles := map[string]map[string][]string{}
	for _, role := range template.of("IAM::Role") {
		roles[role] = map[string][]string{}
		for _, s := range template.granted(role) {
			for _, on := range s.resources {
				if when := rendered(s.condition); when != "" {
					on += " if " + when
				}
				roles[role][on] = append(roles[role][on], s.actions...)
				slices.Sort(roles[role][on])
			}
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(roles); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestPolicies_Golden: a permission nobody reviewed is a difference here, and so is one that is gone.
func TestPolicies_Golden(t *testing.T) {
	got := allowed(t, parse(t))
	if updating() {
		if err := os.WriteFile(policiesFile, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(policiesFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("permissions differ from %s (-golden +template); if you meant it, run with -update:\n%s", policiesFile, diff)
	}
}

// TestPolicies_EachPermissionCounts takes every single permission of every role away, and every condition, and expects the
// list to say so.
func TestPolicies_EachPermissionCounts(t *testing.T) {
	whole, taken := allowed(t, parse(t)), 0
	same := func(broken tmpl, what string) {
		taken++
		if allowed(t, broken) == whole {
			t.Errorf("%s is gone and the list is the same", what)
		}
	}
	of := func(template tmpl, role string) []any {
		return list(dig(template.Resources[role].Properties, "Policies", 0, "PolicyDocument", "Statement"))
	}
	template := parse(t)
	for _, role := range template.of("IAM::Role") {
		for i, s := range template.granted(role) {
			for n, action := range s.actions {
				broken := parse(t)
				statement, _ := of(broken, role)[i].(map[string]any)
				statement["Action"] = slices.Delete(list(statement["Action"]), n, n+1)
				same(broken, role+" "+action)
			}
			if s.condition == nil {
				continue
			}
			broken := parse(t)
			statement, _ := of(broken, role)[i].(map[string]any)
			delete(statement, "Condition")
			same(broken, role+" condition of "+s.sid)
		}
	}
	if taken < 70 {
		t.Errorf("only %d permissions were taken away: the template was not read", taken)
	}
}
