package storetest

import (
	"fmt"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// The people of the comms team, all fictitious.
func author() ticket.Actor {
	return ticket.Actor{ID: "autora", Name: "Autora Ficticia", Roles: []ticket.Role{ticket.Comunicaciones}}
}

func approver() ticket.Actor {
	return ticket.Actor{ID: "aprueba", Name: "Aprueba Ficticia", Roles: []ticket.Role{ticket.Supervisor}}
}

func ours() mention.Accounts {
	return mention.Accounts{mention.Facebook: {"100"}, mention.X: {"200"}}
}

// content is what a fictitious post says, at a moment.
func content(at time.Time) post.Content {
	return post.Content{
		Text: "Postula a los cursos ficticios.", Networks: []mention.Network{mention.Facebook, mention.X},
		PublishAt: post.Moment{Local: "2026-12-01T09:00", Zone: "America/Santiago", At: at.UTC()},
	}
}

// drafted stores a draft.
func (w *world) drafted(at time.Time, about agenda.About) agenda.Plan {
	id := fmt.Sprintf("01POST%06d", w.next())
	if about.Series != "" {
		id = agenda.MemberID(about.Series, about.Place)
	}
	return w.planned(need(agenda.Draft(id, author(), content(at), about, w.clock()))(w))
}

// planned makes the step and gives the post as it is stored.
func (w *world) planned(c ticket.Change) agenda.Plan {
	w.must(c)
	id := ""
	if c.Post != nil {
		id = c.Post.ID
	}
	for _, t := range c.Targets {
		id = t.Post
	}
	return need(w.store.Plan(w.Context(), id))(w)
}

// approved stores a post that goes out at its moment.
func (w *world) approved(at time.Time) agenda.Plan {
	p := w.drafted(at, agenda.About{})
	p = w.planned(need(p.Submit(author(), w.clock()))(w))
	return w.planned(need(p.Approve(approver(), agenda.Consent{}, ours(), w.clock()))(w))
}

// posts: a post comes back as it was written, with its ways out; each is written over exactly the one before, by one of many; a
// step that is repeated is a success; and their chains in the bitácora are whole.
func posts(w *world) {
	at := w.clock().Add(time.Hour)
	p := w.drafted(at, agenda.About{})
	if p.State() != post.Draft || len(p.Targets) != 0 || p.Post.Text == "" {
		w.Fatalf("draft = %+v", p)
	}
	submit := need(p.Submit(author(), w.clock()))(w)
	p = w.planned(submit)
	w.must(submit)
	p = w.planned(need(p.Edit(author(), content(at.Add(time.Minute)), agenda.About{}, w.clock()))(w))
	p = need(w.store.Plan(w.Context(), p.Post.ID))(w)
	approve := need(p.Approve(approver(), agenda.Consent{}, ours(), w.clock()))(w)
	won := w.crowd(8, fault.Conflict, ticket.ErrStale, func(i int) error {
		c := need(p.Approve(ticket.Actor{ID: fmt.Sprint("otra", i), Roles: []ticket.Role{ticket.Supervisor}}, agenda.Consent{}, ours(), w.clock()))(w)
		return w.commit(c)
	})
	if len(won) != 1 {
		w.Fatalf("%d approved one post", len(won))
	}
	w.refused(approve, fault.Conflict, ticket.ErrStale)
	p = need(w.store.Plan(w.Context(), p.Post.ID))(w)
	if p.State() != post.Planned || len(p.Targets) != 2 || p.Post.Approval == nil {
		w.Fatalf("planned = %+v", p)
	}
	target := need(w.store.Target(w.Context(), p.Post.ID, "x"))(w)
	w.same("target", target, p.Targets[slices.IndexFunc(p.Targets, func(t post.Target) bool { return t.Network == mention.X })])
	due := need(w.store.Due(w.Context(), at.Add(2*time.Hour), 0))(w)
	if len(due) != 2 {
		w.Fatalf("%d messages wait, want one for each network", len(due))
	}
	w.must(agenda.Step{Target: target, Done: due[slices.IndexFunc(due, func(m outbox.Message) bool { return m.Subject == "x" })].Ref(), Now: w.clock()}.Sent("1", "", w.clock()))
	w.must(agenda.Counted(need(w.store.Target(w.Context(), p.Post.ID, "x"))(w), post.Figures{At: w.clock()}))
	w.chains(need(w.store.Plan(w.Context(), p.Post.ID))(w))
	if _, err := w.store.Plan(w.Context(), "nadie"); !fault.Is(err, fault.NotFound) {
		w.Errorf("a post nobody wrote: %v", err)
	}
	w.senselessPosts(p, target)
}

// chains verifies the bitácora of a post and of each of its targets.
func (w *world) chains(p agenda.Plan) {
	by := map[string][]audit.Entry{}
	for _, e := range need(w.store.PostHistory(w.Context(), p))(w) {
		by[e.Ticket] = append(by[e.Ticket], e)
	}
	if len(by) != 1+len(p.Targets) {
		w.Errorf("%d chains, want one for the post and one for each of %d targets", len(by), len(p.Targets))
	}
	for name, chain := range by {
		if err := audit.Verify(chain); err != nil {
			w.Errorf("%s: %v", name, err)
		}
	}
	if e := by[p.Post.Cause()]; len(e) != p.Post.Version || e[len(e)-1].Hash != p.Post.Head {
		w.Errorf("%d entries of version %d", len(e), p.Post.Version)
	}
}

// senselessPosts: no step without its entry, and no entry without its step.
func (w *world) senselessPosts(p agenda.Plan, t post.Target) {
	mute := p.Post
	mute.Version++
	foreign := ticket.Change{Logged: []audit.Entry{audit.Entry{Ticket: "post:otra", Version: 1, Scope: audit.OfPosts, At: w.clock()}.Seal("")}}
	nowhere := t
	nowhere.Rev, nowhere.Post = nowhere.Rev+5, ""
	for name, c := range map[string]ticket.Change{
		"a post without its entry": {Post: &mute}, "an entry of nothing": foreign, "a target of no post": {Targets: []post.Target{nowhere}},
	} {
		if err := w.commit(c); !fault.Is(err, fault.Permanent) {
			w.Errorf("%s: %v, want permanent", name, err)
		}
	}
}

// postLists: a month of the calendar is what has its moment in it, with its ways out, in order; a post that moves leaves nothing
// behind; and who waits for somebody stands in the list of its state until then.
func postLists(w *world) {
	base := time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)
	var ids []string
	for i := range 4 { // on both sides of the end of a month
		ids = append(ids, w.approved(base.Add(time.Duration(i)*time.Hour)).Post.ID)
	}
	undated := w.drafted(time.Time{}, agenda.About{})
	all := need(w.store.Calendar(w.Context(), base, base.Add(24*time.Hour), true))(w)
	if got := planIDs(all); !slices.Equal(got, append(slices.Clone(ids), undated.Post.ID)) {
		w.Fatalf("calendar = %v, want %v and %s", got, ids, undated.Post.ID)
	}
	for _, p := range all[:4] {
		if len(p.Targets) != 2 {
			w.Errorf("%s has %d ways out", p.Post.ID, len(p.Targets))
		}
	}
	if got := planIDs(need(w.store.Calendar(w.Context(), base.Add(time.Hour), base.Add(3*time.Hour), false))(w)); !slices.Equal(got, ids[1:3]) {
		w.Errorf("two hours of it = %v, want %v", got, ids[1:3])
	}
	moved := w.planned(need(all[0].Edit(author(), content(base.Add(48*time.Hour)), agenda.About{}, w.clock()))(w))
	if got := planIDs(need(w.store.Calendar(w.Context(), base, base.Add(30*time.Minute), false))(w)); len(got) != 0 {
		w.Errorf("a post that moved is still there: %v", got)
	}
	waiting := func(s post.State, failed bool) []string {
		return planIDs(need(w.store.Waiting(w.Context(), s, failed))(w))
	}
	if got := waiting(post.Submitted, false); !slices.Equal(got, []string{moved.Post.ID}) {
		w.Errorf("submitted = %v, want the one that moved", got)
	}
	if got := waiting(post.Draft, false); !slices.Equal(got, []string{undated.Post.ID}) {
		w.Errorf("drafts = %v", got)
	}
	w.planned(need(moved.Reject(approver(), "no va", w.clock()))(w))
	if got := waiting(post.Submitted, false); len(got) != 0 {
		w.Errorf("submitted, after it was rejected = %v", got)
	}
	failing := all[1].Targets[0]
	w.must(agenda.Step{Target: failing, Done: w.messageOf(failing), Now: w.clock()}.Refused("content"))
	if got := waiting("", true); !slices.Equal(got, ids[1:2]) {
		w.Errorf("failed = %v, want %v", got, ids[1:2])
	}
	failed := need(w.store.Plan(w.Context(), ids[1]))(w)
	w.must(need(failed.Discard(author(), failing.Name(), w.clock()))(w))
	if got := waiting("", true); len(got) != 0 {
		w.Errorf("failed, after it was discarded = %v", got)
	}
}

