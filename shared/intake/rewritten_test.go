package intake_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Ours rewritten, or taken away, on the network: the reply is marked, whoever said it and whatever the network tells of it.
func TestOwn_Rewritten(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", consulta))
	s := w.replying("i1", answer, post.Public)
	s.records("e1")
	w.hears(ours("n1", "i1", "Hola"))
	now := noon().Add(time.Hour)
	w.take(now, delivery(now,
		ours("e1", "i1", answer+" Saludos.", is(mention.Edit), at(noon().Add(time.Minute))), // known by its name in the reply
		ours("n1", "i1", "Hola, Ana", is(mention.Edit), at(noon().Add(time.Minute))),
		ours("nada", "", "x", is(mention.Edit)), ours("nada", "", "", is(mention.Delete)), // of nothing we know
	))
	w.take(now, delivery(now,
		ours("n1", "", "", is(mention.Delete), at(noon().Add(2*time.Minute)), func(e *mention.Event) { e.Author, e.Thread = nil, "n1" }))) // as X tells it
	w.take(now, delivery(now, ours("n1", "", "", is(mention.Delete), at(noon().Add(3*time.Minute)))))
	all := w.must("i1").Replies
	if len(all) != 2 || all[0].Text != answer+" Saludos." || all[0].EditedAt.IsZero() || !all[0].RemovedAt.IsZero() {
		t.Errorf("the edited one: %+v", all[0])
	}
	if all[1].Text != "Hola, Ana" || all[1].RemovedAt.IsZero() || all[1].State != ticket.ReplySent {
		t.Errorf("the removed one: %+v", all[1])
	}
	kinds := w.kinds(s.id)
	if n := len(kinds); kinds[n-1] != "reply.removed" || slices.Index(kinds, "reply.edited") < 0 || n != 8 {
		t.Errorf("history %v", kinds)
	}
	if len(w.must("i1").Mentions) != 1 || w.count("D") != 2 {
		t.Errorf("%d items remembered", w.count("D"))
	}
}

// What an account of ours wrote and the network told of by its id alone is ours when it is read.
func TestOwn_Awaited(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", consulta))
	w.hears(named("n1", func(e *mention.Event) { e.Parent = "i1" }), named("n2"))
	w.take(noon(), read(mention.OriginItem, noon(), ours("n1", "", "Hola"), ours("n2", "", "Hola")))
	if all := w.replies(w.must("i1").Ticket.ID); !slices.Equal(all, []string{"red sent n1"}) {
		t.Errorf("replies %v", all)
	}
	for _, key := range []string{"n1", "n2"} {
		if seen := w.seen(mention.X, key); seen.Awaited != nil {
			t.Errorf("%s is still awaited", key)
		}
	}
}

// Looking brings an answer whose echo was lost; it counts as repaired, and one that is known does not.
func TestOwn_Listed(t *testing.T) {
	w := newWorld(t)
	w.connected(ref(), noon().Add(-time.Hour))
	w.hears(said(person, "i1", consulta))
	for n := range 2 {
		now := noon().Add(time.Duration(n) * time.Minute)
		w.take(now, read(mention.OriginList, now, ours("n1", "i1", "Hola"), said("80000002", "i2", consulta), ours("n2", "i2", "Hola", later(1))))
	}
	for key, want := range map[string]string{"i1": "red sent n1", "i2": "red sent n2"} {
		if all := w.replies(w.must(key).Ticket.ID); !slices.Equal(all, []string{want}) {
			t.Errorf("%s: %v", key, all)
		}
	}
	if c := w.channel(ref()); c.Repaired != 3 {
		t.Errorf("%d repaired, want two answers and the item", c.Repaired)
	}
}

// On WhatsApp nothing of it names the person's telephone.
func TestOwn_WhatsApp(t *testing.T) {
	const phone = "56900000001"
	w := newWorld(t, network(mention.WhatsApp))
	in := func(e *mention.Event) { e.Network, e.Kind, e.Thread = mention.WhatsApp, mention.DM, phone }
	body := func(events ...mention.Event) {
		w.Helper()
		raw := delivery(noon(), events...)
		w.take(noon(), `{"v":1,"network":"whatsapp",`+raw[len(`{"v":1,"network":"x",`):])
	}
	body(said(phone, "wamid."+phone+"A", consulta, in))
	echo := ours("wamid."+phone+"B", "wamid."+phone+"A", "Hola", in)
	body(echo)
	body(echo)
	edit := echo
	edit.Outcome, edit.Text, edit.At = mention.Edit, "Hola, buenas", noon().Add(time.Minute)
	body(edit)
	rows, _, err := w.store.List(t.Context(), ticket.Query{View: ticket.ViewState, State: ticket.Respondido})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d answered, %v", len(rows), err)
	}
	s, err := w.store.Story(t.Context(), rows[0].ID)
	if err != nil || len(s.Replies) != 1 || s.Replies[0].Text != "Hola, buenas" || s.Replies[0].Author != ticket.NativeAuthor {
		t.Errorf("%+v, %v", s.Replies, err)
	}
	if all := w.everything(); len(all) == 0 || strings.Contains(all, phone) {
		t.Error("the telephone is stored")
	}
}
