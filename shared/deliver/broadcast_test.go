package deliver_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

const faultDuplicate = fault.Duplicate

// Each class of answer has its consequence: what the target becomes, what is planned, and who is told.
func TestBroadcast_Outcomes(t *testing.T) {
	asked := saying(fault.Transient, "throttle")
	asked.RetryAfter = 90 * time.Second
	long := saying(fault.Transient, "throttle")
	long.RetryAfter = time.Hour
	kind := func(k fault.Kind) error { return fault.New(k, "test", nil) }
	refused := func(k fault.Kind) ended {
		return ended{State: post.Refused, Reason: "codigo_" + k.String(), Raised: []string{agenda.MatterRefused}}
	}
	unknown := func(reason string) ended { return ended{State: post.Unknown, Reason: reason} }
	tests := []struct {
		name string
		says published
		want ended
		next outbox.Topic
		in   time.Duration
	}{
		{"published", published{applied: true}, ended{State: post.Sent, Remote: "remoto-1"}, "", 0},
		{"published, and no name", published{applied: true, nameless: true}, unknown("unknown_outcome"), outbox.Confirm, 5 * time.Second},
		{"surely not", published{err: kind(fault.Transient)}, ended{State: post.Planned, Reason: "codigo_transient"}, outbox.Broadcast, 750 * time.Millisecond},
		{"asked to wait", published{err: asked}, ended{State: post.Planned, Reason: channel.HeldBudget}, outbox.Broadcast, 90 * time.Second},
		{
			"asked to wait for too long",
			published{err: long},
			ended{State: post.Planned, Reason: channel.HeldBudget, Raised: []string{agenda.MatterLate}},
			outbox.Broadcast, agenda.LateAfter + time.Second,
		},
		{"no key", published{err: saying(fault.Denied, "auth")}, ended{State: post.Planned, Reason: channel.HeldPaused}, outbox.Broadcast, time.Minute},
		{"denied", published{err: kind(fault.Denied)}, refused(fault.Denied), "", 0},
		{"never", published{err: kind(fault.Permanent)}, refused(fault.Permanent), "", 0},
		{"invalid", published{err: kind(fault.Invalid)}, refused(fault.Invalid), "", 0},
		{"gone", published{err: kind(fault.NotFound)}, refused(fault.NotFound), "", 0},
		{"perhaps", published{err: kind(fault.Uncertain), applied: true}, unknown("codigo_uncertain"), outbox.Confirm, 5 * time.Second},
		{"stands there", published{err: kind(fault.Duplicate)}, unknown("duplicate"), outbox.Confirm, 5 * time.Second},
		{"stands there, and is not ours", published{err: kind(fault.Duplicate), stands: "ajena"}, unknown("duplicate"), outbox.Confirm, 5 * time.Second},
		{"stands there, and is ours", published{err: kind(fault.Duplicate), stands: "remoto-1", applied: true}, ended{State: post.Sent, Remote: "remoto-1"}, "", 0},
		{"conflict", published{err: kind(fault.Conflict)}, unknown("codigo_conflict"), outbox.Confirm, 5 * time.Second},
		{"not understood", published{err: kind(fault.Poison)}, unknown("codigo_poison"), outbox.Confirm, 5 * time.Second},
		{"an error of nobody", published{err: errors.New("x")}, unknown("codigo_unknown"), outbox.Confirm, 5 * time.Second},
		{"a kind of a later version", published{err: kind(fault.Kind(99))}, unknown("codigo_unknown"), outbox.Confirm, 5 * time.Second},
	}
	w := newAgenda(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.reset()
			p, m := w.due(words())
			w.wall.scripts[p.Targets[0].Chain()] = &script{answers: []published{tt.says}}
			for range 3 { // the same message again changes nothing
				if err := w.Handle(m); err != nil {
					t.Fatalf("Handle: %v", err)
				}
			}
			if w.wall.calls != 1 {
				t.Errorf("%d calls", w.wall.calls)
			}
			if diff := cmp.Diff(tt.want, w.ended(p)); diff != "" {
				t.Errorf("afterwards (-want +got):\n%s", diff)
			}
			left := w.left(p)
			switch {
			case tt.next == "" && len(left) == 0:
			case len(left) != 1 || left[0].Topic != tt.next || !left[0].Due.Equal(m.Due.Add(tt.in)) || !left[0].First.Equal(m.First):
				t.Errorf("planned %+v, want %s in %s", left, tt.next, tt.in)
			}
		})
	}
}

