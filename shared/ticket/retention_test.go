package ticket_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// step is what a transition makes of a story; false when it does not allow it.
type step func(s ticket.Story) (ticket.Change, bool)

func allowed(c ticket.Change, err error) (ticket.Change, bool) { return c, err == nil }

// transitions are all steps of a case there are, by the name of the method of Ticket (or of Story) that makes them.
func transitions() map[string]step {
	p := ticket.DefaultPolicy()
	news := mention.Event{Network: mention.Facebook, Key: "1_3", Text: "otro texto", At: later}
	class := classify.Result{Intent: classify.Reclamo, Probabilities: map[classify.Intent]float64{classify.Reclamo: 0.99}}
	ref := outbox.Ref{Ticket: "01TICKET", ID: "m"}
	message := outbox.New("m2", outbox.Check, "01TICKET", "", "conv", later)
	always := func(f func(ticket.Ticket, ticket.Reply) ticket.Change) step {
		return func(s ticket.Story) (ticket.Change, bool) { return f(s.Ticket, s.Replies[0]), true }
	}
	all := actTransitions()
	maps.Copy(all, heardTransitions())
	maps.Copy(all, map[string]step{
		"Claim": func(s ticket.Story) (ticket.Change, bool) {
			s.Ticket.Assignee = ""
			return allowed(s.Ticket.Claim(jefa, later))
		},
		"Release": func(s ticket.Story) (ticket.Change, bool) { return allowed(s.Ticket.Release(jefa, later)) },
		"PlanReply": func(s ticket.Story) (ticket.Change, bool) {
			return allowed(s.Ticket.PlanReply(jefa, "Hola", post.Public, later, later))
		},
		"Story.PlanReply": func(s ticket.Story) (ticket.Change, bool) {
			return allowed(s.PlanReply(jefa, "Hola", post.Public, ticket.DefaultPolicy(), later, later))
		},
		"Story.PlanTemplate": func(s ticket.Story) (ticket.Change, bool) {
			s.Ticket.Network, s.Ticket.Kind, s.Ticket.Public, s.Ticket.Recipient, s.Mentions = mention.WhatsApp, mention.DM, false, "s1.persona", nil
			return allowed(s.PlanTemplate(jefa, post.Template{Name: "aviso"}, "Hola", ticket.DefaultPolicy(), later, later))
		},
		"Escalate": func(s ticket.Story) (ticket.Change, bool) { return allowed(s.Ticket.Escalate(jefa, p, later)) },
		"Undo":     func(s ticket.Story) (ticket.Change, bool) { return allowed(s.Ticket.Undo(jefa, &s.Replies[0], later)) },
		"Undo, filing": func(s ticket.Story) (ticket.Change, bool) {
			return allowed(s.Ticket.Undo(jefa, nil, later))
		},
		"Classify": func(s ticket.Story) (ticket.Change, bool) {
			return allowed(s.Ticket.Classify(jefa, ticket.Correction{Intent: classify.Spam, Reason: "publicidad"}, p, later))
		},
		"Story.Close": func(s ticket.Story) (ticket.Change, bool) { return allowed(s.Close(jefa, "respondido", later)) },
		"Story.Settle": func(s ticket.Story) (ticket.Change, bool) {
			s.Replies[0].State = ticket.ReplyRefused
			return allowed(s.Settle(jefa, ticket.Settlement{Reply: s.Replies[0].ID, Outcome: ticket.OutcomeDiscard}, p, later))
		},
		"Story.Label": func(s ticket.Story) (ticket.Change, bool) {
			return allowed(s.Label(jefa, ticket.LabelOrder{Mention: "1_2", Kind: ticket.LabelMargin, Intent: classify.Spam, Urgency: classify.Baja}, nil, later))
		},
		"Story.Unlabel": func(s ticket.Story) (ticket.Change, bool) {
			s.Labels = []ticket.Label{{Mention: "1_2", Kind: ticket.LabelMargin, By: jefa.ID, LabelledAt: later, Rev: 1}}
			return allowed(s.Unlabel(jefa, "1_2", ticket.LabelMargin, later))
		},
		"Append": func(s ticket.Story) (ticket.Change, bool) {
			return s.Ticket.Append(news, class, "", p, later, later, nil), true
		},
		"EditMention": func(s ticket.Story) (ticket.Change, bool) {
			return s.Ticket.EditMention(s.Mentions[0], news, class, "", p, later, later)
		},
		"WithdrawMention": func(s ticket.Story) (ticket.Change, bool) {
			return s.Ticket.WithdrawMention(s.Mentions[0], ticket.Seen{}, later)
		},
		"NameStep": func(s ticket.Story) (ticket.Change, bool) {
			s.Ticket.Citizen.Name = ""
			return s.Ticket.NameStep(s.Mentions[0], "Persona Ficticia", ticket.Seen{Nameless: true}, later, later)
		},
		"ReplySentStep": always(func(t ticket.Ticket, r ticket.Reply) ticket.Change { return t.ReplySentStep(r, ref, "x", later, later) }),
		"ReplyUnknownStep": always(func(t ticket.Ticket, r ticket.Reply) ticket.Change {
			return t.ReplyUnknownStep(r, ref, message, "x", later)
		}),
		"ReplyUnresolvedStep": always(func(t ticket.Ticket, r ticket.Reply) ticket.Change { return t.ReplyUnresolvedStep(r, ref, later) }),
		"ReplyRefusedStep": always(func(t ticket.Ticket, r ticket.Reply) ticket.Change {
			return t.ReplyRefusedStep(r, ref, ticket.ReplyRefused, "x", later)
		}),
		"ReplyDelayedStep": always(func(t ticket.Ticket, r ticket.Reply) ticket.Change {
			return t.ReplyDelayedStep(r, ref, message, "x", later)
		}),
		"ReplyLookAgainStep": always(func(t ticket.Ticket, r ticket.Reply) ticket.Change { return t.ReplyLookAgainStep(r, ref, message) }),
		"FiledStep":          always(func(t ticket.Ticket, _ ticket.Reply) ticket.Change { return t.FiledStep(ref, "F-1", later) }),
		"FilingAgainStep": always(func(t ticket.Ticket, _ ticket.Reply) ticket.Change {
			return t.FilingAgainStep(ref, message, ticket.Pending, "x", later)
		}),
		"FilingStuckStep": always(func(t ticket.Ticket, _ ticket.Reply) ticket.Change {
			return t.FilingStuckStep(ref, ticket.NotFiled, ticket.MatterSIACRefused, "x", later)
		}),
	})
	return all
}

