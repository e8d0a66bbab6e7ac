package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// monday is when every test begins: noon in Santiago, far from midnight in UTC.
func monday() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

// world is one store with its clock and a supply of fictitious cases.
type world struct {
	*testing.T
	store Store

	mu   sync.Mutex
	now  time.Time
	made int
}

func newWorld(t *testing.T, open Open) *world {
	w := &world{T: t, now: monday()}
	w.store = open(t, w.clock)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// pass moves the clock on.
func (w *world) pass(d time.Duration) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
	return w.now
}

// next numbers what the world makes.
func (w *world) next() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made++
	return w.made
}

// fresh is the step that opens a new case; change it with with.
func (w *world) fresh(with ...func(*ticket.Change)) ticket.Change {
	n := w.next()
	now := w.clock()
	t := ticket.Ticket{
		ID: fmt.Sprintf("01TEST%06d", n), Number: fmt.Sprintf("RS-2026-%07d-0", n), Network: mention.Facebook,
		Account: "100000000000001", Conversation: fmt.Sprintf("conv%06d", n), Public: true, Kind: mention.Comment,
		State: ticket.Ingresado, Urgency: classify.Media, TipoPersona: "desconocido",
		Intent:   ticket.Intent{Model: classify.Consulta, Final: classify.Consulta, Confidence: 0.9},
		OpenedAt: now, ReceivedAt: now, DueDate: "2026-12-22", DueAt: now.AddDate(0, 0, 29), Mentions: 1,
		Citizen: ticket.Citizen{Name: "Persona Ficticia", Key: "ficticia"}, SIAC: ticket.SIAC{State: ticket.NotFiled},
		First: fmt.Sprintf("100_%d", n), Target: fmt.Sprintf("100_%d", n), Excerpt: "texto ficticio",
	}
	c := ticket.Change{
		Ticket: &t, Open: true,
		Seen: &ticket.Seen{Network: t.Network, Key: t.First, Ticket: t.ID, At: now, Rev: 1},
		Mentions: []ticket.Mention{{
			Ticket: t.ID, Key: t.First, Kind: t.Kind, Text: "texto ficticio", At: now, Public: true, Attachments: []mention.Attachment{}, Rev: 1,
		}},
	}
	for _, f := range with {
		f(&c)
	}
	return w.sealed(ticket.Ticket{}, c, audit.TicketOpened)
}

// step is the next version of the case, changed by with.
func (w *world) step(t ticket.Ticket, with ...func(*ticket.Change)) ticket.Change {
	to := t
	c := ticket.Change{Ticket: &to}
	for _, f := range with {
		f(&c)
	}
	return w.sealed(t, c, audit.TicketClassified)
}

// sealed completes a step on was with its entry, as the transitions of package ticket do. An entry given in c keeps its
// kind, actor and instant.
func (w *world) sealed(was ticket.Ticket, c ticket.Change, kind audit.Kind) ticket.Change {
	e := audit.Entry{Kind: kind, Actor: audit.System, At: w.clock()}
	if c.Entry != nil {
		e = *c.Entry
	}
	c.Ticket.Version = was.Version + 1
	c.Ticket.UpdatedAt = e.At.UTC()
	w.lasting(&c)
	e.Ticket, e.Version, e.From, e.To = c.Ticket.ID, c.Ticket.Version, string(was.State), string(c.Ticket.State)
	sealed := e.Seal(was.Head)
	c.Ticket.Head, c.Entry = sealed.Hash, &sealed
	return c
}

// lasting gives an ended case an expiry, unless the test gave one, and what hangs on it the same.
func (w *world) lasting(c *ticket.Change) {
	if c.Ticket.State.Final() && c.Ticket.Expires.IsZero() {
		c.Ticket.Expires = w.clock().Add(ticket.KeptFor(c.Ticket.Intent.Final, c.Ticket.SIAC.State)).Truncate(time.Second)
	}
	if !c.Ticket.State.Final() {
		c.Ticket.Expires = time.Time{}
	}
	for i := range c.Mentions {
		c.Mentions[i].Expires = c.Ticket.Expires
	}
	for i := range c.Replies {
		c.Replies[i].Expires = c.Ticket.Expires
	}
}

