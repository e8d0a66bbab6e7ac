package load

import (
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/whatsapp"
	"sence.gob.cl/gestor/shared/x"
)

// Each delivery is one item to its network's decoder: by a person, for our account, under the key the load looks for, with
// its mark. Nobody is called twice.
func TestDeliveries(t *testing.T) {
	accounts := []Account{
		{mention.Facebook, "100000000000001"},
		{mention.Instagram, "100000000000011"},
		{mention.X, "1000000000000000021"},
		{mention.LinkedIn, "urn:li:organization:1000031"},
		{mention.WhatsApp, "100000000000041"},
	}
	ours := mention.Accounts{}
	for _, a := range accounts {
		ours[a.Network] = append(ours[a.Network], a.ID)
	}
	decode := map[mention.Network]func([]byte, mention.Accounts) []mention.Event{
		mention.Facebook: meta.Decode, mention.Instagram: meta.DecodeInstagram, mention.X: x.Decode, mention.LinkedIn: linkedin.Decode,
		mention.WhatsApp: whatsapp.Decode,
	}
	start := time.Date(2026, 11, 29, 22, 0, 0, 0, time.UTC)
	sends, err := Plan{Rate: 25, For: 4 * time.Second, Accounts: accounts, Run: 1795990000000}.deliveries(start)
	if err != nil || len(sends) != 100 {
		t.Fatalf("%d sends, %v", len(sends), err)
	}
	keys, authors, marks := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, one := range sends {
		events := decode[one.Network](one.Body, ours)
		if len(events) != 1 {
			t.Fatalf("%s: %d events", one.Network, len(events))
		}
		e := events[0]
		switch {
		case e.Outcome != mention.Interaction || e.Author == nil || e.Account == "":
			t.Errorf("%s: %+v", one.Network, e)
			continue
		case one.Key != "" && e.Key != one.Key:
			t.Errorf("%s: key %q, looked for as %q", one.Network, e.Key, one.Key)
		case !strings.Contains(e.Text, one.Mark) || marked.FindString(e.Text) != one.Mark:
			t.Errorf("%s: the text does not hold the mark %q", one.Network, one.Mark)
		case e.At.After(start):
			t.Errorf("%s: written at %s, in the future", one.Network, e.At)
		}
		author := string(one.Network) + e.Author.ID
		if keys[e.Key] || authors[author] || marks[one.Mark] {
			t.Errorf("%s: key %q, author or mark for the second time", one.Network, e.Key)
		}
		keys[e.Key], authors[author], marks[one.Mark] = true, true, true
	}
}

// What was acknowledged is found by the id a network gave, or by the mark where the case shows no such id.
func TestKeyOf(t *testing.T) {
	mark := markOf(1795990000000, 7)
	acked := map[string]time.Time{"1_2": {}, mark: {}}
	for _, c := range []struct {
		m    shown
		want string
	}{
		{shown{ID: "1_2"}, "1_2"},
		{shown{ID: "h.x", Text: "@SENCE " + mark + ": hola"}, mark},
		{shown{ID: "3_4", Text: markOf(1795990000000, 8)}, ""},
		{shown{ID: "3_4", Text: "hola"}, ""},
	} {
		key, known := keyOf(c.m, acked)
		if known != (c.want != "") || known && key != c.want {
			t.Errorf("%+v is %q, %t; want %q", c.m, key, known, c.want)
		}
	}
}