// postOutcomes: what may be on its way through an account is what had its moment within the last day, across the end of a month;
// what went out is found until it is taken away.
func postOutcomes(w *world) {
	now := time.Date(2026, 12, 1, 2, 0, 0, 0, time.UTC)
	var ids []string
	for _, ago := range []time.Duration{25 * time.Hour, 23 * time.Hour, time.Hour, -time.Hour} {
		ids = append(ids, w.approved(now.Add(-ago)).Post.ID)
	}
	x, other := channel.Ref{Network: mention.X, Account: "200"}, channel.Ref{Network: mention.X, Account: "201"}
	flying := need(w.store.InFlight(w.Context(), x, now))(w)
	if got := planIDs(flying); !slices.Equal(got, ids[1:3]) {
		w.Fatalf("in flight = %v, want %v", got, ids[1:3])
	}
	if got := need(w.store.InFlight(w.Context(), other, now))(w); len(got) != 0 || len(flying[0].Targets) != 2 {
		w.Errorf("in flight on another account = %v; targets %v", planIDs(got), flying[0].Targets)
	}
	out := func() []post.Target { return need(w.store.Out(w.Context(), now.AddDate(0, 0, -8), now))(w) }
	if got := out(); len(got) != 0 {
		w.Errorf("went out = %+v", got)
	}
	t := need(w.store.Target(w.Context(), ids[1], "x"))(w)
	w.must(agenda.Step{Target: t, Done: w.messageOf(t), Now: w.clock()}.Sent("1", "", w.clock()))
	t = need(w.store.Target(w.Context(), ids[1], "x"))(w)
	w.same("went out", out(), []post.Target{t})
	change, _ := agenda.Native(t, true, w.clock(), w.clock())
	w.must(change)
	if got := out(); len(got) != 0 {
		w.Errorf("taken away, and still out = %+v", got)
	}
}

