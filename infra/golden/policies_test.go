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

// TestPolicies_Golden lists what each role may do, resource by resource, as people review it: a permission nobody
// reviewed is a difference here.
func TestPolicies_Golden(t *testing.T) {
	allowed := map[string]map[string][]string{}
	template := parse(t)
	for _, role := range template.of("IAM::Role") {
		allowed[role] = map[string][]string{}
		for _, s := range template.granted(role) {
			for _, on := range s.resources {
				allowed[role][on] = append(allowed[role][on], s.actions...)
				slices.Sort(allowed[role][on])
			}
		}
	}
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(allowed); err != nil {
		t.Fatal(err)
	}
	if updating() {
		if err := os.WriteFile(policiesFile, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(policiesFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("permissions differ from %s (-golden +template); if you meant it, run with -update:\n%s", policiesFile, diff)
	}
}
