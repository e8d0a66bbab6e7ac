package intake_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// clock gives an instant in Chile.
func clock(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return when.UTC()
}

// A doubtful complaint waits four office hours for a person, over nights, weekends, holidays and changes of the clock; a
// sure one ten minutes.
func TestTerms_Escalation(t *testing.T) {
	tests := []struct{ name, heard, leaves string }{
		{"in the morning", "2026-11-23 09:30", "2026-11-23 13:30"},
		{"in the afternoon", "2026-11-23 16:00", "2026-11-24 11:00"},
		{"at night", "2026-11-23 23:10", "2026-11-24 13:00"},
		{"on Friday afternoon", "2026-11-27 16:30", "2026-11-30 11:30"},
		{"on Saturday", "2026-11-28 12:00", "2026-11-30 13:00"},
		{"before a holiday", "2026-12-07 17:00", "2026-12-09 12:00"}, // 8 December is a holiday
		{"the clock goes forward on Sunday", "2026-09-04 16:00", "2026-09-07 11:00"},
		{"the clock goes back on Sunday", "2026-04-02 16:00", "2026-04-06 11:00"}, // and Friday is Good Friday
		{"at the end of the day", "2026-11-23 18:00", "2026-11-24 13:00"},
	}
	w := newWorld(t)
	for n, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := clock(t, tt.heard)
			doubt, sure := fmt.Sprintf("d%d", n), fmt.Sprintf("s%d", n)
			w.take(now, delivery(now, said(doubt, doubt, dudoso, at(now)), said(sure, sure, reclamo, at(now))))
			got := w.must(doubt).Ticket.SIAC
			if got.Reason != ticket.RuleDoubt || !got.Due.Equal(clock(t, tt.leaves)) {
				t.Errorf("leaves %s by %s, want %s", got.Due, got.Reason, clock(t, tt.leaves))
			}
			if got := w.must(sure).Ticket.SIAC; got.Reason != ticket.RuleSure || !got.Due.Equal(now.Add(10*time.Minute)) {
				t.Errorf("a sure one leaves %s by %s", got.Due, got.Reason)
			}
		})
	}
}

// The term counts from when the person wrote, in business days of Chile.
func TestTerms_Due(t *testing.T) {
	tests := []struct{ name, wrote, text, due string }{
		{"a question", "2026-11-23 12:00", consulta, "2026-11-26"},
		{"a question on Saturday", "2026-11-28 12:00", consulta, "2026-12-03"},
		{"a complaint", "2026-11-23 12:00", reclamo, "2026-12-22"},
		{"a denuncia", "2026-11-23 12:00", denuncia, "2026-12-22"},
	}
	w := newWorld(t)
	for n, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wrote, key := clock(t, tt.wrote), fmt.Sprintf("t%d", n)
			received := wrote.Add(3 * time.Hour) // the network was slow
			w.take(received.Add(time.Minute), delivery(received, said(key, key, tt.text, at(wrote))))
			got := w.must(key).Ticket
			if got.DueDate != tt.due || !got.OpenedAt.Equal(wrote) || !got.ReceivedAt.Equal(received) {
				t.Errorf("due %s, entered %s, received %s; want %s %s %s", got.DueDate, got.OpenedAt, got.ReceivedAt, tt.due, wrote, received)
			}
			if want := (ticket.Term{Days: ticket.TermDays(got.Intent.Final), From: ticket.FromWritten}); got.Term != want || !got.TermStart().Equal(wrote) {
				t.Errorf("counted %+v from %s, want %+v from %s", got.Term, got.TermStart(), want, wrote)
			}
			if end := clock(t, tt.due+" 23:59"); got.DueAt.Before(end) || got.DueAt.After(end.Add(time.Minute)) {
				t.Errorf("ends %s, want the last instant of %s", got.DueAt, tt.due)
			}
		})
	}
}