// What goes out is what was approved, through its account, and its address and its name there are known.
func TestBroadcast_SaysWhatWasApproved(t *testing.T) {
	w := newAgenda(t)
	w.daily = 1_000_000
	w.begin(w.accounts)
	p, m := w.due(words(func(c *post.Content) {
		other := "Otra cosa."
		c.Networks = append(c.Networks, mention.X)
		c.Link, c.Variants = "https://sence.example/curso", map[mention.Network]post.Variant{mention.X: {Text: &other}}
	}))
	w.run(p)
	texts := map[string]string{}
	for _, c := range w.wall.there {
		texts[c.Broadcast.Tag] = c.Broadcast.Account + " " + c.Broadcast.Text + " " + c.Broadcast.Link
	}
	want := map[string]string{
		p.Post.Cause() + "/facebook": page().Account + " Postula hasta el viernes. https://sence.example/curso",
		p.Post.Cause() + "/x":        "300000000000003 Otra cosa. https://sence.example/curso",
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("on the wall (-want +got):\n%s", diff)
	}
	got := w.plan(p.Post.ID)
	if got.State() != post.Sent || got.Targets[0].URL != "https://red.example/"+page().Account+"/"+got.Targets[0].RemoteID || !got.Targets[0].SentAt.Equal(m.Due) {
		t.Errorf("afterwards: %+v", got)
	}
	for _, target := range got.Targets {
		seen, found, err := w.Store.Seen(t.Context(), target.Network, target.RemoteID)
		if err != nil || !found || seen.Ticket != p.Post.Cause() || seen.Reply != target.Name() {
			t.Errorf("its echo would be a mention: %+v, %t, %v", seen, found, err)
		}
	}
	spent, err := w.Store.Spent(t.Context(), channel.Ref{Network: mention.X, Account: "300000000000003"}, worker.Noon().Format(time.DateOnly))
	if err != nil || spent.Total() != channel.Price(mention.X, channel.CostPostLink) || spent.Total() == 0 {
		t.Errorf("it cost %d, %v", spent.Total(), err)
	}
}

