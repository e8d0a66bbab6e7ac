package intake_test

import (
	"context"
	"slices"
	"testing"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/intake"
	"sence.gob.cl/gestor/shared/mention"
)

const (
	aboutScholarships = "Se abren las postulaciones a las Becas Laborales."
	nameless          = "me interesa"
)

// lost is what we publish, until it cannot be read for a reason.
type lost struct {
	intake.Posts
	why fault.Kind
}

func (l *lost) Plan(ctx context.Context, id string) (agenda.Plan, error) {
	if l.why != 0 {
		return agenda.Plan{}, fault.New(l.why, "test.Plan", nil)
	}
	return l.Posts.Plan(ctx, id)
}

// TestRead_UnderOurPost: who names no topic under a post of ours speaks of what the post is about, and of nothing else where they
// name one, or where the post is not ours.
func TestRead_UnderOurPost(t *testing.T) {
	w := newPostWorld(t)
	s := w.publishes(aboutScholarships, mention.X)
	s.records("e1")
	w.hears(shows(mention.X, "e1", aboutScholarships))
	quiet := w.publishes("Feliz viernes.", mention.X)
	quiet.records("e2")
	w.hears(shows(mention.X, "e2", "Feliz viernes."))
	under := func(post string) func(*mention.Event) {
		return func(e *mention.Event) { e.Thread, e.Parent = post, post }
	}
	for key, tt := range map[string]struct {
		person, text string
		with         func(*mention.Event)
		has, hasNot  string
	}{
		"i1": {"persona-1", nameless, under("e1"), "becas_laborales", "otro"},
		"i2": {"persona-2", "¿Cómo recupero mi clave única?", under("e1"), "clave", "becas_laborales"},
		"i3": {"persona-3", nameless, under("ajena"), "otro", "becas_laborales"},
		"i4": {"persona-4", nameless, under("e2"), "otro", "becas_laborales"},
		"i6": {"persona-6", "¿cuáles son los requisitos?", under("e1"), "becas_laborales", "otro"},
		"i5": {"persona-5", nameless, func(e *mention.Event) { e.Kind, e.Thread, e.Parent = mention.DM, "e1", "" }, "otro", "becas_laborales"},
	} {
		w.hears(said(tt.person, key, tt.text, tt.with))
		if got := w.must(key).Ticket.Topics; !slices.Contains(got, tt.has) || slices.Contains(got, tt.hasNot) {
			t.Errorf("%s: topics %v", key, got)
		}
	}
}

// TestRead_Filled: what comes without its words has the topics of the post once they are there.
func TestRead_Filled(t *testing.T) {
	w := newPostWorld(t)
	s := w.publishes(aboutScholarships, mention.X)
	s.records("e1")
	w.hears(shows(mention.X, "e1", aboutScholarships))
	under := func(e *mention.Event) { e.Thread, e.Parent = "e1", "e1" }
	w.hears(said(person, "i1", "", under, func(e *mention.Event) { e.Flags = []string{mention.FlagUnavailable} }))
	w.take(noon(), read(mention.OriginItem, noon(), said(person, "i1", nameless, under)))
	if got := w.must("i1"); got.Mentions[0].Text != nameless || !slices.Contains(got.Ticket.Topics, "becas_laborales") {
		t.Errorf("%q: topics %v", got.Mentions[0].Text, got.Ticket.Topics)
	}
}

// TestRead_PostUnread: a post that is gone or broken holds nothing back; one that cannot be read at the moment is waited for.
func TestRead_PostUnread(t *testing.T) {
	for _, tt := range []struct {
		why     fault.Kind
		arrives bool
	}{{fault.NotFound, true}, {fault.Permanent, true}, {fault.Transient, false}} {
		posts := &lost{}
		w := newPostWorld(t, func(c *intake.Config) { posts.Posts, c.Posts = c.Posts, posts })
		s := w.publishes(aboutScholarships, mention.X)
		s.records("e1")
		w.hears(shows(mention.X, "e1", aboutScholarships))
		posts.why = tt.why
		comment := said("persona-1", "i1", nameless, func(e *mention.Event) { e.Thread, e.Parent = "e1", "e1" })
		err := w.worker.Handle(context.WithoutCancel(t.Context()), noon(), delivery(noon(), comment))
		if fault.Is(err, fault.Transient) == tt.arrives {
			t.Errorf("%v: %v", tt.why, err)
		}
		if tt.arrives && !slices.Equal(w.must("i1").Ticket.Topics, []string{"otro"}) {
			t.Errorf("%v: %v", tt.why, w.must("i1").Ticket.Topics)
		}
		tells := said("persona-2", "i2", "¿Cómo recupero mi clave única?", func(e *mention.Event) { e.Thread, e.Parent = "e1", "e1" })
		if err := w.worker.Handle(context.WithoutCancel(t.Context()), noon(), delivery(noon(), tells)); err != nil {
			t.Errorf("%v: what tells its topic does not wait for the post: %v", tt.why, err)
		}
	}
}
