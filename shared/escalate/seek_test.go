package escalate_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

func analyst() ticket.Actor {
	return ticket.Actor{ID: "siac", Name: "Sol Ficticia", Roles: []ticket.Role{ticket.AnalistaSIAC}}
}

// given up: SIAC never answers, and after a day a person is told.
func (w *world) givenUp(applied bool) ticket.Ticket {
	w.Helper()
	w.siac.script = []scripted{perhaps(applied)}
	slow := fault.New(fault.Transient, "test", nil)
	slow.RetryAfter = 25 * time.Hour
	w.siac.looks = []error{slow, slow}
	c, _ := w.planned()
	w.run(c.ID, 10)
	want := seen{State: ticket.FilingUnknown, Reason: ticket.RuleSure, Raised: []string{ticket.MatterSIACUnknown}}
	if diff := cmp.Diff(want, w.seen(c.ID)); diff != "" {
		w.Fatalf("given up (-want +got):\n%s", diff)
	}
	return w.Ticket(c.ID)
}

// seek asks for another look as a person does.
func (w *world) seek(id string) (ticket.Ticket, error) {
	c, err := w.Ticket(id).Escalate(analyst(), ticket.DefaultPolicy(), w.Clock())
	if err != nil {
		return ticket.Ticket{}, err
	}
	return w.Must(c, nil), nil
}

// A person settles what nobody knew: it is looked for first, posted only when SIAC does not have it, under the same key.
func TestSeek(t *testing.T) {
	for name, tt := range map[string]struct {
		applied bool
		posts   int
	}{"SIAC had it all the time": {true, 1}, "SIAC never had it": {false, 2}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c := w.givenUp(tt.applied)
			c, err := w.seek(c.ID)
			if err != nil {
				t.Fatal(err)
			}
			todo := w.next(c.ID)
			if len(todo) != 1 || todo[0].Topic != outbox.Check || !todo[0].Doubt || c.SIAC.State != ticket.FilingUnknown {
				t.Fatalf("planned %+v, %+v", todo, c.SIAC)
			}
			if got := w.seen(c.ID); len(got.Raised) != 1 {
				t.Errorf("settled before anybody knows: %+v", got)
			}
			w.run(c.ID, 10)
			if got := w.seen(c.ID); got.State != ticket.Filed || got.Folio != "SIAC-1" || len(got.Raised) != 0 {
				t.Errorf("in the end %+v", got)
			}
			if len(w.siac.posts) != tt.posts || len(w.siac.folios(c.Number)) != 1 || w.siac.posts[0].IdempotencyKey != w.siac.posts[tt.posts-1].IdempotencyKey {
				t.Errorf("posted %+v", w.siac.posts)
			}
			history, err := w.Store.History(t.Context(), c.ID)
			if err != nil || !slices.ContainsFunc(history, func(e audit.Entry) bool {
				return e.Kind == audit.EscalationSought && e.Actor == "siac" && e.ActorName == "Sol Ficticia"
			}) {
				t.Errorf("the bitácora does not say who asked: %+v, %v", history, err)
			}
		})
	}
}

// While the look-ups go on, by themselves or because somebody asked, there is nothing to ask for; and what cannot be undone
// is not offered.
func TestSeek_OnlyOnce(t *testing.T) {
	w := newWorld(t)
	w.siac.script = []scripted{perhaps(true)}
	c, m := w.planned()
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	refused := func(when string) {
		t.Helper()
		if _, err := w.seek(c.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", when, err)
		}
		may := ticket.Story{Ticket: w.Ticket(c.ID)}.May(analyst(), nil, ticket.DefaultPolicy(), w.Clock())
		if may["escalate"].Allowed || may["escalate"].Why == "" || may["undo"].Allowed {
			t.Errorf("%s: %+v", when, may)
		}
	}
	refused("while it looks by itself")
	w.run(c.ID, 10)
	c = w.givenUp(true)
	if may := (ticket.Story{Ticket: w.Ticket(c.ID)}).May(analyst(), nil, ticket.DefaultPolicy(), w.Clock()); !may["escalate"].Allowed || may["undo"].Allowed || may["close"].Allowed {
		t.Errorf("given up: %+v", may)
	}
	if _, err := w.seek(c.ID); err != nil {
		t.Fatal(err)
	}
	refused("while it looks for a person")
}

