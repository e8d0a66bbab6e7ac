package mention_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
)

// What is read from a network travels like what it delivers, and comes out as it went in.
func TestEventsDelivery(t *testing.T) {
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	events := []mention.Event{
		{Outcome: mention.Interaction, Network: mention.X, Kind: mention.Comment, Key: "1924465506158878979", Thread: "9", Text: "¿Hola? 🙂", At: at, Author: &mention.Author{ID: "7"}},
		{Outcome: mention.Own, Network: mention.X, Kind: mention.DM, Key: "8", Tag: "01TICKET.r000002"},
	}
	d, err := mention.EventsDelivery(mention.X, mention.OriginList, at, events)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	got, err := mention.ParseDelivery(string(text))
	if err != nil || got.Form != mention.FormEvents || got.Origin != mention.OriginList || !got.Received.Equal(at) || got.Network != mention.X {
		t.Fatalf("%+v, %v", got, err)
	}
	packed, err := got.Packed()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := mention.Unpack(packed, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	out, err := mention.ParseEvents(mention.X, raw)
	if diff := cmp.Diff(events, out); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestParseEvents_Refuses(t *testing.T) {
	one := `{"outcome":"own","channel":"x","key":"1"}`
	for name, body := range map[string]string{
		"nothing": "", "no list": one, "no JSON": "[", "something after it": "[]x", "another network": `[{"outcome":"own","channel":"facebook"}]`,
		"no event": "[null]", "no outcome": `[{"channel":"x"}]`, "far too many": "[" + strings.Repeat(one+",", 5000) + one + "]",
	} {
		if _, err := mention.ParseEvents(mention.X, []byte(body)); err == nil {
			t.Errorf("%s is read", name)
		}
	}
	// What only intake fills in cannot come from outside.
	got, err := mention.ParseEvents(mention.X, []byte(`[{"outcome":"interaction","channel":"x","key":"1","Recipient":"7","Remote":"8"}]`))
	if err != nil || len(got) != 1 || got[0].Recipient != "" || got[0].Remote != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzParseEvents(f *testing.F) {
	f.Add([]byte(`[{"outcome":"interaction","channel":"x","key":"1","at":"2026-11-29T12:00:00Z","author":{"id":"7"}}]`))
	f.Add([]byte(`[{"outcome":"own","channel":"x","flags":["hidden"],"attachments":[{"type":"image"}],"tag":"a.b"}]`))
	f.Add([]byte(`[null]`))
	f.Add([]byte(`{"outcome":"own"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		events, err := mention.ParseEvents(mention.X, raw)
		if err != nil {
			return
		}
		text, err := json.Marshal(events)
		if err != nil {
			t.Skip("an instant beyond the year 9999 is read and cannot be written")
		}
		again, err := mention.ParseEvents(mention.X, text)
		if err != nil || len(again) != len(events) {
			t.Fatalf("written and read again: %d of %d events, %v", len(again), len(events), err)
		}
		for i, e := range events {
			if e.Network != mention.X || e.Outcome == "" || again[i].Key != e.Key || !again[i].At.Equal(e.At) {
				t.Fatalf("event %d: %+v, again %+v", i, e, again[i])
			}
		}
	})
}
