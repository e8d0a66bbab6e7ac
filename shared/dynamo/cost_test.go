package dynamo_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/engine"
	"sence.gob.cl/gestor/shared/ticket"
)

// life walks cases through real transitions, one after the other, and keeps what each step of the last one consumed.
type life struct {
	t     testing.TB
	store *dynamo.Store
	meter *meter
	now   time.Time
	cases byte
	steps []step
}

type step struct {
	name  string
	spent spent
}

func newLife(t testing.TB) *life {
	t.Helper()
	l := &life{t: t, now: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)}
	e := engine.Start(t)
	if !e.Own { // DynamoDB Local counts index writes in transactions twice and some puts not at all
		t.Skip("SKIPPED cost: " + engine.Variable + " names an engine whose capacity figures are not known to be the service's")
	}
	work, bitacora := e.Tables(t)
	l.meter = &meter{next: e.Client}
	l.store = dynamo.New(dynamo.Config{
		Client: l.meter, Table: work, Bitacora: bitacora, Clock: func() time.Time { return l.now },
	})
	return l
}

// step runs f and books what it consumed.
func (l *life) step(name string, f func() error) spent {
	l.t.Helper()
	l.now = l.now.Add(time.Minute)
	l.meter.take()
	if err := f(); err != nil {
		l.t.Fatalf("%s: %v", name, err)
	}
	s := l.meter.take()
	l.steps = append(l.steps, step{name, s})
	return s
}

func (l *life) commit(c ticket.Change) func() error {
	return func() error { return l.store.Commit(context.Background(), c) }
}

// clicked adds the remembered answer the desk keeps: the case with all that hangs on it, and what may be done next.
func (l *life) clicked(by ticket.Actor, c ticket.Change, story ticket.Story) ticket.Change {
	l.t.Helper()
	mentions, replies := []map[string]any{}, []map[string]any{}
	for _, m := range story.Mentions {
		mentions = append(mentions, map[string]any{"id": m.Key, "text": m.Text, "at": m.At, "public": true, "kind": m.Kind, "attachments": m.Attachments})
	}
	var planned *ticket.Reply
	for _, r := range append(slices.Clone(story.Replies), c.Replies...) {
		if r.State == ticket.ReplyPlanned {
			planned = &r
		}
		replies = append(replies, map[string]any{
			"id": r.ID, "text": r.Text, "visibility": r.Visibility, "state": r.State, "author": r.Author, "authorName": r.AuthorName,
			"plannedAt": r.PlannedAt, "dueAt": r.Due, "sentAt": r.SentAt, "remoteId": r.RemoteID,
		})
	}
	body, err := json.Marshal(struct {
		ticket.Row
		Flags        []string                 `json:"flags"`
		Masked       bool                     `json:"masked"`
		MentionCount int                      `json:"mentionCount"`
		Mentions     []map[string]any         `json:"mentions"`
		Replies      []map[string]any         `json:"replies"`
		May          map[string]ticket.Option `json:"may"`
	}{c.Ticket.Row(), []string{}, false, 1, mentions, replies, ticket.Story{Ticket: *c.Ticket}.May(by, planned, ticket.DefaultPolicy(), l.now)})
	if err != nil {
		l.t.Fatal(err)
	}
	c.Click = &ticket.Click{
		Key: fmt.Sprintf("%032x", l.now.Unix()), Digest: fmt.Sprintf("%032x", 7), Status: 200, Body: body, At: l.now,
	}
	return c
}

const words = "Hola, hice el curso de la franquicia en una OTEC de Rancagua, lo aprobé en agosto y todavía no me entregan el " +
	"certificado. He llamado tres veces y nadie responde. Necesito una solución porque lo exige mi trabajo."

// opening is the step that opens the next case.
func (l *life) opening(intent classify.Intent, probability float64) ticket.Change {
	l.cases++
	l.steps = nil
	e := mention.Event{
		Outcome: mention.Interaction, Network: mention.Facebook, Kind: mention.Comment, Key: fmt.Sprintf("122100000000000_%015d", l.now.Unix()),
		Thread: "122100000000000_554433221100998", Account: "100000000000001", Text: words, At: l.now.Add(-40 * time.Second),
		Author: &mention.Author{ID: "7788990011223344", Name: "Persona Ficticia Inventada", Aliases: []string{"persona.ficticia"}},
	}
	id := ticket.NewID(l.now, [10]byte{9, 8, 7, 6, 5, 4, 3, 2, 1, l.cases})
	return ticket.Open(ticket.Opening{
		ID: id, Number: ticket.Number(id, 2026, 0), Conversation: fmt.Sprintf("q3Jf8sYt0PzR%010d", l.now.Unix()),
		CitizenKey: "Zt7Kp1mQx9Vb3NcR6yHd4w", Event: e, Excerpt: words[:120],
		Class: classify.Result{
			Intent: intent, Probabilities: map[classify.Intent]float64{intent: probability, classify.Spam: 1 - probability},
			Set: []classify.Intent{intent}, Urgency: classify.Media, Topics: []string{"certificados", "franquicia"},
			Reasons: []string{"modelo", "lexico_reclamo"}, Model: "reglas-1",
		},
		DueDate: "2026-12-22", DueAt: l.now.AddDate(0, 1, 0), DoubtAt: l.now.Add(4 * time.Hour), Now: l.now,
	}, ticket.DefaultPolicy(), nil)
}