// by makes the step that of a person.
func by(actor string) func(*ticket.Change) {
	return func(c *ticket.Change) {
		c.Entry = &audit.Entry{Kind: audit.TicketClaimed, Actor: actor, At: c.Ticket.OpenedAt}
	}
}

// message is a message of the case, due at an instant.
func (w *world) message(t ticket.Ticket, due time.Time) outbox.Message {
	return outbox.New(fmt.Sprintf("%s-m%06d", t.ID, w.next()), outbox.Publish, t.ID, "r000001", t.Conversation, due)
}

// open writes a fresh case and gives it.
func (w *world) open(with ...func(*ticket.Change)) ticket.Ticket {
	w.Helper()
	c := w.fresh(with...)
	w.must(c)
	return *c.Ticket
}

// must writes a step that nothing may refuse.
func (w *world) must(c ticket.Change) ticket.Ticket {
	w.Helper()
	if err := w.commit(c); err != nil {
		w.Fatalf("Commit: %v", err)
	}
	if c.Ticket == nil {
		return ticket.Ticket{}
	}
	return *c.Ticket
}

func (w *world) commit(c ticket.Change) error { return w.store.Commit(context.Background(), c) }

// refused expects the step to fail with the kind and the cause.
func (w *world) refused(c ticket.Change, kind fault.Kind, cause error) {
	w.Helper()
	err := w.commit(c)
	if fault.Of(err) != kind || !errors.Is(err, cause) {
		w.Fatalf("Commit = %v, want %s: %v", err, kind, cause)
	}
}

// crowd runs f n times at once and counts the successes; every failure must be of the kind and cause.
func (w *world) crowd(n int, kind fault.Kind, cause error, f func(i int) error) (winners []int) {
	w.Helper()
	errs := make([]error, n)
	var ready, done sync.WaitGroup
	gate := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-gate
			errs[i] = w.patient(func() error { return f(i) })
		})
	}
	ready.Wait()
	close(gate)
	done.Wait()
	for i, err := range errs {
		switch {
		case err == nil:
			winners = append(winners, i)
		case fault.Of(err) != kind || !errors.Is(err, cause):
			w.Errorf("loser %d: %v, want %s: %v", i, err, kind, cause)
		}
	}
	return winners
}

// patient repeats what fails only because others were writing at the same moment.
func (w *world) patient(f func() error) error {
	for range 200 {
		err := f()
		if !fault.Is(err, fault.Transient) {
			return err
		}
		time.Sleep(time.Duration(1+rand.IntN(10)) * time.Millisecond)
	}
	return errors.New("nothing but transient failures")
}

// same compares what was read with what is expected; absent and empty lists are the same.
func (w *world) same(what string, got, want any) {
	w.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// need gives what was read; a read that fails ends the test.
func need[T any](v T, err error) func(*world) T {
	return func(w *world) T {
		w.Helper()
		if err != nil {
			w.Fatalf("read: %v", err)
		}
		return v
	}
}

// find is need for what may not be there.
func find[T any](v T, found bool, err error) func(*world) (T, bool) {
	return func(w *world) (T, bool) {
		w.Helper()
		if err != nil {
			w.Fatalf("read: %v", err)
		}
		return v, found
	}
}

// page is need for one page of a list.
func page[T any](items []T, next string, err error) func(*world) ([]T, string) {
	return func(w *world) ([]T, string) {
		w.Helper()
		if err != nil {
			w.Fatalf("read: %v", err)
		}
		return items, next
	}
}

// noise is text that no compression makes small.
func noise(size int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789áéíóúñ"
	runes := []rune(letters)
	var b strings.Builder
	for b.Len() < size {
		b.WriteRune(runes[rand.IntN(len(runes))])
	}
	return b.String()
}

// verified reads the bitácora of a case and checks its chain.
func (w *world) verified(id string, entries int) {
	w.Helper()
	chain := need(w.store.History(w.Context(), id))(w)
	if len(chain) != entries {
		w.Errorf("bitácora of %s has %d entries, want %d", id, len(chain), entries)
	}
	if err := audit.Verify(chain); err != nil {
		w.Error(err)
	}
}
