package storetest

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/ticket"
)

// everything is the reach of who may know of every case.
func everything() ticket.Reach { return ticket.Reach{Ordinary: true, Restricted: true} }

// scoped gives a step its entry, of the given instant and scope.
func scoped(at time.Time, s audit.Scope) func(*ticket.Change) {
	return func(c *ticket.Change) {
		c.Entry = &audit.Entry{Kind: audit.TicketClassified, Actor: audit.System, At: at, Scope: s}
	}
}

// changesByReach: each reader is told, page by page and without gaps, of the steps within their reach and of those by which a
// case comes into it or leaves it, and of nothing else; nor does a cursor name anything else.
func changesByReach(w *world) {
	readers := map[string]*reader{}
	want := map[string]map[string]int{}
	for name, who := range map[string]ticket.Reach{
		"of the others": {Ordinary: true}, "of denuncias": {Restricted: true}, "of all": everything(), "of none": {},
	} {
		readers[name], want[name] = newReader(w), map[string]int{}
		readers[name].who = who
	}
	step := func(c ticket.Change, s audit.Scope) ticket.Ticket {
		t := w.must(c)
		for name, r := range readers {
			if tells(r.who, s) {
				want[name][t.ID] = t.Version
			}
		}
		return t
	}
	for i := range 45 { // many of the same instant
		at := w.clock().Add(time.Duration(i/15) * time.Millisecond)
		bare := func(s audit.Scope) ticket.Change {
			return w.fresh(func(c *ticket.Change) { c.Open, c.Seen, c.Mentions = false, nil, nil }, scoped(at, s))
		}
		step(bare(audit.Ordinary), audit.Ordinary)
		step(bare(audit.Restricted), audit.Restricted)
		t := step(bare(audit.Ordinary), audit.Ordinary)
		for _, s := range []audit.Scope{audit.Crossing, audit.Restricted, audit.Crossing, audit.Ordinary}[:i%5] {
			t = step(w.step(t, scoped(at, s)), s)
		}
	}
	w.pass(time.Second)
	for name, r := range readers {
		for range 100 {
			if !r.mustRead(w) {
				break
			}
			r.quiet(w, want[name], want["of all"])
		}
		w.same("told "+name, r.known, want[name])
	}
	w.Logf("told of %d, %d, %d", len(want["of the others"]), len(want["of denuncias"]), len(want["of all"]))
}

// tells reports whether a step of the scope is told to a reader.
func tells(who ticket.Reach, s audit.Scope) bool {
	return who.Ordinary && s != audit.Restricted || who.Restricted && s != audit.Ordinary
}

// quiet fails when the reader's cursor names one of all the cases that is not one of theirs.
func (r *reader) quiet(w *world, theirs, all map[string]int) {
	w.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(r.cursor)
	if err != nil {
		w.Fatal(err)
	}
	for id := range all {
		if _, may := theirs[id]; !may && strings.Contains(string(raw), id) {
			w.Errorf("the cursor of %+v names %s", r.who, id)
		}
	}
}

// mattersByReach: matters are listed by the class their case has now, however many lie between, in pages that are full but
// for the last, by cursors that name no other case.
func mattersByReach(w *world) {
	plain, secret := map[string]bool{}, map[string]bool{}
	for i := range 130 {
		class, ids := classify.Consulta, plain
		if i%10 == 3 || i >= 60 && i < 120 {
			class, ids = classify.Denuncia, secret
		}
		t := w.open(of(class))
		w.must(w.step(t, func(c *ticket.Change) {
			c.Raise = []ticket.Attention{{
				Ticket: t.ID, ID: "reply_refused-r1", Kind: "reply_refused", Number: t.Number, At: w.clock().Add(time.Duration(i/3) * time.Second),
			}}
		}))
		ids[t.ID] = true
	}
	moved := slices.Min(slices.Collect(maps.Keys(plain))) // its class changes after the matter was raised
	w.must(w.step(need(w.store.Ticket(w.Context(), moved))(w), of(classify.Denuncia)))
	delete(plain, moved)
	secret[moved] = true
	for name, tt := range map[string]struct {
		who  ticket.Reach
		want map[string]bool
	}{
		"of the others": {ticket.Reach{Ordinary: true}, plain}, "of denuncias": {ticket.Reach{Restricted: true}, secret},
		"of none": {ticket.Reach{}, nil},
	} {
		for _, size := range []int{1, 7, 200} {
			w.same(fmt.Sprintf("matters %s, by %d", name, size), w.mattersOf(tt.who, size), tt.want)
		}
	}
	all := need(w.store.Reached(w.Context(), ticket.Reach{Ordinary: true}, []string{moved, "01NADIE", moved}))(w)
	w.same("reached", all, map[string]bool{moved: false, "01NADIE": true})
}

// mattersOf reads the cases of all matters within a reach, in pages of the given size.
func (w *world) mattersOf(who ticket.Reach, size int) map[string]bool {
	w.Helper()
	got := map[string]bool{}
	cursor := ""
	for range 200 {
		some, next := page(w.store.Attention(w.Context(), who, cursor, size))(w)
		for _, a := range some {
			if got[a.Ticket] {
				w.Errorf("%+v: %s comes twice", who, a.Ticket)
			}
			got[a.Ticket] = true
		}
		if cursor = next; cursor == "" {
			return got
		}
		if len(some) != size {
			w.Fatalf("%+v: a page of %d has %d matters, and is not the last", who, size, len(some))
		}
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		if last := some[len(some)-1].Ticket; err != nil || !strings.Contains(string(raw), last) {
			w.Errorf("%+v: the cursor %q does not stand at %s (%v)", who, raw, last, err)
		}
	}
	w.Fatalf("%+v: the list has no end", who)
	return nil
}
