package desk_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// pages walks a list to its end and gives the ids in order.
func (w *world) pages(user, query string, limit int) []string {
	w.Helper()
	var ids []string
	cursor := ""
	for range 500 {
		l := read[list](w, w.ask("GET", fmt.Sprintf("/api/v1/tickets?%s&limit=%d&cursor=%s", query, limit, url.QueryEscape(cursor)), user, ""))
		if len(l.Items) > limit {
			w.Errorf("a page of %d, limit %d", len(l.Items), limit)
		}
		ids = append(ids, l.ids()...)
		if cursor = l.Next; cursor == "" {
			return ids
		}
	}
	w.Fatalf("%s with limit %d never ends", query, limit)
	return nil
}

// into brings a fresh case into a state. States that no action reaches yet are set as a later version of the program would.
func (w *world) into(state ticket.State) ticket.Ticket {
	w.Helper()
	t := w.open(classify.Consulta)
	t.State = state
	if state == ticket.EnAnalisis {
		t.Assignee, t.AssigneeName = "ejecutivo1", "Persona ejecutivo1"
	}
	c, err := w.ticket(t.ID).Classify(actor("supervisor"), ticket.Correction{Intent: classify.Consulta, DueDate: t.DueDate, DueAt: t.DueAt}, ticket.DefaultPolicy(), w.clock())
	if err != nil {
		w.Fatal(err)
	}
	version, head, updated, gestor := c.Ticket.Version, c.Ticket.Head, c.Ticket.UpdatedAt, c.Ticket.Intent
	*c.Ticket = t
	c.Ticket.Version, c.Ticket.Head, c.Ticket.UpdatedAt, c.Ticket.Intent = version, head, updated, gestor
	if state.Final() {
		c.Ticket.Expires = w.clock().Add(ticket.KeptFor(classify.Consulta, ticket.NotFiled))
	}
	return w.must(c, nil)
}

// Each view shows its own, the queue first in first out inside each class.
func TestList_Views(t *testing.T) {
	w := newWorld(t)
	consulta := w.open(classify.Consulta)
	w.pass(time.Minute)
	reclamo, later := w.open(classify.Reclamo), w.open(classify.Consulta, func(in *ticket.Opening) { in.Event.At = noon() })
	mine, theirs := w.held(classify.Consulta, "ejecutivo1"), w.held(classify.Reclamo, "ejecutivo2")
	closed := w.closed()
	back := w.into(ticket.Reabierto)
	w.open(classify.Denuncia)
	for query, want := range map[string][]ticket.Ticket{
		"":                             {reclamo, consulta, back, later},
		"view=waiting":                 {reclamo, consulta, back, later},
		"view=mine":                    {mine},
		"state=ingresado":              {reclamo, consulta, later},
		"state=reabierto":              {back},
		"view=state&state=en_analisis": {theirs, mine},
		"state=cerrado":                {closed},
		"state=anulado":                nil,
		"view=all":                     {reclamo, consulta, back, later, theirs, mine, closed},
		"view=all&state=cerrado":       {closed},
		"view=all&intent=reclamo":      {reclamo, theirs},
		"intent=consulta":              {consulta, back, later},
		"network=facebook&view=mine":   {mine},
		"network=x":                    nil,
		"q=" + mine.Number:             {mine},
		"q=FICTICIA&view=mine":         {mine},
		"q=%40ficticia&intent=reclamo": {reclamo},
		"q=cuando%20pagan&view=mine":   {mine},
		"q=nadie%20dijo%20esto":        nil,
		"q=11.111.111":                 nil, // personal data is no name of a case
	} {
		t.Run(query, func(t *testing.T) {
			var ids []string
			for _, c := range want {
				ids = append(ids, c.ID)
			}
			for _, limit := range []int{1, 2, 200} {
				if strings.HasPrefix(query, "q=RS") && limit != 200 {
					continue
				}
				if got := w.pages("ejecutivo1", query, limit); !slices.Equal(got, ids) {
					t.Errorf("limit %d: %v, want %v", limit, got, ids)
				}
			}
		})
	}
	if got := w.pages("ejecutivo1", "q="+strings.ToLower(consulta.Number), 50); !slices.Equal(got, []string{consulta.ID}) {
		t.Errorf("a number in small letters finds %v", got)
	}
	filed := w.answered(classify.Reclamo)
	if got := w.pages("supervisor", "q="+filed.SIAC.Folio, 50); !slices.Equal(got, []string{filed.ID}) {
		t.Errorf("a folio finds %v", got)
	}
}

