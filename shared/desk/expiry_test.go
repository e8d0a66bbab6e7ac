package desk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

func (w *world) story(id string) ticket.Story {
	w.Helper()
	s, err := w.store.Story(context.WithoutCancel(w.Context()), id)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// lasting counts the mentions and replies of a case that have not the case's expiry.
func (w *world) lasting(id string) int {
	w.Helper()
	n, s := 0, w.story(id)
	if s.Ticket.Expires.IsZero() {
		w.Errorf("the case has no expiry")
	}
	for _, m := range s.Mentions {
		if !m.Expires.Equal(s.Ticket.Expires) {
			n++
		}
	}
	for _, r := range s.Replies {
		if !r.Expires.Equal(s.Ticket.Expires) {
			n++
		}
	}
	return n
}

// A closed case is there for half a year, and then for nobody: not by its id, its number, its list, nor for another act.
func TestExpiry_AfterClosing(t *testing.T) {
	w := newWorld(t)
	open, closed := w.answered(classify.Consulta), w.answered(classify.Consulta)
	if a := w.act("supervisor", closed.ID, "close", nil); a.status != 200 {
		t.Fatalf("close: %d %s", a.status, a.body)
	}
	if n := w.lasting(closed.ID); n != 0 {
		t.Errorf("%d texts of the closed case do not expire", n)
	}
	get := func(id string) int { return w.ask("GET", "/api/v1/tickets/"+id, "supervisor", "").status }
	named := func(number string) list {
		return read[list](w, w.ask("GET", "/api/v1/tickets?q="+url.QueryEscape(number), "supervisor", ""))
	}
	w.pass(180*24*time.Hour - time.Second)
	if get(closed.ID) != 200 || len(named(closed.Number).Items) != 1 {
		t.Error("the closed case went too early")
	}
	version := w.ticket(closed.ID).Version
	w.pass(time.Second)
	if status := get(closed.ID); status != 404 {
		t.Errorf("the expired case: %d", status)
	}
	if gone, never := w.fetch("GET", "/api/v1/tickets?q="+closed.Number, "supervisor", ""), w.fetch("GET", "/api/v1/tickets?q=RS-2026-9999999-9", "supervisor", ""); gone.status != 200 || string(gone.body) != string(never.body) {
		t.Errorf("its number: %d %s, one that nobody has: %s", gone.status, gone.body, never.body)
	}
	if l := read[list](w, w.ask("GET", "/api/v1/tickets?view=state&state=cerrado", "supervisor", "")); len(l.Items) != 0 {
		t.Errorf("listed: %v", l.ids())
	}
	a := w.ask("POST", path(closed, "close"), "supervisor", fmt.Sprintf(`{"version":%d}`, version), "Idempotency-Key", "tarde")
	if a.status != http.StatusNotFound {
		t.Errorf("an act on it: %d %s", a.status, a.body)
	}
	if get(open.ID) != 200 || len(named(open.Number).Items) != 1 {
		t.Error("the open case went too")
	}
}

// long opens a case of a person who wrote again and again.
func (w *world) long(mentions int) ticket.Ticket {
	w.Helper()
	t := w.open(classify.Felicitacion)
	class := classify.Result{Intent: classify.Felicitacion, Probabilities: map[classify.Intent]float64{classify.Felicitacion: 0.99}}
	for i := range mentions - 1 {
		e := mention.Event{
			Network: mention.Facebook, Kind: mention.Comment, Key: fmt.Sprintf("%s_%d", t.First, i), Thread: "7", Text: "Gracias.",
			At: w.clock().Add(time.Duration(i-5000) * time.Second),
		}
		t = w.must(t.Append(e, class, "Gracias.", ticket.DefaultPolicy(), w.clock(), w.clock(), nil), nil)
	}
	return t
}

// A case of more texts than one step can write ends all the same, and all its texts get their expiry; a failure on the way
// takes nothing back and is made good when the same click comes again.
func TestExpiry_LongCase(t *testing.T) {
	steps := 0
	lapse := func(c ticket.Change) bool { return c.Ticket == nil && len(c.Mentions) > 0 }
	for _, tt := range []struct {
		name  string
		fails func(ticket.Change) error
		left  bool
	}{
		{"nothing fails", nil, false},
		{"an edit comes between", func(c ticket.Change) error {
			if steps++; lapse(c) && steps < 4 {
				return fault.New(fault.Conflict, "test", ticket.ErrStale)
			}
			return nil
		}, false},
		{"the store goes down", func(c ticket.Change) error {
			if lapse(c) {
				return fault.New(fault.Transient, "test", errors.New("down"))
			}
			return nil
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			c := w.long(205)
			w.store.set(tt.fails)
			click := func() answer {
				return w.ask("POST", path(c, "close"), "supervisor", fmt.Sprintf(`{"version":%d}`, c.Version), "Idempotency-Key", "cierre")
			}
			first := click()
			if first.status != 200 || read[view](w, first).State != string(ticket.Cerrado) {
				t.Fatalf("close: %d %s", first.status, first.body)
			}
			if n := w.lasting(c.ID); (n > 0) != tt.left || n > 205-80 {
				t.Errorf("%d texts do not expire, some are left: %t", n, tt.left)
			}
			if told := strings.Contains(w.log.String(), "expiry not set"); told != tt.left {
				t.Errorf("the log tells of it: %t, want %t", told, tt.left)
			}
			w.store.set(nil)
			if again := click(); again.status != 200 || string(again.body) != string(first.body) {
				t.Errorf("again: %d %s", again.status, again.body)
			}
			if n := w.lasting(c.ID); n != 0 {
				t.Errorf("after the same click %d texts do not expire", n)
			}
		})
	}
}