// SIAC has the case twice, or under a folio of another case: each look ends with a person again.
func TestSeek_EndsWithAPersonAgain(t *testing.T) {
	w := newWorld(t)
	c := w.givenUp(true)
	for range 2 {
		w.siac.looks = []error{kind(fault.Permanent)}
		if _, err := w.seek(c.ID); err != nil {
			t.Fatal(err)
		}
		w.run(c.ID, 10)
		want := seen{State: ticket.FilingUnknown, Reason: ticket.RuleSure, Raised: []string{ticket.MatterSIACUnknown}}
		if diff := cmp.Diff(want, w.seen(c.ID)); diff != "" {
			t.Errorf("in the end (-want +got):\n%s", diff)
		}
	}
	if len(w.siac.posts) != 1 {
		t.Errorf("%d posts", len(w.siac.posts))
	}
}

// A filing of unknown outcome whose case becomes a denuncia is found if it is there, and never posted again; then the case
// can be closed without SIAC.
func TestSeek_NeverPostsADenuncia(t *testing.T) {
	for name, applied := range map[string]bool{"it is there": true, "it is not": false} {
		for when, steps := range map[string]int{"before the look": 1, "before the next post": 2} {
			t.Run(name+", "+when, func(t *testing.T) {
				w := newWorld(t)
				w.siac.script = []scripted{perhaps(applied)}
				if steps == 2 {
					w.siac.lag = time.Hour
				}
				c, _ := w.planned()
				for range steps {
					m := w.next(c.ID)[0]
					w.At(m.Due)
					if err := w.Handle(m); err != nil {
						t.Fatal(err)
					}
				}
				w.Denounced(c.ID)
				w.run(c.ID, 2) // what waits is the last there is
				if len(w.siac.posts) != 1 {
					t.Errorf("%d posts", len(w.siac.posts))
				}
				got := w.seen(c.ID)
				if found := applied && steps == 1; found && got.State == ticket.Filed {
					return
				}
				if got.State != ticket.FilingUnknown || !slices.Equal(got.Raised, []string{ticket.MatterSIACUnknown}) {
					t.Errorf("in the end %+v", got)
				}
				w.closes(c.ID)
			})
		}
	}
	t.Run("between the look and the claim", func(t *testing.T) {
		w := newWorld(t)
		c := w.givenUp(false)
		if _, err := w.seek(c.ID); err != nil {
			t.Fatal(err)
		}
		denounced := false
		w.Store.Set(worker.First(worker.Claims, func() error {
			denounced = true
			w.Denounced(c.ID)
			return nil
		}), nil)
		w.run(c.ID, 10)
		if got := w.seen(c.ID); got.State != ticket.FilingUnknown || len(w.siac.posts) != 1 || !denounced {
			t.Errorf("%d posts, in the end %+v", len(w.siac.posts), got)
		}
	})
}

// closes closes the denuncia, as who answers for it does.
func (w *world) closes(id string) {
	w.Helper()
	story, err := w.Store.Story(context.WithoutCancel(w.Context()), id)
	if err != nil {
		w.Fatal(err)
	}
	w.Must(story.Close(ticket.Actor{ID: "denuncias", Roles: []ticket.Role{ticket.EncargadoDenuncia}}, "por su canal", w.Clock()))
	if got := w.seen(id); len(got.Raised) != 0 {
		w.Errorf("closed, and still waits: %+v", got)
	}
}

// However often SIAC's answers get lost and a person asks again, wherever the process crashes: one folio at most, and no
// matter is left when it is filed.
func TestProgram_SeekOneFolio(t *testing.T) {
	answers := []scripted{perhaps(true), perhaps(false), {err: kind(fault.Transient)}, {err: kind(fault.Permanent)}, {applied: true}, {err: kind(fault.Poison)}}
	w := newWorld(t)
	ends := map[ticket.Filing]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w.reset()
		w.At(worker.Noon())
		c := w.givenUp(rapid.Bool().Draw(rt, "SIAC had it"))
		w.siac.script = rapid.SliceOfN(rapid.SampledFrom(answers), 0, 6).Draw(rt, "answers")
		w.siac.lag = time.Duration(rapid.SampledFrom([]int{0, 0, 10, 1000}).Draw(rt, "seconds until it shows")) * time.Second
		w.siac.looks = worker.DrawLooks(rt, fault.Transient, fault.Permanent)
		w.DrawCrashes(rt, 9)
		for range rapid.IntRange(1, 3).Draw(rt, "times somebody asks") {
			if _, err := w.seek(c.ID); err != nil && w.Ticket(c.ID).SIAC.State == ticket.FilingUnknown {
				rt.Fatalf("nobody can settle it: %v", err)
			}
			w.run(c.ID, 150)
		}
		got := w.oneFolio(rt, c)
		ends[got.State]++
		if got.State != ticket.Filed && got.State != ticket.FilingUnknown {
			rt.Fatalf("in the end %+v", got)
		}
	})
	t.Logf("ends: %v", ends)
	if ends[ticket.Filed] == 0 {
		t.Error("nothing was ever filed")
	}
}