// told gives a case in a state, held by jefa, with one mention and one planned reply; an ended one has its expiry.
func told(state ticket.State, intent classify.Intent, filing ticket.Filing) ticket.Story {
	c := opened(result(intent, 0.99))
	s := ticket.Story{Ticket: *c.Ticket, Mentions: c.Mentions}
	s.Ticket.State, s.Ticket.Assignee, s.Ticket.SIAC.State = state, jefa.ID, filing
	s.Replies = []ticket.Reply{{Ticket: s.Ticket.ID, ID: "r1", State: ticket.ReplyPlanned, Message: "m", PlannedAt: noon, Rev: 1}}
	if state.Final() {
		s.Ticket.Expires = noon.Add(ticket.KeptFor(intent, filing))
		s.Mentions[0].Expires, s.Replies[0].Expires = s.Ticket.Expires, s.Ticket.Expires
	}
	return s
}

// Whatever is done with a case, it has an expiry exactly when it has ended, and what the step writes of it has the same.
func TestRetention_EveryTransition(t *testing.T) {
	reached := map[string]bool{}
	for name, transition := range transitions() {
		for _, state := range ticket.States() {
			for _, intent := range classify.Intents() {
				for _, filing := range []ticket.Filing{ticket.NotFiled, ticket.Pending, ticket.Filed, ticket.FilingUnknown, ticket.NotApplicable} {
					before := told(state, intent, filing)
					c, ok := transition(before)
					if !ok {
						continue
					}
					reached[name] = true
					at := fmt.Sprintf("%s of %s %s (%s)", name, intent, state, filing)
					after := before.Ticket
					if c.Ticket != nil {
						after = *c.Ticket
					}
					if after.State.Final() == after.Expires.IsZero() {
						t.Errorf("%s: %s expires %s", at, after.State, after.Expires)
					}
					if state.Final() && after.State.Final() && !after.Expires.Equal(before.Ticket.Expires) {
						t.Errorf("%s: the expiry moved from %s to %s", at, before.Ticket.Expires, after.Expires)
					}
					for _, m := range c.Mentions {
						if !m.Expires.Equal(after.Expires) {
							t.Errorf("%s: mention expires %s, case %s", at, m.Expires, after.Expires)
						}
					}
					for _, r := range c.Replies {
						if !r.Expires.Equal(after.Expires) {
							t.Errorf("%s: reply expires %s, case %s", at, r.Expires, after.Expires)
						}
					}
				}
			}
		}
	}
	for name := range transitions() {
		if !reached[name] {
			t.Errorf("%s was allowed in no state", name)
		}
	}
}