// Everything is looked at again at the moment; what may not go out ends, or waits, without a call and without a claim.
func TestBroadcast_Barred(t *testing.T) {
	never := func(post.Content, mention.Network) bool { return false }
	ban := func(time.Time) (string, bool) { return "", true }
	content := func(w *agendaWorld, p agenda.Plan) { // as if it were changed past everything that forbids that
		p.Post.Text, p.Post.Version = "Otra cosa.", p.Post.Version+1
		e := sealed(p.Post)
		p.Post.Head = e.Hash
		w.commit(ticket.Change{Post: &p.Post, Logged: []entry{e}}, nil)
	}
	tests := []struct {
		name  string
		first func(w *agendaWorld, p agenda.Plan)
		want  ended
		in    time.Duration // until it is looked at again; 0: never
	}{
		{"changed since", content, ended{State: post.Expired, Reason: agenda.ReasonUnasked, Raised: []string{agenda.MatterExpired}}, 0},
		{"against the rules", func(w *agendaWorld, _ agenda.Plan) { w.rules.Judge = never }, ended{State: post.Refused, Reason: deliver.ReasonRules, Raised: []string{agenda.MatterRefused}}, 0},
		{"no such day", func(w *agendaWorld, _ agenda.Plan) { w.rules.Barred = ban }, ended{State: post.Refused, Reason: deliver.ReasonBan, Raised: []string{agenda.MatterRefused}}, 0},
		{"account closed", func(w *agendaWorld, _ agenda.Plan) { w.account(in(channel.Closed, channel.ReasonByHand)) }, ended{State: post.Refused, Reason: channel.ShutClosed, Raised: []string{agenda.MatterRefused}}, 0},
		{"account paused", func(w *agendaWorld, _ agenda.Plan) { w.account(in(channel.Paused, channel.ReasonByHand)) }, ended{State: post.Planned, Reason: channel.HeldPaused}, time.Minute},
		{"too late", func(w *agendaWorld, _ agenda.Plan) { w.At(w.Clock().Add(agenda.LateAfter + time.Second)) }, ended{State: post.Expired, Reason: agenda.ReasonLate, Raised: []string{agenda.MatterExpired}}, 0},
	}
	w := newAgenda(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.reset()
			p, m := w.due(words())
			tt.first(w, p)
			if err := w.Handle(m); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, w.ended(p)); diff != "" || w.wall.calls != 0 {
				t.Errorf("%d calls, afterwards (-want +got):\n%s", w.wall.calls, diff)
			}
			left := w.left(p)
			if (tt.in == 0) != (len(left) == 0) || len(left) == 1 && !left[0].Due.Equal(m.Due.Add(tt.in)) {
				t.Errorf("planned: %+v", left)
			}
		})
	}
	t.Run("just not too late", func(t *testing.T) {
		w.reset()
		p, m := w.due(words())
		w.At(w.Clock().Add(agenda.LateAfter))
		if err := w.Handle(m); err != nil || w.ended(p).State != post.Sent {
			t.Errorf("%+v, %v", w.ended(p), err)
		}
	})
	t.Run("nobody publishes there", func(t *testing.T) {
		w.reset()
		p, m := w.due(words(func(c *post.Content) { c.Networks = []mention.Network{mention.LinkedIn} }))
		if err := w.Handle(m); err != nil || w.ended(p).Reason != deliver.ReasonNoWay {
			t.Errorf("%+v, %v", w.ended(p), err)
		}
	})
	t.Run("an emergency", func(t *testing.T) {
		w.reset()
		w.rules.Barred = ban
		p := w.submitted(words())
		change := w.commit(p.Approve(approver(), agenda.Consent{Emergency: true, Reason: "Corte del sitio de postulación."}, ours(), w.Clock()))
		w.run(p)
		if got := w.ended(agenda.Plan{Post: *change.Post}); got.State != post.Sent {
			t.Errorf("%+v", got)
		}
	})
}

// A paused account holds a post no longer than it may be late: people know of it long before, and then why it ended.
func TestBroadcast_HeldTooLong(t *testing.T) {
	w := newAgenda(t)
	p, m := w.due(words())
	w.account(in(channel.Paused, channel.ReasonByHand))
	for w.Clock().Before(m.Due.Add(2 * time.Minute)) {
		next := w.left(p)[0]
		w.At(next.Due)
		if err := w.Handle(next); err != nil {
			t.Fatal(err)
		}
	}
	want := ended{State: post.Planned, Reason: channel.HeldPaused, Raised: []string{agenda.MatterLate}}
	if diff := cmp.Diff(want, w.ended(p)); diff != "" {
		t.Errorf("after two minutes (-want +got):\n%s", diff)
	}
	w.run(p)
	want = ended{State: post.Expired, Reason: channel.HeldPaused, Raised: []string{agenda.MatterExpired}}
	if diff := cmp.Diff(want, w.ended(p)); diff != "" || w.wall.calls != 0 || w.Clock().After(m.First.Add(agenda.LateAfter+time.Minute)) {
		t.Errorf("%d calls, at %s (-want +got):\n%s", w.wall.calls, w.Clock(), diff)
	}
	if diff := cmp.Diff([]string{agenda.MatterExpired, agenda.MatterLate}, w.letters(p)); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
}

