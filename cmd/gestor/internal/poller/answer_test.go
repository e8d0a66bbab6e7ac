package poller

import "testing"

// What the sources would also refuse as an unknown identifier is refused here already, before anybody looks it up.
func TestFailures_wantsIdentifiers(t *testing.T) {
	for _, payload := range []string{
		`{"batchItemFailures":[{"itemIdentifier":""}]}`, `{"batchItemFailures":[{"itemIdentifier":null}]}`,
		`{"batchItemFailures":[{}]}`, `{"batchItemFailures":[null]}`,
	} {
		if ids, ok := failures([]byte(payload)); ok {
			t.Errorf("%s was understood as %q", payload, ids)
		}
	}
}