// A transition that is added is tried here too.
func TestRetention_NoTransitionIsLeftOut(t *testing.T) {
	known := transitions()
	for of, kind := range map[string]reflect.Type{"": reflect.TypeFor[ticket.Ticket](), "Story.": reflect.TypeFor[ticket.Story]()} {
		for i := range kind.NumMethod() {
			m := kind.Method(i)
			if m.Type.NumOut() == 0 || m.Type.Out(0) != reflect.TypeFor[ticket.Change]() || of+m.Name == "Story.Lapse" {
				continue
			}
			if known[of+m.Name] == nil {
				t.Errorf("%s%s is not among the transitions", of, m.Name)
			}
		}
	}
}

// A case that is opened again loses its expiry with its next step, whichever that is: no transition does it yet.
func TestRetention_OpenedAgain(t *testing.T) {
	again := told(ticket.Cerrado, classify.Consulta, ticket.NotFiled)
	again.Ticket.State = ticket.Reabierto
	again.Ticket.Assignee = ""
	c, err := again.Ticket.Claim(jefa, later)
	if err != nil || !c.Ticket.Expires.IsZero() {
		t.Errorf("claimed: %v, expires %s", err, c.Ticket.Expires)
	}
}

func TestRetention_ByClass(t *testing.T) {
	for _, intent := range classify.Intents() {
		for _, filing := range []ticket.Filing{ticket.NotFiled, ticket.Filed} {
			s := told(ticket.Respondido, intent, filing)
			by := jefa
			by.Roles = append([]ticket.Role{ticket.EncargadoDenuncia}, by.Roles...)
			c, err := s.Close(by, "", later)
			if err != nil {
				t.Fatalf("%s: %v", intent, err)
			}
			days := 180
			switch {
			case intent == classify.Spam:
				days = 90
			case intent == classify.Reclamo && filing == ticket.NotFiled:
				days = 5 * 365 // nobody else has it
			}
			if want := later.AddDate(0, 0, days); !c.Ticket.Expires.Equal(want) {
				t.Errorf("%s (%s) expires %s, want %s", intent, filing, c.Ticket.Expires, want)
			}
		}
	}
}

// While SIAC has not said whether it has the case, the case does not end, so nothing of it expires (domain.md §4, public
// archive). A denuncia needs no archive in SIAC: of one that left a filing of unknown outcome behind, nobody asks any more.
func TestRetention_NotBeforeSIAC(t *testing.T) {
	for _, filing := range []ticket.Filing{ticket.Pending, ticket.FilingUnknown} {
		for _, intent := range classify.Intents() {
			by := jefa
			by.Roles = append([]ticket.Role{ticket.EncargadoDenuncia}, by.Roles...)
			for _, message := range []string{"m", ""} {
				s := told(ticket.Respondido, intent, filing)
				s.Ticket.SIAC.Message = message
				_, err := s.Close(by, "", later)
				leftBehind := intent == classify.Denuncia && filing == ticket.FilingUnknown && message == ""
				if fault.Is(err, fault.Conflict) == leftBehind {
					t.Errorf("%s closed while SIAC is %s (asked by %q): %v", intent, filing, message, err)
				}
			}
		}
	}
}

