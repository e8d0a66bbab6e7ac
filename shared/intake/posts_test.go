package intake_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/intake"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

const notice = "Se abren las postulaciones al curso ficticio de soldadura."

func newPostWorld(t *testing.T, with ...func(*intake.Config)) *world {
	t.Helper()
	return newWorld(t, append([]func(*intake.Config){func(c *intake.Config) {
		if s, is := c.Store.(*store); is {
			c.Posts = s
		}
		c.Address = func(_ mention.Network, _, id string) string { return "https://red.example.invalid/" + id }
		network(mention.Facebook)(c)
	}}, with...)...)
}

// posting is one way out of a post of ours, to X unless said otherwise.
type posting struct {
	*world
	id, name string
	message  outbox.Message
}

// plans has a post planned for noon on a network.
func (w *world) plans(text string, n mention.Network) posting {
	w.Helper()
	s := posting{world: w, id: fmt.Sprintf("01POST%06d", w.made.Add(1)), name: string(n)}
	ana := ticket.Actor{ID: "autora", Roles: []ticket.Role{ticket.Comunicaciones}}
	boss := ticket.Actor{ID: "aprueba", Roles: []ticket.Role{ticket.Supervisor}}
	before := noon().Add(-time.Hour)
	c := post.Content{Text: text, Networks: []mention.Network{n}, PublishAt: post.Moment{At: noon()}}
	change, err := agenda.Draft(s.id, ana, c, agenda.About{}, before)
	s.commits(change, err)
	change, err = s.plan().Submit(ana, before)
	s.commits(change, err)
	change, err = s.plan().Approve(boss, agenda.Consent{}, mention.Accounts{n: {page}}, before)
	s.commits(change, err)
	s.message = change.Send[0]
	return s
}

// publishes has a post that is being published since noon.
func (w *world) publishes(text string, n mention.Network) posting {
	w.Helper()
	s := w.plans(text, n)
	s.claims()
	return s
}

func (s posting) claims() {
	s.Helper()
	ref := outbox.Ref{Ticket: outbox.PostCause(s.id), ID: s.target().Message}
	s.commits(ticket.Change{Claim: &ref, ClaimAt: noon()}, nil)
}

func (s posting) commits(c ticket.Change, err error) {
	s.Helper()
	if err == nil {
		err = s.store.Store.Commit(context.Background(), c)
	}
	if err != nil {
		s.Fatal(err)
	}
}

func (s posting) plan() agenda.Plan {
	s.Helper()
	p, err := s.store.Plan(context.Background(), s.id)
	if err != nil {
		s.Fatal(err)
	}
	return p
}

func (s posting) target() post.Target {
	s.Helper()
	return s.plan().Targets[0]
}

// records is what deliver does when the call returned: the network's name of it, or nothing known.
func (s posting) records(remote string) {
	s.Helper()
	t := s.target()
	step := agenda.Step{Target: t, Done: outbox.Ref{Ticket: t.Cause(), ID: t.Message}, Now: noon().Add(time.Second)}
	if _, _, found, _ := s.store.Message(context.Background(), step.Done); !found {
		return // recorded by somebody else
	}
	if remote == "" {
		s.commits(step.Unknown(s.message.Again(outbox.Confirm, noon().Add(5*time.Second)), noon(), "unknown_outcome"), nil)
		return
	}
	seen := agenda.Remember(t, remote, step.Now)
	_ = s.store.Store.Commit(context.Background(), ticket.Change{Seen: &seen}) // as well as it can
	s.commits(step.Sent(remote, "", step.Now), nil)
}

// confirms is what deliver does when it has looked.
func (s posting) confirms(remote string) {
	s.Helper()
	if t := s.target(); t.State == post.Unknown && t.Message != "" {
		s.records(remote)
	}
}

