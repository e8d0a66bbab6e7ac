package storetest

import (
	"fmt"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/model"
	"sence.gob.cl/gestor/shared/ticket"
)

// models: the register is one, of many who change it at once one does, and each of its steps stands in the bitácora, chained to the
// one before, where nobody's list of changes tells of it.
func models(w *world) {
	if got := need(w.store.Models(w.Context()))(w); got.Version != 0 || got.Deciding() != model.Embedded {
		w.Errorf("models of nobody: %+v", got)
	}
	ana := model.Person{ID: "ana", Name: "Ana Ficticia"}
	name := strings.Repeat("1", 64)
	made := func(s model.Step, err error) model.Register {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
		w.must(ticket.Change{Models: &s})
		w.must(ticket.Change{Models: &s}) // its answer was lost
		w.pass(time.Minute)
		got := need(w.store.Models(w.Context()))(w)
		w.same("register", got, s.Register)
		return got
	}
	r := made(model.Register{}.Add(model.Known{Name: name, Label: "lineal", Reading: "n2-0", Size: 7}, ana, w.clock()))
	r = made(r.Try(name, ana, w.clock()))
	r = made(r.Use(name, ana, w.clock()))
	r = made(r.Back(ana, w.clock()))
	rivals := make([]model.Step, 16)
	for i := range rivals {
		rivals[i] = need(r.Use(name, model.Person{ID: fmt.Sprint("p", i)}, w.clock()))(w)
	}
	won := w.crowd(len(rivals), fault.Conflict, ticket.ErrStale, func(i int) error { return w.commit(ticket.Change{Models: &rivals[i]}) })
	if len(won) != 1 {
		w.Fatalf("%d wrote one version", len(won))
	}
	r = need(w.store.Models(w.Context()))(w)
	w.same("the winner's", r, rivals[won[0]].Register)
	chain := need(w.store.History(w.Context(), model.Chain))(w)
	if err := audit.Verify(chain); err != nil || len(chain) != 5 || chain[4].Hash != r.Head || chain[4].Actor != r.By {
		w.Errorf("%d entries, %v", len(chain), err)
	}
	everybody := ticket.Reach{Ordinary: true, Restricted: true, Posts: true}
	changes, _, err := w.store.Changes(w.Context(), everybody, "")
	if err != nil || len(changes) != 0 {
		w.Errorf("the desk is told of %v, %v", changes, err)
	}
	good := need(r.Back(ana, w.clock()))(w)
	for what, spoil := range map[string]func(*model.Step){
		"no entry": func(s *model.Step) { s.Entry = audit.Entry{} }, "an entry of a case": func(s *model.Step) { s.Entry.Ticket = "01TEST000001" },
		"an entry told to all": func(s *model.Step) { s.Entry.Scope = audit.Ordinary }, "another version": func(s *model.Step) { s.Register.Version++ },
		"another head": func(s *model.Step) { s.Register.Head = "otra" },
	} {
		bad := good
		spoil(&bad)
		if err := w.commit(ticket.Change{Models: &bad}); !fault.Is(err, fault.Permanent) {
			w.Errorf("%s: %v, want permanent", what, err)
		}
	}
	w.same("after what was refused", need(w.store.Models(w.Context()))(w), r)
	w.pass(10 * 365 * 24 * time.Hour)
	w.same("after ten years", need(w.store.Models(w.Context()))(w), r)
}