// What the desk saw as claimed is stored as it was: only the message is claimed.
func TestRetention_StoresNoClaim(t *testing.T) {
	s := told(ticket.Respondido, classify.Consulta, ticket.NotFiled)
	s.Replies[0].State, s.Replies[0].ClaimedAt = ticket.ReplyClaimed, noon
	c, err := s.Close(jefa, "", later)
	if err != nil || len(c.Replies) != 1 || c.Replies[0].State != ticket.ReplyPlanned || !c.Replies[0].ClaimedAt.IsZero() {
		t.Errorf("replies %+v, %v", c.Replies, err)
	}
}

// However long a story is, closing it fits into one step, further steps give the rest its expiry, each text is written once,
// and no step writes more than a transaction takes.
func TestRetention_LongStory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := told(ticket.Respondido, classify.Consulta, ticket.NotFiled)
		s.Mentions, s.Replies = nil, nil
		for i := range rapid.IntRange(0, 300).Draw(rt, "mentions") {
			text := ""
			if rapid.IntRange(0, 20).Draw(rt, "long") == 0 {
				text = string(make([]byte, 80<<10))
			}
			s.Mentions = append(s.Mentions, ticket.Mention{Ticket: s.Ticket.ID, Key: fmt.Sprint(i), At: noon.Add(time.Duration(i) * time.Second), Text: text, Rev: 3})
		}
		states := []ticket.ReplyState{ticket.ReplySent, ticket.ReplyUnknown, ticket.ReplyRefused, ticket.ReplyClaimed}
		for i := range rapid.IntRange(0, 60).Draw(rt, "replies") {
			s.Replies = append(s.Replies, ticket.Reply{Ticket: s.Ticket.ID, ID: fmt.Sprint(i), State: rapid.SampledFrom(states).Draw(rt, "state"), Rev: 2})
		}
		if _, left := s.Lapse(); left {
			rt.Fatal("an open case expires")
		}
		s.Ticket, _ = s.Ticket.KnownAs([]string{"a", "b", "c", "d", "e", "f"}[:rapid.IntRange(0, 6).Draw(rt, "names")])
		c, err := s.Close(jefa, "", later)
		if err != nil {
			rt.Fatal(err)
		}
		if n := len(s.Mentions); n > 0 && len(c.Mentions) > 0 && c.Mentions[0].Key != s.Mentions[n-1].Key {
			rt.Fatalf("closing begins with mention %s, not with the newest", c.Mentions[0].Key)
		}
		s.Ticket = *c.Ticket
		written, steps := map[string]int{}, 0
		for left := true; left; c, left = s.Lapse() {
			bytes, items := 0, len(c.Mentions)+len(c.Replies)+len(c.Settle)+5+len(s.Ticket.Aliases)
			for _, m := range c.Mentions {
				written["m"+m.Key]++
				bytes += len(m.Text)
				i := slices.IndexFunc(s.Mentions, func(was ticket.Mention) bool { return was.Key == m.Key })
				if m.Rev != s.Mentions[i].Rev+1 {
					rt.Fatalf("mention at rev %d over %d", m.Rev, s.Mentions[i].Rev)
				}
				s.Mentions[i] = m
			}
			for _, r := range c.Replies {
				written["r"+r.ID]++
				i := slices.IndexFunc(s.Replies, func(was ticket.Reply) bool { return was.ID == r.ID })
				if r.Rev != s.Replies[i].Rev+1 {
					rt.Fatalf("reply at rev %d over %d", r.Rev, s.Replies[i].Rev)
				}
				s.Replies[i] = r
			}
			if steps++; items > 100 || bytes > 3<<20 || steps > 20 {
				rt.Fatalf("step %d writes %d items of %d bytes", steps, items, bytes)
			}
		}
		if len(written) != len(s.Mentions)+len(s.Replies) {
			rt.Fatalf("%d texts of %d expire", len(written), len(s.Mentions)+len(s.Replies))
		}
		for text, times := range written {
			if times != 1 {
				rt.Fatalf("%s was written %d times", text, times)
			}
		}
	})
}