// shows is what the network tells of a post of ours.
func shows(n mention.Network, key, text string, with ...func(*mention.Event)) mention.Event {
	e := mention.Event{
		Outcome: mention.Own, Network: n, Kind: mention.Post, Key: key, Thread: key, Account: page, Author: &mention.Author{ID: page},
		Text: text, At: noon().Add(2 * time.Second),
	}
	for _, f := range with {
		f(&e)
	}
	return e
}

// whole checks the bitácora of the way out, and gives its kinds.
func (s posting) whole() []string {
	s.Helper()
	t := s.target()
	history, err := s.store.History(context.Background(), t.Chain())
	if err == nil {
		err = audit.Verify(history)
	}
	if err != nil || len(history) != t.Version {
		s.Fatalf("bitácora of %d entries for version %d: %v", len(history), t.Version, err)
	}
	var kinds []string
	for _, e := range history {
		kinds = append(kinds, strings.TrimPrefix(string(e.Kind), "post."))
	}
	return kinds
}

// The network tells of our post before the call that said it returns, after it, twice, or while nobody knows: it is one post, and
// it is ours.
func TestPosts_Echo(t *testing.T) {
	echo := func(w *world) { w.hears(shows(mention.X, "e1", notice)) }
	for name, order := range map[string]func(w *world, s posting){
		"before the record":        func(w *world, s posting) { echo(w); s.records("e1") },
		"after the record":         func(w *world, s posting) { s.records("e1"); echo(w) },
		"twice, around the record": func(w *world, s posting) { echo(w); s.records("e1"); echo(w) },
		"nobody knew":              func(w *world, s posting) { s.records(""); echo(w); s.confirms("e1") },
		"nobody knows any more":    func(w *world, s posting) { echo(w); s.records(""); echo(w) },
		"nobody knew, and found":   func(w *world, s posting) { echo(w); s.records(""); s.confirms("e1") },
		"nobody found it": func(w *world, s posting) {
			s.records("")
			tg := s.target()
			s.commits(agenda.Step{Target: tg, Done: outbox.Ref{Ticket: tg.Cause(), ID: tg.Message}, Now: noon()}.Unresolved(), nil)
			echo(w)
		},
		"it is about to be said once more": func(w *world, s posting) {
			s.records("")
			tg := s.target()
			s.commits(agenda.Step{Target: tg, Done: outbox.Ref{Ticket: tg.Cause(), ID: tg.Message}, Now: noon()}.Resent(), nil)
			echo(w)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newPostWorld(t)
			s := w.publishes(notice, mention.X)
			order(w, s)
			got := s.target()
			if got.State != post.Sent || got.RemoteID != "e1" || got.SentAt.IsZero() || got.Message != "" {
				t.Errorf("target %+v", got)
			}
			if seen := w.seen(mention.X, "e1"); seen.Ticket != got.Cause() || seen.Reply != "x" {
				t.Errorf("remembered %+v", seen)
			}
			left, err := w.store.Due(t.Context(), noon().AddDate(1, 0, 0), 0)
			left = slices.DeleteFunc(left, func(m outbox.Message) bool { return m.Topic == outbox.Notify })
			if err != nil || len(left) != 0 || w.count("W#") != 0 {
				t.Errorf("%+v and %d matters are left, %v", left, w.count("W#"), err)
			}
			s.whole()
		})
	}
}

// A message that somebody carries out at this moment is left to them: whatever is told meanwhile, their record is the one.
func TestPosts_ClaimedIsLeft(t *testing.T) {
	w := newPostWorld(t)
	s := w.publishes(notice, mention.X)
	before := s.target()
	w.hears(shows(mention.X, "e1", notice))
	if got := s.target(); got.Rev != before.Rev || got.State != post.Planned {
		t.Errorf("%+v, want %+v", got, before)
	}
	for n := range 2 { // it is being said once more, after nobody found the first: that is left too, told for the first time and again
		if n == 0 {
			s = w.publishes("Otro aviso ficticio.", mention.X)
			s.records("")
			tg := s.target()
			s.commits(agenda.Step{Target: tg, Done: outbox.Ref{Ticket: tg.Cause(), ID: tg.Message}, Now: noon()}.Resent(), nil)
			s.claims()
			before = s.target()
		}
		if err := w.worker.Handle(t.Context(), noon(), delivery(noon(), shows(mention.X, "e2", "Otro aviso ficticio."))); err != nil {
			t.Error(err)
		}
		if got := s.target(); got.Rev != before.Rev || got.State != post.Planned {
			t.Errorf("said once more: %+v", got)
		}
	}
}