// A walk through every state shows each case once, whatever the page, and says when it ends.
func TestList_AllWalksEveryState(t *testing.T) {
	w := newWorld(t)
	var want []string
	for _, state := range ticket.States() {
		for range 1 + len(state)%3 {
			want = append(want, w.into(state).ID)
		}
	}
	slices.Sort(want)
	for _, limit := range []int{1, 2, 3, 5, 8, len(want) - 1, len(want), len(want) + 1} {
		got := w.pages("supervisor", "view=all", limit)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("limit %d: %d cases of %d", limit, len(got), len(want))
		}
	}
	for _, state := range ticket.States() {
		got := w.pages("supervisor", "view=all&state="+string(state), 2)
		if len(got) != 1+len(state)%3 {
			t.Errorf("state %s: %d cases", state, len(got))
		}
		for _, id := range got {
			if got := w.ticket(id).State; got != state {
				t.Errorf("state %s: shows one in %s", state, got)
			}
		}
	}
}

// What no list can mean is refused, and names the parameter.
func TestList_Refusals(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.open(classify.Consulta)
	}
	queue := read[list](w, w.ask("GET", "/api/v1/tickets?limit=1", "supervisor", "")).Next
	walk := read[list](w, w.ask("GET", "/api/v1/tickets?limit=1&view=all", "supervisor", "")).Next
	if queue == "" || walk == "" {
		t.Fatal("no cursors to misuse")
	}
	for query, campo := range map[string]string{
		"limit=0": "limit", "limit=-1": "limit", "limit=201": "limit", "limit=1.5": "limit", "limit=muchos": "limit", "limit=99999999999999999999": "limit",
		"view=todo": "view", "view=Waiting": "view", "view=state": "state", "state=abierto": "state", "state=INGRESADO": "state",
		"intent=urgente": "intent", "network=orkut": "network", "network=Facebook": "network",
		"cursor=basura": "cursor", "view=all&cursor=basura": "cursor", "view=all&cursor=99~": "cursor", "view=all&cursor=-1~": "cursor",
		"view=all&cursor=0~basura": "cursor", "view=all&cursor=~": "cursor", "view=mine&cursor=" + url.QueryEscape(queue): "cursor",
		"state=cerrado&cursor=" + url.QueryEscape(queue): "cursor", "cursor=" + url.QueryEscape(walk): "cursor",
		"view=all&cursor=" + url.QueryEscape(queue): "cursor",
	} {
		a := w.ask("GET", "/api/v1/tickets?"+query, "supervisor", "")
		if p := read[refusal](w, a); a.status != 422 || p.Campo != campo || p.Motivo == "" {
			t.Errorf("%s: %d %s, want campo %s", query, a.status, a.body, campo)
		}
	}
	for _, query := range []string{"limit=1", "limit=200", "limit=", "view=", "state=", "q=", "q=%20", "cursor=", "nada=1"} {
		if a := w.ask("GET", "/api/v1/tickets?"+query, "supervisor", ""); a.status != 200 {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
	for _, user := range []string{"comunicaciones", "ti", "programa"} {
		if a := w.ask("GET", "/api/v1/tickets", user, ""); a.status != 403 {
			t.Errorf("%s lists cases: %d", user, a.status)
		}
	}
}

// Names of people and cases can hold anything: the search takes it as text.
func TestList_StrangeSearches(t *testing.T) {
	w := newWorld(t)
	w.open(classify.Consulta, func(in *ticket.Opening) {
		in.Event.Author = &mention.Author{Name: `Ñandú "Ficticia" <b>%_\x00 #1~`}
	})
	for _, q := range []string{`ñandú`, `NANDU`, `<b>`, `%`, `#1~`, "\x00", strings.Repeat("a", 5000), "\u202e", `"ficticia"`} {
		if a := w.ask("GET", "/api/v1/tickets?q="+url.QueryEscape(q), "supervisor", ""); a.status != 200 {
			t.Errorf("%q: %d %.200s", q, a.status, a.body)
		}
	}
	if got := w.pages("supervisor", "q="+url.QueryEscape("ÑANDU"), 50); len(got) != 1 {
		t.Errorf("without accents: %v", got)
	}
}

// The days that are left are business days; nothing is left of what is answered.
func TestList_DaysLeft(t *testing.T) {
	w := newWorld(t)
	due := func(date string) func(*ticket.Opening) { return func(in *ticket.Opening) { in.DueDate = date } }
	for _, tt := range []struct {
		c    ticket.Ticket
		left int
	}{
		{w.open(classify.Consulta, due("2026-11-26")), 3},
		{w.open(classify.Consulta, due("2026-11-23")), 0},
		{w.open(classify.Consulta, due("2026-11-20")), -1},
		{w.open(classify.Reclamo, due("2026-12-22")), 20}, // 8 December is a holiday
	} {
		v := read[view](w, w.ask("GET", "/api/v1/tickets/"+tt.c.ID, "supervisor", ""))
		if v.DaysLeft == nil || *v.DaysLeft != tt.left {
			t.Errorf("until %s: %v days left, want %d", tt.c.DueDate, v.DaysLeft, tt.left)
		}
	}
	if v := read[view](w, w.ask("GET", "/api/v1/tickets/"+w.answered(classify.Consulta).ID, "supervisor", "")); v.DaysLeft != nil {
		t.Errorf("of an answered case %d days are left", *v.DaysLeft)
	}
}

// A term says what it was counted from; a person who decides the class does not move its beginning.
func TestTerm_SaysWhereItBegins(t *testing.T) {
	w := newWorld(t)
	counted := func(from ticket.Basis) func(*ticket.Opening) {
		return func(in *ticket.Opening) {
			in.Term = ticket.Term{Days: 3, From: from}
			in.Event.At = w.clock().AddDate(-10, 0, 0) // before the holiday table
		}
	}
	type term struct {
		Days  int
		From  time.Time
		Basis ticket.Basis
	}
	show := func(a answer) term { return read[struct{ Term term }](w, a).Term }
	old := w.open(classify.Consulta, counted(ticket.FromReceived))
	if got, want := show(w.ask("GET", "/api/v1/tickets/"+old.ID, "supervisor", "")), (term{3, noon(), ticket.FromReceived}); got != want {
		t.Errorf("term %+v, want %+v", got, want)
	}
	if got, want := show(w.act("supervisor", old.ID, "classify", map[string]any{"intent": "sugerencia"})), (term{20, noon(), ticket.FromReceived}); got != want {
		t.Errorf("after classifying: term %+v, want %+v", got, want)
	}
	fresh := w.open(classify.Consulta, func(in *ticket.Opening) { in.Term = ticket.Term{Days: 3, From: ticket.FromWritten} })
	if got, want := show(w.ask("GET", "/api/v1/tickets/"+fresh.ID, "supervisor", "")), (term{3, noon().Add(-time.Hour), ticket.FromWritten}); got != want {
		t.Errorf("term %+v, want %+v", got, want)
	}
}

// The bitácora names people as they were called when they acted.
func TestHistory_NamesPeople(t *testing.T) {
	w := newWorld(t)
	c := w.held(classify.Consulta, "ejecutivo1")
	w.act("ejecutivo1", c.ID, "release", nil)
	got := read[struct {
		Events []struct{ Actor, ActorName string }
	}](w, w.ask("GET", "/api/v1/tickets/"+c.ID, "supervisor", "")).Events
	want := []struct{ Actor, ActorName string }{{"sistema", ""}, {"ejecutivo1", "Persona ejecutivo1"}, {"ejecutivo1", "Persona ejecutivo1"}}
	if !slices.Equal(got, want) {
		t.Errorf("events %+v, want %+v", got, want)
	}
}
