package citizen_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
)

// What is put away comes back whole, and while it is away nothing of it names the person.
func TestAway(t *testing.T) {
	const who = "877665544332211"
	for name, e := range map[string]mention.Event{
		"a message":             {Network: mention.Instagram, Kind: mention.DM, Key: "mid.1", Thread: who, Author: &mention.Author{ID: who}},
		"a message named by us": {Network: mention.Facebook, Kind: mention.DM, Key: who + ":1:ab", Thread: who, Author: &mention.Author{ID: who, Name: "Persona Ficticia"}},
		"of WhatsApp":           {Network: mention.WhatsApp, Kind: mention.DM, Key: "wamid." + who, Parent: "wamid.X" + who, Thread: who, Author: &mention.Author{ID: who, Aliases: []string{"+" + who}}},
		"a comment":             {Network: mention.X, Kind: mention.Comment, Key: "55", Thread: "44", Parent: "44", Author: &mention.Author{ID: who, Aliases: []string{"@ficticia"}}},
		"of nobody known":       {Network: mention.Facebook, Kind: mention.Mentioned, Key: "1_2", Thread: "1", Text: "Hola"},
	} {
		away := secret(t, 7).Away(e)
		text, err := json.Marshal(away)
		if err != nil || strings.Contains(string(text), who) || strings.Contains(string(text), "@ficticia") {
			t.Errorf("%s is stored as %s, %v", name, text, err)
		}
		if e.Public() && (away.Key != e.Key || away.Thread != e.Thread || away.Parent != e.Parent) {
			t.Errorf("%s: what names nobody is sealed: %s", name, text)
		}
		back, err := secret(t, 7).Back(away)
		if diff := cmp.Diff(e, back); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
		if _, err := secret(t, 8).Back(away); e.Author != nil && err == nil {
			t.Errorf("%s opens to another secret", name)
		}
	}
}
