package desk_test

import (
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// said is a reply as the tests look at it.
type said struct {
	ID, State, Note, Reason string
	DueAt                   time.Time
	SendAt                  *time.Time
	May                     map[string]ticket.Option
}

func repliesOf(w *world, a answer) []said {
	w.Helper()
	if a.status != 200 {
		w.Fatalf("%d %s", a.status, a.body)
	}
	return read[struct{ Replies []said }](w, a).Replies
}

// A reply waits for its time, as the clock on the wall shows it, and can be cancelled until then.
func TestLater_Reply(t *testing.T) {
	w := newWorld(t)
	c := w.held(classify.Consulta, "ejecutivo1")
	reply := func(sendAt any) answer {
		return w.act("ejecutivo1", c.ID, "reply", map[string]any{"text": "Hola.", "visibility": "public", "sendAt": sendAt})
	}
	later := repliesOf(w, reply(map[string]any{"local": "2026-12-01T09:00", "zone": "America/Santiago"}))[0]
	if later.State != "planned" || later.SendAt == nil || later.DueAt.Format(time.RFC3339) != "2026-12-01T12:00:00Z" || !later.May["cancel"].Allowed || later.May["cancel"].What != "reply" {
		t.Fatalf("%+v", later)
	}
	all := repliesOf(w, reply("2026-11-23T20:00:00Z"))
	now := repliesOf(w, reply(nil))
	if all[1].SendAt == nil || now[2].SendAt != nil {
		t.Fatalf("%+v", now)
	}
	// Undo is about what was done last; of the others one says which.
	got := repliesOf(w, w.act("ejecutivo1", c.ID, "undo", nil))
	if got[2].State != "cancelled" || got[0].State != "planned" {
		t.Errorf("%+v", got)
	}
	if got = repliesOf(w, w.act("ejecutivo1", c.ID, "undo", map[string]any{"reply": later.ID})); got[0].State != "cancelled" || got[1].State != "planned" {
		t.Errorf("%+v", got)
	}
	if got = repliesOf(w, w.act("ejecutivo1", c.ID, "cancel", map[string]any{"reply": all[1].ID})); got[1].State != "cancelled" {
		t.Errorf("%+v", got)
	}
	if a := w.act("ejecutivo1", c.ID, "cancel", map[string]any{"reply": all[1].ID}); a.status != 409 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// The hour that comes twice is explained beside the reply.
func TestLater_TwiceThatNight(t *testing.T) {
	w := newWorld(t)
	w.pass(100 * 24 * time.Hour)
	c := w.held(classify.Consulta, "ejecutivo1")
	for later, at := range map[bool]string{false: "2027-04-04T02:30:00Z", true: "2027-04-04T03:30:00Z"} {
		all := repliesOf(w, w.act("ejecutivo1", c.ID, "reply", map[string]any{
			"text": "Hola.", "visibility": "public", "sendAt": map[string]any{"local": "2027-04-03T23:30", "later": later},
		}))
		if r := all[len(all)-1]; r.DueAt.Format(time.RFC3339) != at || !strings.Contains(r.Note, "dos veces") || strings.Contains(r.Note, "la segunda vez") != later {
			t.Errorf("later %t: %+v", later, r)
		}
	}
}

// A network that lets us write for a day takes nothing meant for the day after, and the refusal says until when it does.
func TestLater_Window(t *testing.T) {
	w := newWorld(t)
	c := w.must(w.open(classify.Consulta, func(in *ticket.Opening) { in.Event.Kind, in.Event.Recipient = mention.DM, "77" }).Claim(actor("ejecutivo1"), w.clock()))
	reply := func(at string) answer {
		return w.act("ejecutivo1", c.ID, "reply", map[string]any{"text": "Hola.", "visibility": "private", "sendAt": at})
	}
	a := reply("2026-11-24T14:00:00Z")
	if p := read[refusal](w, a); a.status != 422 || p.Campo != "sendAt" || !strings.Contains(p.Motivo, "24-11-2026 a las 11:00") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := reply("2026-11-24T13:59:00Z"); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A person who has looked at the network ends the doubt about a reply, and what waited because of it is settled.
func TestLater_Settle(t *testing.T) {
	w := newWorld(t)
	for outcome, state := range map[string]string{"retry": "planned", "discard": "cancelled", "published": "sent"} {
		c := w.held(classify.Consulta, "ejecutivo1")
		plan, err := c.PlanReply(actor("ejecutivo1"), "Hola.", "public", w.clock(), w.clock())
		c = w.must(plan, err)
		check := plan.Send[0].Again(outbox.Verify, w.clock())
		r := plan.Replies[0]
		r.Message, r.ClaimedAt = check.ID, w.clock()
		c = w.must(c.ReplyUnknownStep(r, plan.Send[0].Ref(), check, "timeout", w.clock()), nil)
		r = w.story(c.ID).Replies[0]
		c = w.must(c.ReplyUnresolvedStep(r, check.Ref(), w.clock()), nil)
		if got := repliesOf(w, w.ask("GET", "/api/v1/tickets/"+c.ID, "ejecutivo1", ""))[0]; !got.May["settle"].Allowed || len(got.May["settle"].Reasons) != 3 {
			t.Errorf("%+v", got.May)
		}
		if a := w.act("ejecutivo2", c.ID, "settle", map[string]any{"reply": r.ID, "outcome": outcome}); a.status != 403 {
			t.Errorf("%d", a.status)
		}
		if got := repliesOf(w, w.act("ejecutivo1", c.ID, "settle", map[string]any{"reply": r.ID, "outcome": outcome, "url": "https://facebook.com/1"})); got[0].State != state {
			t.Errorf("%s: %+v", outcome, got)
		}
		if m := read[matters](w, w.ask("GET", "/api/v1/attention", "supervisor", "")); len(m.Items) != 0 {
			t.Errorf("%s: still waits %+v", outcome, m.Items)
		}
		if a := w.act("ejecutivo1", c.ID, "settle", map[string]any{"reply": r.ID, "outcome": outcome}); a.status != 409 {
			t.Errorf("%s again: %d", outcome, a.status)
		}
	}
}