// What is nobody's here opens nothing and is remembered by nobody; and of two alike, a person decides.
func TestPosts_NotOurs(t *testing.T) {
	w := newPostWorld(t)
	waiting := w.plans("Otro aviso ficticio.", mention.X) // nobody says it yet
	s := w.publishes(notice, mention.X)
	w.publishes("Un aviso de a dos.", mention.X)
	w.publishes("Un aviso de a dos.", mention.X)
	w.publishes("", mention.X)
	before := len(w.items())
	for name, e := range map[string]mention.Event{
		"other words":           shows(mention.X, "o1", "Nuevo curso"),
		"not said yet":          shows(mention.X, "o2", "Otro aviso ficticio."),
		"long before":           shows(mention.X, "o3", notice, at(noon().Add(-time.Hour))),
		"two are alike":         shows(mention.X, "o4", "Un aviso de a dos."),
		"no words":              shows(mention.X, "o5", ""),
		"another account":       shows(mention.X, "o6", notice, func(e *mention.Event) { e.Account, e.Author = "2", &mention.Author{ID: "2"} }),
		"another network":       shows(mention.Facebook, "o7", notice),
		"under something":       shows(mention.X, "o8", notice, func(e *mention.Event) { e.Kind, e.Parent = mention.Comment, "nadie" }),
		"edited on its network": shows(mention.Facebook, "o9", "x", is(mention.Edit)),
		"taken away there":      shows(mention.Facebook, "o9", "", is(mention.Delete)),
	} {
		raw := delivery(noon(), e)
		if e.Network == mention.Facebook {
			raw = `{"v":1,"network":"facebook",` + raw[len(`{"v":1,"network":"x",`):]
		}
		w.take(noon().Add(time.Minute), raw)
		if got := len(w.items()); got != before {
			t.Errorf("%s wrote %d items", name, got-before)
		}
	}
	if a, b := s.target().State, waiting.target().State; a != post.Planned || b != post.Planned {
		t.Errorf("states %s and %s", a, b)
	}
}

// Facebook calls a video by another name than its answer did: what becomes of it is found by both.
func TestPosts_TwoNames(t *testing.T) {
	w := newPostWorld(t)
	s := w.publishes(notice, mention.Facebook)
	s.records("777")
	body := func(events ...mention.Event) {
		raw := delivery(noon(), events...)
		w.take(noon().Add(time.Hour), `{"v":1,"network":"facebook",`+raw[len(`{"v":1,"network":"x",`):])
	}
	key := page + "_888"
	body(shows(mention.Facebook, key, notice, at(noon().Add(-agenda.Lead)))) // it is dated from when it was brought there
	body(shows(mention.Facebook, key, notice, is(mention.Edit), at(noon().Add(time.Minute))))
	if got := s.target(); got.RemoteID != "777" || !got.EditedAt.IsZero() {
		t.Errorf("nobody wrote it anew: %+v", got)
	}
	body(shows(mention.Facebook, key, "Cambiado", is(mention.Edit), at(noon().Add(2*time.Minute))))
	body(shows(mention.Facebook, key, "", is(mention.Delete), at(noon().Add(3*time.Minute))))
	if got := s.target(); !got.EditedAt.Equal(noon().Add(2*time.Minute)) || !got.RemovedAt.Equal(noon().Add(3*time.Minute)) {
		t.Errorf("%+v", got)
	}
	if got := s.whole(); !slices.Equal(got, []string{"planned", "sent", "rewritten", "removed"}) {
		t.Errorf("bitácora %v", got)
	}
}