func (w *world) messageOf(t post.Target) outbox.Ref {
	return outbox.Ref{Ticket: t.Cause(), ID: t.Message}
}

func planIDs(plans []agenda.Plan) []string {
	var ids []string
	for _, p := range plans {
		ids = append(ids, p.Post.ID)
	}
	return ids
}

// postGroups: a series is read from a place on, a campaign whoever is in it now.
func postGroups(w *world) {
	at := w.clock().Add(time.Hour)
	c := post.Campaign{ID: "01CAMP", Rev: 1, Name: "Campaña ficticia", CreatedAt: w.clock(), By: "autora"}
	w.must(ticket.Change{Campaign: &c})
	w.same("campaign", need(w.store.Campaign(w.Context(), c.ID))(w), c)
	for place := range 3 {
		w.drafted(at, agenda.About{Series: "01SERIE", Place: place + 1, Of: 3, Campaign: c.ID})
	}
	if got := planIDs(need(w.store.Series(w.Context(), "01SERIE", 2, 3))(w)); !slices.Equal(got, []string{"01SERIE-02", "01SERIE-03"}) {
		w.Errorf("series from its second = %v", got)
	}
	leaves := need(w.store.Plan(w.Context(), "01SERIE-02"))(w)
	w.planned(need(leaves.Edit(author(), leaves.Post.Content, agenda.About{}, w.clock()))(w))
	if got := planIDs(need(w.store.Members(w.Context(), c.ID))(w)); !slices.Equal(got, []string{"01SERIE-01", "01SERIE-03"}) {
		w.Errorf("members = %v", got)
	}
	w.same("campaigns", need(w.store.Campaigns(w.Context()))(w), []post.Campaign{c})
	w.refused(ticket.Change{Campaign: &post.Campaign{ID: c.ID, Rev: 1, Name: "otra"}}, fault.Conflict, ticket.ErrStale)
}

// postReach: who may not see what we publish is told of no step of it and of no matter.
func postReach(w *world) {
	only, none := newReader(w), newReader(w)
	only.who, none.who = ticket.Reach{Posts: true}, ticket.Reach{Ordinary: true, Restricted: true}
	case1 := w.open()
	p := w.approved(w.clock().Add(time.Hour))
	t := p.Targets[0]
	w.must(agenda.Step{Target: t, Done: w.messageOf(t), Now: w.clock()}.Refused("content"))
	w.pass(time.Second)
	for range 3 {
		only.mustRead(w)
		none.mustRead(w)
	}
	w.same("of posts", only.known, map[string]int{p.Post.Cause(): 3, p.Targets[0].Chain(): 2, p.Targets[1].Chain(): 1})
	w.same("of cases", none.known, map[string]int{case1.ID: 1})
	matters, _ := page(w.store.Attention(w.Context(), only.who, "", 0))(w)
	if len(matters) != 1 || matters[0].Ticket != p.Post.Cause() {
		w.Errorf("matters of posts = %+v", matters)
	}
	if matters, _ := page(w.store.Attention(w.Context(), none.who, "", 0))(w); len(matters) != 0 {
		w.Errorf("matters of others = %+v", matters)
	}
}