// worked claims a message, as a worker does. Handing it over wrote nothing (ADR 0005).
func (l *life) worked(name string, m outbox.Message) spent {
	ref := m.Ref()
	return l.step(name+": claimed", l.commit(ticket.Change{Claim: &ref, ClaimAt: l.now}))
}

// answered walks from the queue to the closed case.
func (l *life) answered(current ticket.Ticket) spent {
	l.t.Helper()
	by := ticket.Actor{ID: "supervisor", Name: "Sara Ficticia", Roles: []ticket.Role{ticket.Supervisor}}
	must := func(c ticket.Change, err error) ticket.Change {
		l.t.Helper()
		if err != nil {
			l.t.Fatal(err)
		}
		return c
	}
	story, err := l.store.Story(context.Background(), current.ID)
	if err != nil {
		l.t.Fatal(err)
	}
	c := must(current.Claim(by, l.now))
	sum := l.step("claim, with its click", l.commit(l.clicked(by, c, story)))
	c = must(c.Ticket.PlanReply(by, "Hola. Revisamos tu caso con la OTEC: tu certificado estará disponible el viernes en tu cuenta.", post.Public, l.now, l.now))
	reply, message := c.Replies[0], c.Send[0]
	sum = sum.plus(l.step("reply, with its click", l.commit(l.clicked(by, c, story)))).plus(l.worked("reply", message))
	sent := c.Ticket.ReplySentStep(reply, message.Ref(), "122100000000000_111222333444555", l.now, l.now)
	sum = sum.plus(l.step("sent", l.commit(sent)))
	story.Ticket, story.Replies = *sent.Ticket, sent.Replies
	c = must(story.Close(by, "respondido", l.now))
	return sum.plus(l.step("close, with its click", l.commit(l.clicked(by, c, story))))
}

// consulta opens, answers and closes a case that stays with us.
func (l *life) consulta() (queued, all spent, id string) {
	l.t.Helper()
	open := l.opening(classify.Consulta, 0.97)
	queued = l.step("queued", l.commit(open))
	return queued, queued.plus(l.answered(*open.Ticket)), open.Ticket.ID
}

// reclamo opens, files in SIAC, answers and closes a case.
func (l *life) reclamo() (all spent) {
	l.t.Helper()
	open := l.opening(classify.Reclamo, 0.97)
	all = l.step("queued, escalation planned", l.commit(open))
	all = all.plus(l.worked("escalation", open.Send[0]))
	filed := open.Ticket.FiledStep(open.Send[0].Ref(), fmt.Sprintf("SIAC-2026-%d", l.now.Unix()), l.now)
	all = all.plus(l.step("filed", l.commit(filed)))
	return all.plus(l.answered(*filed.Ticket))
}

// TestCost holds what architecture.md §3 promises of write units, by ConsumedCapacity, indexes included.
func TestCost(t *testing.T) {
	t.Run("a consulta, answered and closed", func(t *testing.T) {
		l := newLife(t)
		seen := ticket.Seen{Network: mention.Facebook, Key: "122100000000000_1", At: l.now, Rev: 1}
		nothing := l.step("nothing to do: known and put aside", l.commit(ticket.Change{Seen: &seen}))
		duplicate := l.step("duplicate: looked up", func() error {
			_, _, err := l.store.Seen(t.Context(), seen.Network, seen.Key)
			return err
		})
		l.print()
		queued, all, id := l.consulta()
		l.reads(id)
		l.print()
		l.limit("nothing to do", nothing.wru, 5)
		l.limit("duplicate", duplicate.wru, 0)
		l.limit("queued", queued.wru, 20)
		l.limit("replied and closed in all", all.wru, 70)
	})
	t.Run("a reclamo, escalated, answered and closed", func(t *testing.T) {
		l := newLife(t)
		all := l.reclamo()
		l.print()
		l.limit("escalated, replied and closed in all", all.wru, 100)
	})
}

