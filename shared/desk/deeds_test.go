package desk_test

import (
	"net/http"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// deed is one act as the API shows it.
type deed struct{ Verb, State, Reason, By, AskedBy string }

// whole is the part of a case that acts on single texts move.
type whole struct {
	State    string
	Mentions []struct {
		ID, Link string
		Flags    []string
		Acts     []deed
		May      map[string]ticket.Option
	}
	Replies []struct {
		ID, Text, Origin, Link, Visibility string
		SentAt                             *time.Time
		Removed                            *deed
		May                                map[string]ticket.Option
	}
	May map[string]ticket.Option
}

func (w *world) whole(user, id string) whole {
	w.Helper()
	return read[whole](w, w.ask("GET", "/api/v1/tickets/"+id, user, ""))
}

// hides tells whether a user hides a comment, or what becomes of it instead.
func (w *world) hides(user string) string {
	w.Helper()
	c := w.open(classify.Consulta)
	a := w.act(user, c.ID, "hide", map[string]any{"mention": c.First, "reason": "spam"})
	if a.status != http.StatusOK {
		return w.yes(a)
	}
	switch acts := read[whole](w, a).Mentions[0].Acts; {
	case len(acts) == 1 && acts[0].State == "planned":
		return "yes"
	case len(acts) == 1 && acts[0].State == "proposed":
		return "propose"
	default:
		w.Errorf("%s: %s", user, a.body)
		return "?"
	}
}

// What one proposes another decides; what is planned can be taken back, and what is done shows so.
func TestDeeds_Hide(t *testing.T) {
	w := newWorld(t)
	c := w.held(classify.Consulta, "ejecutivo1")
	about := func(more map[string]any) map[string]any {
		if more == nil {
			more = map[string]any{}
		}
		more["mention"] = c.First
		return more
	}
	if a := w.act("ejecutivo1", c.ID, "hide", about(map[string]any{"reason": "es feo"})); a.status != http.StatusUnprocessableEntity || read[refusal](w, a).Campo != "reason" {
		t.Errorf("for a reason of nobody: %d %s", a.status, a.body)
	}
	if a := w.act("ejecutivo1", c.ID, "hide", about(map[string]any{"reason": "dato_personal"})); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	proposed := w.whole("supervisor", c.ID).Mentions[0]
	if got := proposed.Acts; len(got) != 1 || got[0] != (deed{"hide", "proposed", "dato_personal", "ejecutivo1", ""}) {
		t.Errorf("proposed: %+v", got)
	}
	if !proposed.May["approve"].Allowed || !proposed.May["cancel"].Allowed || proposed.Link == "" {
		t.Errorf("the supervisor may %+v, link %q", proposed.May, proposed.Link)
	}
	if mine := w.whole("ejecutivo1", c.ID).Mentions[0].May; mine["approve"].Allowed || !mine["cancel"].Allowed || mine["hide"].Allowed {
		t.Errorf("who proposed may %+v", mine)
	}
	if a := w.act("ejecutivo1", c.ID, "approve-act", about(map[string]any{"verb": "hide"})); a.status != http.StatusForbidden {
		t.Errorf("who proposed approves: %d", a.status)
	}
	if a := w.act("supervisor", c.ID, "approve-act", about(map[string]any{"verb": "hide"})); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := w.whole("supervisor", c.ID).Mentions[0].Acts; got[0] != (deed{"hide", "planned", "dato_personal", "supervisor", "ejecutivo1"}) {
		t.Errorf("approved: %+v", got)
	}
	if len(w.due(outbox.Act)) != 1 {
		t.Error("nothing is to be done")
	}
	if a := w.act("supervisor", c.ID, "cancel-act", about(map[string]any{"verb": "hide"})); a.status != http.StatusOK {
		t.Errorf("%d %s", a.status, a.body)
	}
	if len(w.due(outbox.Act)) != 0 || w.whole("supervisor", c.ID).Mentions[0].Acts[0].State != "cancelled" {
		t.Error("what was taken back is still to be done")
	}
	if a := w.act("ejecutivo1", c.ID, "hide", about(map[string]any{"reason": "spam"})); a.status != http.StatusOK {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := w.act("supervisor", c.ID, "reject-act", about(map[string]any{"verb": "hide"})); a.status != http.StatusOK || len(w.due(outbox.Act)) != 0 {
		t.Errorf("%d %s", a.status, a.body)
	}
	for name, body := range map[string]map[string]any{
		"unhide": about(nil), "approve-act": about(map[string]any{"verb": "hide"}), "cancel-act": about(map[string]any{"verb": "hide"}),
	} {
		if a := w.act("supervisor", c.ID, name, body); a.status != http.StatusConflict {
			t.Errorf("%s of nothing: %d %s", name, a.status, a.body)
		}
	}
	if a := w.act("supervisor", c.ID, "hide", map[string]any{"mention": "nada", "reason": "spam"}); a.status != http.StatusNotFound {
		t.Errorf("a mention of nobody: %d", a.status)
	}
}

// What may says of a text is what is let be done with it.
func TestDeeds_MayIsTrue(t *testing.T) {
	w := newWorld(t)
	for _, user := range []string{"ejecutivo1", "ejecutivo2", "supervisor", "jefatura", "auditor"} {
		for name, make := range map[string]func() ticket.Ticket{
			"comment":  func() ticket.Ticket { return w.held(classify.Consulta, "ejecutivo1") },
			"answered": func() ticket.Ticket { return w.answered(classify.Consulta) },
			"message": func() ticket.Ticket {
				return w.open(classify.Consulta, func(in *ticket.Opening) { in.Event.Kind = mention.DM })
			},
			"X": func() ticket.Ticket {
				return w.open(classify.Consulta, func(in *ticket.Opening) { in.Event.Network = mention.X })
			},
		} {
			shown := w.whole(user, make().ID)
			try := func(act string, option ticket.Option, about func(ticket.Ticket) map[string]any) {
				t.Helper()
				c := make()
				a := w.act(user, c.ID, act, about(c))
				if did := a.status == http.StatusOK; did != option.Allowed {
					t.Errorf("%s, %s, %s: may is %+v, and it answers %d %s", user, name, act, option, a.status, a.body)
				}
				if !option.Allowed && option.Why == "" {
					t.Errorf("%s, %s, %s: refused without a word", user, name, act)
				}
			}
			for act, option := range shown.Mentions[0].May {
				try(act, option, func(c ticket.Ticket) map[string]any { return map[string]any{"mention": c.First, "reason": "spam"} })
			}
			for _, r := range shown.Replies {
				for act, option := range r.May {
					try(act, option, func(ticket.Ticket) map[string]any { return map[string]any{"reply": r.ID, "confirm": "borrar"} })
				}
			}
		}
	}
}

func TestDeeds_Remove(t *testing.T) {
	w := newWorld(t)
	c := w.answered(classify.Consulta)
	reply := w.whole("supervisor", c.ID).Replies[0]
	if a := w.act("ejecutivo1", c.ID, "remove", map[string]any{"reply": reply.ID}); a.status != http.StatusUnprocessableEntity || read[refusal](w, a).Campo != "confirm" {
		t.Errorf("without the word: %d %s", a.status, a.body)
	}
	a := w.act("ejecutivo1", c.ID, "remove", map[string]any{"reply": reply.ID, "confirm": "Borrar "})
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := read[whole](w, a).Replies[0]; got.Removed == nil || got.Removed.State != "planned" || !got.May["cancel"].Allowed || got.May["remove"].Allowed {
		t.Errorf("removed: %+v", got)
	}
}

// An answer that was given outside answers the case, and says that it did not leave from here.
func TestDeeds_Recorded(t *testing.T) {
	w := newWorld(t)
	make := func() ticket.Ticket {
		return w.must(w.open(classify.Consulta, func(in *ticket.Opening) {
			in.Event.Network, in.Event.Kind = mention.WhatsApp, mention.DM
		}).Claim(actor("ejecutivo1"), w.clock()))
	}
	c := make()
	at := w.clock().Add(-10 * time.Minute).In(time.FixedZone("", -3*3600)).Format(time.RFC3339)
	a := w.act("ejecutivo1", c.ID, "recorded", map[string]any{"text": "Lo llamamos.", "visibility": "private", "at": at, "link": "https://ejemplo.cl/1"})
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	got := read[whole](w, a)
	if r := got.Replies[0]; r.Origin != "registered" || r.Link != "https://ejemplo.cl/1" || !r.SentAt.Equal(w.clock().Add(-10*time.Minute)) || got.State != "respondido" {
		t.Errorf("recorded: %+v", got)
	}
	for name, tt := range map[string]struct {
		body  map[string]any
		campo string
	}{
		"no text":       {map[string]any{"visibility": "private"}, "text"},
		"no visibility": {map[string]any{"text": "x"}, "visibility"},
		"no date":       {map[string]any{"text": "x", "visibility": "private", "at": "ayer"}, "at"},
		"tomorrow":      {map[string]any{"text": "x", "visibility": "private", "at": "2027-01-01T00:00:00Z"}, "at"},
		"no address":    {map[string]any{"text": "x", "visibility": "private", "link": "javascript:alert(1)"}, "link"},
	} {
		if a := w.act("ejecutivo1", make().ID, "recorded", tt.body); a.status != http.StatusUnprocessableEntity || read[refusal](w, a).Campo != tt.campo {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

// The table of what each network allows is whole: what is not allowed says why.
func TestRules(t *testing.T) {
	w := newWorld(t)
	rules := read[struct {
		Items []struct {
			Network string
			Answers map[string]struct {
				Limit      int
				Unit, None string
			}
			Acts  map[string]struct{ None string }
			Posts struct {
				Limit                  int
				Unit                   string
				NeedsMedia, ByTemplate bool
				Media                  []struct {
					Kinds, Types []string
					Most         int
					MaxSize      int64
				}
			}
		}
	}](w, w.ask("GET", "/api/v1/rules", "programa", "")).Items
	if len(rules) != len(mention.Networks()) {
		t.Fatalf("%d networks", len(rules))
	}
	for _, r := range rules {
		for v, a := range r.Answers {
			if (a.Limit > 0) == (a.None != "") || (a.Limit > 0) != (a.Unit != "") {
				t.Errorf("%s, %s: %+v", r.Network, v, a)
			}
		}
		if len(r.Answers) != 2 || len(r.Acts) != 4 {
			t.Errorf("%s: %d answers, %d acts", r.Network, len(r.Answers), len(r.Acts))
		}
		if p := r.Posts; p.Limit == 0 || p.Unit == "" || p.ByTemplate != (r.Network == "whatsapp") || p.NeedsMedia != (r.Network == "instagram") || (len(p.Media) == 0) != p.ByTemplate {
			t.Errorf("%s: posts %+v", r.Network, p)
		}
		for _, m := range r.Posts.Media {
			if len(m.Kinds) == 0 || len(m.Types) == 0 || m.Most == 0 || m.MaxSize == 0 {
				t.Errorf("%s: files %+v", r.Network, m)
			}
		}
	}
	if last := rules[len(rules)-1]; last.Network != "whatsapp" || last.Answers["public"].None == "" || last.Acts["hide"].None == "" {
		t.Errorf("WhatsApp: %+v", last)
	}
	if a := w.fetch("GET", "/api/v1/rules", "", ""); a.status != http.StatusUnauthorized {
		t.Errorf("nobody: %d", a.status)
	}
}

// An answer given in the network's own application says so, and one of ours says how far it came.
func TestDeeds_WhatTheNetworkTells(t *testing.T) {
	w := newWorld(t)
	c := w.answered(classify.Consulta)
	story := func() ticket.Story {
		s, err := w.store.Story(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	r, news := story().Replies[0].Received(mention.Event{Outcome: mention.Status, Flags: []string{mention.FlagRead}, At: w.clock()}, w.clock())
	if !news {
		t.Fatal("nothing new")
	}
	w.commit(r.ReceiptStep())
	native, is := story().NativeStep(mention.Event{
		Outcome: mention.Own, Network: mention.Facebook, Kind: mention.Comment, Key: "7_900", Account: page, Text: "Desde la red.", At: w.clock(),
	}, w.clock())
	if !is {
		t.Fatal("no answer")
	}
	w.must(native, nil)
	a := w.ask("GET", "/api/v1/tickets/"+c.ID, "supervisor", "")
	got := read[struct {
		Replies []struct {
			Text, Origin, Receipt string
			ReceiptAt             *time.Time
		}
	}](w, a).Replies
	if len(got) != 2 || got[0].Receipt != "read" || got[0].ReceiptAt == nil || got[0].Origin != "" || got[1].Origin != "native" || got[1].Text != "Desde la red." {
		t.Errorf("replies %+v", got)
	}
}