// What people write under our post is theirs, and opens cases.
func TestPosts_Comments(t *testing.T) {
	w := newPostWorld(t)
	s := w.publishes(notice, mention.X)
	s.records("e1")
	w.hears(shows(mention.X, "e1", notice))
	under := func(e *mention.Event) { e.Thread, e.Parent = "e1", "e1" }
	w.hears(said(person, "i1", consulta, under))
	w.hears(ours("n1", "e1", "Más datos en la web.", func(e *mention.Event) { e.Thread = "e1" })) // ours, under our own
	if got := w.must("i1"); got.Mentions[0].Parent != "e1" || len(got.Replies) != 0 {
		t.Errorf("%+v", got)
	}
}

// Whatever is told in whatever order, and however often, the end is one.
func TestPosts_AnyOrder(t *testing.T) {
	w := newPostWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		run := w.made.Add(1)
		text, key := fmt.Sprintf("Aviso ficticio %d.", run), fmt.Sprintf("e%d", run)
		s := w.publishes(text, mention.X)
		edits, deletes := rapid.IntRange(0, 2).Draw(rt, "edits"), rapid.IntRange(0, 1).Draw(rt, "deletes")
		deliveries := []string{delivery(noon(), shows(mention.X, key, text))}
		for n := range edits {
			deliveries = append(deliveries, delivery(noon(), shows(mention.X, key, text+" Cambió.", is(mention.Edit), at(noon().Add(time.Duration(n+1)*time.Minute)))))
		}
		gone := shows(mention.X, key, "", is(mention.Delete), at(time.Time{}))
		if rapid.Bool().Draw(rt, "nobody named") {
			gone.Author = nil
		}
		for range deletes {
			deliveries = append(deliveries, delivery(noon(), gone))
		}
		again := rapid.SliceOfN(rapid.SampledFrom(deliveries), 0, 3).Draw(rt, "again")
		knew := rapid.Bool().Draw(rt, "the call gave its name")
		var steps []func() bool
		for _, body := range append(deliveries, again...) {
			steps = append(steps, func() bool { return w.brings(rt, body) })
		}
		steps = append(steps, func() bool { s.records(map[bool]string{true: key}[knew]); return true })
		left := rapid.Permutation(steps).Draw(rt, "order")
		for round := 0; len(left) > 0; round++ {
			if round > 20 {
				rt.Fatal("a delivery fails for ever")
			}
			left = slices.DeleteFunc(left, func(step func() bool) bool { return step() }) // what fails, the queue brings back
		}
		s.confirms(key)
		got := s.target()
		if got.State != post.Sent || got.RemoteID != key || got.Message != "" {
			rt.Fatalf("%+v", got)
		}
		if want := noon().Add(time.Duration(edits) * time.Minute); edits > 0 && !got.EditedAt.Equal(want) || edits == 0 && !got.EditedAt.IsZero() {
			rt.Fatalf("%d edits, the last at %s", edits, got.EditedAt)
		}
		if got.RemovedAt.IsZero() == (deletes > 0) {
			rt.Fatalf("%d times taken away, at %s", deletes, got.RemovedAt)
		}
		if seen := w.seen(mention.X, key); seen.Ticket != got.Cause() {
			rt.Fatalf("remembered %+v", seen)
		}
		s.whole()
	})
	if n := w.count("O#") + w.count("W#") + w.count("M#"); n != 0 {
		t.Errorf("%d messages, matters and mentions are left", n)
	}
}

// brings gives a delivery to the worker once; false when it fails and comes again.
func (w *world) brings(rt *rapid.T, body string) bool {
	err := w.worker.Handle(context.Background(), noon().Add(10*time.Minute), body)
	if err != nil && !fault.Is(err, fault.Transient) && !fault.Is(err, fault.Conflict) {
		rt.Fatalf("Handle: %v", err)
	}
	return err == nil
}