// A person of one name costs what a person always did; each further name costs one pointer, when it is learnt and when it goes.
func TestCost_Names(t *testing.T) {
	l := newLife(t)
	one := l.opening(classify.Consulta, 0.97)
	plain := l.step("queued, one name", l.commit(one))
	two := l.opening(classify.Consulta, 0.97)
	known, _ := two.Ticket.KnownAs([]string{"q3Jf8sYt0PzRotro"})
	two.Ticket = &known
	both := l.step("queued, two names", l.commit(two))
	l.limit("another name, known at once", both.wru-plain.wru, 2)
	further := func(c ticket.Change, names ...string) spent {
		e := mention.Event{Network: mention.Facebook, Kind: mention.DM, Key: c.Ticket.Number, Text: words, At: l.now}
		t, learnt := c.Ticket.KnownAs(names)
		change := t.Append(e, classify.Result{Intent: classify.Consulta}, words[:120], ticket.DefaultPolicy(), l.now, l.now, nil)
		change.Names = learnt
		return l.step("one more message", l.commit(change))
	}
	l.limit("another name, learnt", further(two, "q3Jf8sYt0PzRtercero").wru-further(one).wru, 2)
}

// A name that is read apart, and forgotten a day later, costs what ADR 0022 says of LinkedIn.
func TestCost_NameApart(t *testing.T) {
	l := newLife(t)
	opening := func(ask bool) ticket.Change {
		c := l.opening(classify.Consulta, 0.97)
		c.Ticket.Network, c.Ticket.Citizen.Name = mention.LinkedIn, ""
		if ask {
			c = c.AskName(mention.Event{Text: words}, "s1."+strings.Repeat("x", 80), l.now)
		}
		return c
	}
	without := l.step("queued", l.commit(opening(false)))
	c := opening(true)
	all := l.step("queued, its name asked for", l.commit(c))
	asked := c.Send[0].Ref()
	all = all.plus(l.step("asked", l.commit(ticket.Change{Done: []outbox.Ref{asked}})))
	named, is := c.Ticket.NameStep(c.Mentions[0], "Persona Ficticia Inventada", *c.Seen, l.now, l.now)
	if !is {
		t.Fatal("not named")
	}
	all = all.plus(l.step("named", l.commit(named)))
	l.now = l.now.AddDate(0, 0, 1)
	story := ticket.Story{Ticket: named.Ticket.Kept(l.now)}
	all = all.plus(l.step("forgotten", l.commit(story.ForgetStep(named.Send[0].Ref(), l.now))))
	l.print()
	l.limit("a name read apart", all.wru-without.wru, 28)
}

// BenchmarkCost walks whole cases and tells their write units, their calls and what each step consumed.
func BenchmarkCost(b *testing.B) {
	lives := map[string]func(*life) spent{
		"consulta": func(l *life) spent { _, all, _ := l.consulta(); return all },
		"reclamo":  (*life).reclamo,
	}
	for _, name := range []string{"consulta", "reclamo"} {
		b.Run(name, func(b *testing.B) {
			l := newLife(b)
			var sum spent
			n := 0.0
			b.ReportAllocs()
			for b.Loop() {
				sum, n = sum.plus(lives[name](l)), n+1
			}
			b.ReportMetric(sum.wru/n, "WRU/op")
			b.ReportMetric(float64(sum.calls)/n, "writes/op")
			l.print()
		})
	}
}

// reads books what the questions of the console and the workers cost.
func (l *life) reads(id string) {
	ctx := context.Background()
	l.step("read: story", func() error { _, err := l.store.Story(ctx, id); return err })
	l.step("read: history", func() error { _, err := l.store.History(ctx, id); return err })
	l.step("read: list of 50", func() error {
		_, _, err := l.store.List(ctx, ticket.Query{View: ticket.ViewWaiting})
		return err
	})
	l.step("read: changes", func() error { _, _, err := l.store.Changes(ctx, ticket.Reach{Ordinary: true}, ""); return err })
	l.step("read: due (tick)", func() error { _, err := l.store.Due(ctx, l.now, 0); return err })
	l.step("read: oldest (healthz)", func() error { _, err := l.store.Unfinished(ctx, l.now, 1); return err })
}

// print tells the steps in one piece: a benchmark shows ten lines at most.
func (l *life) print() {
	var lines strings.Builder
	for _, s := range l.steps {
		fmt.Fprintf(&lines, "\n  %-40s %5.1f WRU %5.1f RRU %3d calls", s.name, s.spent.wru, s.spent.rru, s.spent.calls)
	}
	l.t.Log(lines.String())
}

func (l *life) limit(what string, got, limit float64) {
	l.t.Helper()
	l.t.Logf("%-42s %5.1f WRU, limit %.0f", what, got, limit)
	if got > limit {
		l.t.Errorf("%s: %.1f WRU, limit %.0f", what, got, limit)
	}
}
