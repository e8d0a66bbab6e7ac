package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

// apart gives what the quarantine keeps, with its bytes.
func (w *world) apart() map[string][]byte {
	w.Helper()
	kept := map[string][]byte{}
	rows, _, err := w.store.Quarantined(w.Context(), "", 200)
	if err != nil {
		w.Fatal(err)
	}
	for _, row := range rows {
		q, found, err := w.store.QuarantinedBytes(w.Context(), row.ID)
		if err != nil || !found {
			w.Fatalf("quarantined %s: found %t, %v", row.ID, found, err)
		}
		if !q.At.Equal(noon()) || q.Size == 0 || !q.Network.Known() {
			w.Errorf("quarantined = %s %d bytes of %s", q.At, q.Size, q.Network)
		}
		kept[q.Reason] = q.Raw
	}
	return kept
}

// What cannot be understood is kept, byte for byte, with its reason; repeated, it is kept once.
func TestApart_ExactBytes(t *testing.T) {
	w := newWorld(t)
	raw := []byte("{\"object\":\"page\",\"entry\":[\xff\x00")
	for range 3 {
		w.take(noon(), packed(mention.Facebook, noon(), raw))
	}
	kept := w.apart()
	if len(kept) != 1 || !bytes.Equal(kept[mention.ReasonBadJSON], raw) {
		t.Errorf("kept %q, want %q once", kept, raw)
	}
	if n := len(w.items()); n != 1 {
		t.Errorf("%d items stored", n)
	}
}

// An item without a name can neither be fetched nor known again.
func TestApart_FetchWithoutAKey(t *testing.T) {
	w := newWorld(t)
	nameless := said(person, "", "", is(mention.Fetch), func(e *mention.Event) { e.Reason = mention.ReasonFetchAll })
	w.hears(nameless)
	if kept := w.apart(); len(kept) != 1 || kept[mention.ReasonFetchAll] == nil {
		t.Errorf("kept %v", kept)
	}
	if n := w.count("T"); n != 0 {
		t.Errorf("%d cases", n)
	}
}

// Each reason is kept beside the others, and what an item of the delivery could not be is told.
func TestApart_Reasons(t *testing.T) {
	w := newWorld(t)
	for _, e := range []mention.Event{
		{Outcome: mention.Quarantine, Network: mention.X, Reason: mention.ReasonBadItem},
		{Outcome: mention.IgnoreUnknown, Network: mention.X, Reason: mention.ReasonUnknownField},
		{Outcome: mention.Quarantine, Network: mention.X},
		{Outcome: "de_otra_version", Network: mention.X},
	} {
		w.hears(e)
	}
	kept := w.apart()
	for _, reason := range []string{mention.ReasonBadItem, mention.ReasonUnknownField, "quarantine", "de_otra_version"} {
		if kept[reason] == nil {
			t.Errorf("nothing is kept for %q: %v", reason, kept)
		}
	}
}

// One item nobody understands among a thousand: the others are stored.
func TestApart_PoisonInABatch(t *testing.T) {
	const size = 60
	w := newWorld(t)
	var changes []any
	for n := range size {
		if n == size/2 {
			changes = append(changes, map[string]any{"field": "feed", "value": "no es un item"})
			continue
		}
		changes = append(changes, map[string]any{"field": "feed", "value": map[string]any{
			"item": "comment", "verb": "add", "comment_id": fmt.Sprintf("7_%06d", n), "post_id": page + "_7",
			"created_time": noon().Unix() - 60, "message": consulta, "from": map[string]any{"id": fmt.Sprintf("8%07d", n), "name": "Persona Ficticia"},
		}})
	}
	raw, err := json.Marshal(map[string]any{"object": "page", "entry": []any{map[string]any{"id": page, "time": noon().Unix(), "changes": changes}}})
	if err != nil {
		t.Fatal(err)
	}
	w.take(noon(), packed(mention.Facebook, noon(), raw))
	if n := w.count("T"); n != size-1 {
		t.Errorf("%d cases, want %d", n, size-1)
	}
	if kept := w.apart(); !bytes.Equal(kept[mention.ReasonBadItem], raw) {
		t.Errorf("the delivery is not kept: %d reasons", len(kept))
	}
}

// A delivery too large for an item is remembered without its bytes rather than lost.
func TestApart_TooLargeForAnItem(t *testing.T) {
	w := newWorld(t)
	var b strings.Builder
	for n := range 60_000 {
		fmt.Fprintf(&b, "%x", n*2654435761) // no compression makes this small
	}
	w.take(noon(), packed(mention.Facebook, noon(), []byte("{"+b.String())))
	rows, _, err := w.store.Quarantined(t.Context(), "", 10)
	if err != nil || len(rows) != 1 || rows[0].Size != b.Len()+1 || rows[0].Reason != mention.ReasonBadJSON {
		t.Errorf("kept %+v, %v", rows, err)
	}
}

// What is no delivery of ours goes to the dead letters, and nothing is written.
func TestHandle_Poison(t *testing.T) {
	w := newWorld(t)
	bomb, err := mention.Pack(make([]byte, 4<<20+1))
	if err != nil {
		t.Fatal(err)
	}
	large, err := json.Marshal(mention.Inline(mention.Facebook, noon(), bomb))
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"nothing":              "",
		"no JSON":              "{",
		"no body":              `{"v":1,"network":"facebook","received":"2026-11-23T15:00:00Z"}`,
		"two bodies":           `{"v":1,"network":"facebook","received":"2026-11-23T15:00:00Z","body":"eA==","blob":"x"}`,
		"a later version":      `{"v":2,"network":"facebook","received":"2026-11-23T15:00:00Z","body":"eA=="}`,
		"no base64":            `{"v":1,"network":"facebook","received":"2026-11-23T15:00:00Z","body":"!"}`,
		"not compressed":       `{"v":1,"network":"facebook","received":"2026-11-23T15:00:00Z","body":"eA=="}`,
		"a network of nobody":  packed("orkut", noon(), []byte("{}")),
		"too large when read":  string(large),
		"a date that is none":  `{"v":1,"network":"facebook","received":"ayer","body":"eA=="}`,
		"a network not built ": packed(mention.LinkedIn, noon(), []byte("{}")),
	} {
		if err := w.worker.Handle(context.Background(), noon(), body); !fault.Is(err, fault.Poison) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(w.items()); n != 0 {
		t.Errorf("%d items written", n)
	}
}

// A large delivery is read from where it lies; while it is not there, the delivery comes back.
func TestHandle_Blob(t *testing.T) {
	w := newWorld(t)
	raw, err := json.Marshal([]mention.Event{said(person, "i1", consulta)})
	if err != nil {
		t.Fatal(err)
	}
	body, err := mention.Pack(raw)
	if err != nil {
		t.Fatal(err)
	}
	const letter = `{"v":1,"network":"x","received":"2026-11-23T15:00:00Z","blob":"x/2026-11-23/abc"}`
	err = w.worker.Handle(t.Context(), noon(), letter)
	if kind := fault.Of(err); kind != fault.Permanent && kind != fault.Transient {
		t.Errorf("a body that is not there ends as %v: acknowledged and lost", err)
	}
	w.blobs["x/2026-11-23/abc"] = body
	w.take(noon(), letter)
	w.must("i1")
}