// Whoever resumes the account in time has the post go out, and nothing of its delay is left to do.
func TestBroadcast_Resumed(t *testing.T) {
	w := newAgenda(t)
	p, m := w.due(words())
	w.wall.scripts[p.Targets[0].Chain()] = &script{answers: []published{{err: saying(fault.Denied, "auth")}}}
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	if c := w.account(func(*channel.Channel) {}); c.State != channel.Paused || c.Reason != channel.ReasonAuth {
		t.Errorf("the account: %+v", c)
	}
	for range 4 {
		next := w.left(p)[0]
		w.At(next.Due)
		if err := w.Handle(next); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.ended(p); len(got.Raised) != 1 {
		t.Errorf("four minutes late, and nobody knows: %+v", got)
	}
	w.account(in(channel.Working, ""))
	w.run(p)
	if diff := cmp.Diff(ended{State: post.Sent, Remote: "remoto-1"}, w.ended(p)); diff != "" || w.wall.calls != 2 {
		t.Errorf("%d calls (-want +got):\n%s", w.wall.calls, diff)
	}
}

// What the day may cost holds a post on X, as it holds replies.
func TestBroadcast_Spent(t *testing.T) {
	w := newAgenda(t)
	p, m := w.due(words(func(c *post.Content) {
		c.Networks, c.Link = []mention.Network{mention.X}, "https://sence.example/curso"
	}))
	if err := w.Handle(m); err != nil { // 0.20 of 0.10 a day
		t.Fatal(err)
	}
	want := ended{State: post.Planned, Reason: channel.HeldSpend, Raised: []string{agenda.MatterLate}}
	if diff := cmp.Diff(want, w.ended(p)); diff != "" || w.wall.calls != 0 {
		t.Errorf("%d calls (-want +got):\n%s", w.wall.calls, diff)
	}
	if left := w.left(p); len(left) != 1 || !left[0].Due.Equal(m.Due.Add(agenda.LateAfter)) {
		t.Errorf("looks again: %+v", left)
	}
}

// Messages of what is kept no longer, or of nothing, end without a trace.
func TestPosts_GoneOrPoison(t *testing.T) {
	w := newAgenda(t)
	for _, topic := range []outbox.Topic{outbox.Prepare, outbox.Broadcast, outbox.Confirm, outbox.Lapse} {
		m := outbox.New("m-"+string(topic), topic, outbox.PostCause("01NADA"), "facebook", "g", w.Clock())
		w.commit(ticket.Change{Send: []outbox.Message{m}}, nil)
		if err := w.Handle(m); err != nil || len(w.Waiting(m.Ticket)) != 0 {
			t.Errorf("%s: %v, left %v", topic, err, w.Waiting(m.Ticket))
		}
		m = outbox.New("p-"+string(topic), topic, "01T", "facebook", "g", w.Clock())
		w.commit(ticket.Change{Send: []outbox.Message{m}}, nil)
		if err := w.Handle(m); !fault.Is(err, fault.Poison) {
			t.Errorf("%s of a case: %v", topic, err)
		}
	}
}

// A message that another has taken the place of does nothing.
func TestPosts_OldMessages(t *testing.T) {
	w := newAgenda(t)
	p, m := w.due(words())
	for _, topic := range []outbox.Topic{outbox.Prepare, outbox.Broadcast, outbox.Confirm} {
		old := outbox.New("vieja-"+string(topic), topic, m.Ticket, m.Subject, m.Group, w.Clock())
		w.commit(ticket.Change{Send: []outbox.Message{old}}, nil)
		if err := w.Handle(old); err != nil {
			t.Error(err)
		}
	}
	if left := w.left(p); w.wall.calls+w.wall.prepares+len(w.wall.since) != 0 || len(left) != 1 || left[0].ID != m.ID {
		t.Errorf("%+v, %+v", w.wall, left)
	}
}
