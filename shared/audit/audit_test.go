package audit_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/audit"
)

func noon() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

// chain is a bitácora of n entries.
func chain(n int) []audit.Entry {
	var all []audit.Entry
	prev := ""
	for i := range n {
		e := audit.Entry{
			Ticket: "01T", Version: i + 1, At: noon().Add(time.Duration(i) * time.Minute), Actor: "ejecutivo1",
			Kind: audit.TicketClaimed, From: "ingresado", To: "en_analisis", Reason: "motivo",
			Facts: map[string]string{"b": "2", "a": "1"},
		}.Seal(prev)
		all, prev = append(all, e), e.Hash
	}
	return all
}

func TestVerify_whole(t *testing.T) {
	for _, n := range []int{0, 1, 5} {
		if err := audit.Verify(chain(n)); err != nil {
			t.Errorf("%d entries: %v", n, err)
		}
	}
}

// Whatever is done to the chain, Verify names the first entry at fault.
func TestVerify_catches(t *testing.T) {
	tests := []struct {
		name   string
		change func([]audit.Entry) []audit.Entry
		at     string
	}{
		{"another actor", edit(2, func(e *audit.Entry) { e.Actor = "otra persona" }), "version 3 "},
		{"another instant", edit(0, func(e *audit.Entry) { e.At = e.At.Add(time.Nanosecond) }), "version 1 "},
		{"another kind", edit(1, func(e *audit.Entry) { e.Kind = audit.TicketClosed }), "version 2 "},
		{"another ticket", edit(1, func(e *audit.Entry) { e.Ticket = "01U" }), "version 2 "},
		{"another state", edit(4, func(e *audit.Entry) { e.To = "cerrado" }), "version 5 "},
		{"another reason", edit(4, func(e *audit.Entry) { e.Reason = "" }), "version 5 "},
		{"another zone", edit(4, func(e *audit.Entry) { e.Zone = "UTC" }), "version 5 "},
		{"another fact", edit(3, func(e *audit.Entry) { e.Facts = map[string]string{"b": "2", "a": "3"} }), "version 4 "},
		{"a fact more", edit(3, func(e *audit.Entry) { e.Facts = map[string]string{"b": "2", "a": "1", "c": ""} }), "version 4 "},
		{"another scope", edit(2, func(e *audit.Entry) { e.Scope = audit.Restricted }), "version 3 "},
		{"another version", edit(3, func(e *audit.Entry) { e.Version = 9 }), "entry 4 "},
		{"no hash", edit(3, func(e *audit.Entry) { e.Hash = "" }), "version 4 "},
		{"sealed again after a change", edit(2, func(e *audit.Entry) {
			e.Actor = "otra persona"
			*e = e.Seal(e.Prev)
		}), "version 4 "},
		{"the first is missing", func(c []audit.Entry) []audit.Entry { return c[1:] }, "entry 1 "},
		{"one is missing", func(c []audit.Entry) []audit.Entry { return slices.Delete(c, 2, 3) }, "entry 3 "},
		{"one is there twice", func(c []audit.Entry) []audit.Entry { return slices.Insert(c, 2, c[2]) }, "entry 4 "},
		{"two changed places", func(c []audit.Entry) []audit.Entry { c[1], c[2] = c[2], c[1]; return c }, "entry 2 "},
		{"the end of another chain", func(c []audit.Entry) []audit.Entry {
			other := c[3]
			other.Prev = "ffff"
			return append(c[:3], other)
		}, "version 4 "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := audit.Verify(tt.change(chain(5)))
			if err == nil || !strings.Contains(err.Error(), tt.at) {
				t.Errorf("Verify = %v, want it to name %s", err, tt.at)
			}
		})
	}
}

func edit(at int, change func(*audit.Entry)) func([]audit.Entry) []audit.Entry {
	return func(c []audit.Entry) []audit.Entry {
		change(&c[at])
		return c
	}
}

func TestEntry_SealSaysWhereAndWhen(t *testing.T) {
	e := audit.Entry{Ticket: "01T", Version: 1, At: noon().In(time.FixedZone("-03", -3*60*60)), Kind: audit.TicketOpened}.Seal("")
	if e.V != 1 || e.Zone != "America/Santiago" || e.At.Location() != time.UTC || !e.At.Equal(noon()) || len(e.Hash) != 64 {
		t.Errorf("sealed = %+v", e)
	}
	if again := e.Seal(""); again.Hash != e.Hash {
		t.Error("sealed twice, the hash moved")
	}
	if other := e.Seal("ab"); other.Hash == e.Hash || other.Prev != "ab" {
		t.Error("the hash does not depend on the entry before")
	}
}

// What is stored is JSON: an entry that came back must still carry its own hash, whatever stands in it.
func TestEntry_SealSurvivesJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		e := audit.Entry{
			Ticket: text.Draw(t, "ticket"), Version: 1,
			At:     time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")),
			Actor:  text.Draw(t, "actor"),
			Kind:   audit.TicketClosed,
			From:   text.Draw(t, "from"),
			To:     text.Draw(t, "to"),
			Reason: text.Draw(t, "reason"),
			Facts:  rapid.MapOf(text, text).Draw(t, "facts"),
		}.Seal("")
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var back audit.Entry
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		if err := audit.Verify([]audit.Entry{back}); err != nil {
			t.Fatalf("after a round trip: %v\n%s", err, raw)
		}
	})
}

// The hash of entries already written may never change: they could not be verified any more.
func TestEntry_SealIsForEver(t *testing.T) {
	const want = "a677e741a661fd4f5f2ebc99b69bbf45cc049edcf961b961bdc439b2db29e4d0"
	if got := chain(1)[0].Hash; got != want {
		t.Errorf("hash = %s, want %s", got, want)
	}
}