// Networks replay items of years ago, and clocks run wrong: such items still open a case, with a term.
func TestTerms_StrangeTimes(t *testing.T) {
	received := noon()
	tests := []struct {
		name   string
		wrote  time.Time
		opened time.Time
	}{
		{"years before the holiday table", time.Date(2015, 12, 3, 9, 30, 3, 0, time.UTC), time.Date(2015, 12, 3, 9, 30, 3, 0, time.UTC)},
		{"the epoch", time.Unix(0, 0).UTC(), time.Unix(0, 0).UTC()},
		{"the year 2100", time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), received},
		{"a minute ahead of us", received.Add(time.Minute), received},
		{"no time at all", time.Time{}, received},
	}
	w := newWorld(t)
	for n, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key := fmt.Sprintf("x%d", n)
			w.take(noon(), delivery(received, said(key, key, consulta, at(tt.wrote))))
			got := w.must(key).Ticket
			if !got.OpenedAt.Equal(tt.opened) || got.Intent.Final != classify.Consulta {
				t.Errorf("entered %s, want %s", got.OpenedAt, tt.opened)
			}
			if tt.wrote.Year() < 2016 && got.DueDate != "2026-11-26" {
				t.Errorf("due %s: outside the holiday table the term counts from when we received it", got.DueDate)
			}
			if got.Term != (ticket.Term{Days: 3, From: ticket.FromReceived}) || !got.TermStart().Equal(received) {
				t.Errorf("counted %+v from %s, want from when we received it, %s", got.Term, got.TermStart(), received)
			}
			if got.DueDate == "" || got.DueAt.IsZero() {
				t.Error("a case without a term is lost sight of")
			}
		})
	}
}

// A delivery that lay in the inbox for hours: the entry stays when the person wrote, but what counts for people now (the
// window to undo, the feed of changes) counts from now.
func TestTerms_AfterABacklog(t *testing.T) {
	w := newWorld(t)
	received := noon().Add(-3 * time.Hour)
	_, cursor, err := w.store.Changes(t.Context(), ticket.Reach{Ordinary: true}, "")
	if err != nil {
		t.Fatal(err)
	}
	w.take(noon(), delivery(received, said(person, "i1", reclamo, at(received.Add(-time.Minute)))))
	got := w.must("i1").Ticket
	if !got.OpenedAt.Equal(received.Add(-time.Minute)) || !got.ReceivedAt.Equal(received) {
		t.Errorf("entered %s, received %s", got.OpenedAt, got.ReceivedAt)
	}
	if !got.SIAC.Due.Equal(noon().Add(10 * time.Minute)) {
		t.Errorf("leaves for SIAC at %s: nobody can undo in a window that is over", got.SIAC.Due)
	}
	changes, _, err := w.store.Changes(t.Context(), ticket.Reach{Ordinary: true}, cursor)
	if err != nil || !slices.ContainsFunc(changes, func(c ticket.ChangeRow) bool { return c.Ticket == got.ID }) {
		t.Errorf("changes = %+v, %v: who reads along never sees the case", changes, err)
	}
	history, err := w.store.History(t.Context(), got.ID)
	if err != nil || len(history) != 1 || !history[0].At.Equal(noon()) {
		t.Errorf("history = %+v, %v", history, err)
	}
}

// A queue may hand over a delivery that says it was received after now: clocks differ by a little.
func TestTerms_ReceivedAhead(t *testing.T) {
	w := newWorld(t)
	w.take(noon(), delivery(noon().Add(time.Second), said(person, "i1", consulta, at(noon().Add(time.Second)))))
	if got := w.must("i1").Ticket; got.OpenedAt.After(noon()) || got.ReceivedAt.After(noon()) {
		t.Errorf("entered %s, received %s, now %s", got.OpenedAt, got.ReceivedAt, noon())
	}
	if got := w.outcomes(mention.Interaction); got == 0 {
		t.Error("nothing was counted")
	}
}
