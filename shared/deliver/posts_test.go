package deliver_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// published is what a network answers to the one call: what it says, and whether the post is there. Nameless: it says nothing of
// what it made.
type published struct {
	err      error
	applied  bool
	nameless bool
	stands   string
}

// brought is what a network answers to Prepare.
type brought struct {
	got post.Prepared
	err error
}

// copyThere is one copy of a post on the wall, with what it says.
type copyThere struct {
	Broadcast post.Broadcast
	ID        string
	At        time.Time
	Shows     time.Time
}

// script is what a network does with one post; what it does not say goes well.
type script struct {
	answers []published
	brings  []brought
	looks   []error
	lag     time.Duration // how long what is there cannot be found
}

// wall is a network that posts are published on.
type wall struct {
	mu       sync.Mutex
	clock    func() time.Time
	scripts  map[string]*script // by tag
	refuses  bool               // it refuses what stands there already, and says what that is
	there    []copyThere
	calls    int
	prepares int
	since    []time.Time
	saying   func() // happens while a call is under way
}

func (n *wall) of(b post.Broadcast) *script {
	if n.scripts[b.Tag] == nil {
		n.scripts[b.Tag] = &script{}
	}
	return n.scripts[b.Tag]
}

func (n *wall) Prepare(_ context.Context, b post.Broadcast, _ time.Time) (post.Prepared, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.prepares++
	next := worker.Next(&n.of(b).brings, brought{got: post.Prepared{Ready: true, Has: map[string]string{"media": "m1"}}})
	return next.got, next.err
}

func (n *wall) Publish(_ context.Context, b post.Broadcast) (post.Receipt, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.saying != nil {
		n.saying()
	}
	n.calls++
	s := n.of(b)
	if i := slices.IndexFunc(n.there, func(c copyThere) bool { return c.Broadcast.Tag == b.Tag }); n.refuses && i >= 0 {
		return post.Receipt{Stands: n.there[i].ID}, saying(faultDuplicate, "duplicate")
	}
	next := worker.Next(&s.answers, published{applied: true})
	id := ""
	if next.applied {
		id = fmt.Sprintf("remoto-%d", len(n.there)+1)
		n.there = append(n.there, copyThere{Broadcast: b, ID: id, At: n.clock(), Shows: n.clock().Add(s.lag)})
	}
	if next.err != nil {
		return post.Receipt{Stands: next.stands}, next.err
	}
	if next.nameless {
		id = ""
	}
	return post.Receipt{ID: id}, nil
}

func (n *wall) Published(_ context.Context, b post.Broadcast, since time.Time) (string, bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.since = append(n.since, since)
	if err := worker.Next(&n.of(b).looks, nil); err != nil {
		return "", false, err
	}
	for _, c := range n.there {
		if c.Broadcast.Tag == b.Tag && !c.At.Before(since) && !c.Shows.After(n.clock()) {
			return c.ID, true, nil
		}
	}
	return "", false, nil
}

func (*wall) PostURL(account, id string) string { return "https://red.example/" + account + "/" + id }

func (*wall) Reason(err error) string { return (&network{}).Reason(err) }

// copies counts what is there of a post.
func (n *wall) copies(tag string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	count := 0
	for _, c := range n.there {
		if c.Broadcast.Tag == tag {
			count++
		}
	}
	return count
}

// agendaWorld is the worker's world with posts in it.
type agendaWorld struct {
	*worker.World
	wall     *wall
	accounts *accounts
	rules    deliver.Publishing
	made     int
	daily    int64 // what a day may cost on X
}

func newAgenda(t *testing.T) *agendaWorld {
	t.Helper()
	w := &agendaWorld{World: worker.New(t)}
	w.reset()
	return w
}

// reset gives the world a new network, rules that allow everything, and a worker.
func (w *agendaWorld) reset() {
	w.wall = &wall{clock: w.Clock, scripts: map[string]*script{}}
	w.accounts = &accounts{Store: w.Store.Store}
	w.rules, w.daily = deliver.Publishing{}, 100_000
	w.account(func(c *channel.Channel) { *c = channel.Channel{Ref: page(), State: channel.Working, Rev: c.Rev} })
	w.At(worker.Noon())
	w.begin(w.accounts)
}

func (w *agendaWorld) begin(store deliver.Channels) { w.through(w.wall, store) }

// through gives the world a worker that publishes through a way of the test's own.
func (w *agendaWorld) through(way deliver.Publisher, store deliver.Channels) {
	ways := map[mention.Network]deliver.Publisher{mention.Facebook: way, mention.Instagram: way, mention.X: way}
	w.Restart(deliver.New(deliver.Config{
		Open:  func(_ context.Context, id string) (string, error) { return id, nil },
		Store: w.Store, Posts: w.Store, Publishers: ways, Jitter: func() float64 { return 0.5 },
		Publishing: deliver.Publishing{
			Judge: func(c post.Content, n mention.Network) bool { return w.rules.Judge == nil || w.rules.Judge(c, n) },
			Barred: func(at time.Time) (string, bool) {
				if w.rules.Barred == nil {
					return "", false
				}
				return w.rules.Barred(at)
			},
		},
		Accounts: deliver.Accounts{
			Store: store, Limits: map[mention.Network]int64{mention.X: w.daily}, Day: func(now time.Time) string { return now.Format(time.DateOnly) },
		},
	}))
}

// account changes what is known of our page.
func (w *agendaWorld) account(f func(*channel.Channel)) channel.Channel {
	w.Helper()
	return (&world{World: w.World, accounts: w.accounts}).page(f)
}

// author writes posts and approver lets them out.
func author() ticket.Actor { return worker.Ana() }

func approver() ticket.Actor {
	return ticket.Actor{ID: "supervisor", Name: "Luz Ficticia", Roles: []ticket.Role{ticket.Supervisor}}
}

// ours are the accounts posts go through.
func ours() mention.Accounts {
	return mention.Accounts{
		mention.Facebook: {page().Account}, mention.Instagram: {"200000000000002"}, mention.X: {"300000000000003"}, mention.LinkedIn: {"urn:li:organization:4"},
	}
}

// words is a post of words alone for one network, at Noon and an hour.
func words(with ...func(*post.Content)) post.Content {
	c := post.Content{
		Text: "Postula hasta el viernes.", Networks: []mention.Network{mention.Facebook},
		PublishAt: post.Moment{Local: "2026-11-23T13:00", Zone: "America/Santiago", At: worker.Noon().Add(time.Hour)},
	}
	for _, f := range with {
		f(&c)
	}
	return c
}

// pictures is the same with a picture.
func pictures(with ...func(*post.Content)) post.Content {
	c := words(with...)
	c.Media = []post.Attached{{ID: "m1", Alt: "Afiche del curso", File: post.File{Kind: post.Image}}}
	return c
}

func resend(c *post.Content) { c.Resend = true }

// commit makes a step that nothing may refuse, past the crashes.
func (w *agendaWorld) commit(c ticket.Change, err error) ticket.Change {
	w.Helper()
	if err == nil {
		err = w.Store.Store.Commit(context.WithoutCancel(w.Context()), c)
	}
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// submitted gives a post that waits for approval.
func (w *agendaWorld) submitted(c post.Content) agenda.Plan {
	w.Helper()
	w.made++
	drafted := w.commit(agenda.Draft(fmt.Sprintf("01POST%020d", w.made), author(), c, agenda.About{}, w.Clock()))
	p := agenda.Plan{Post: *drafted.Post}
	p.Post = *w.commit(p.Submit(author(), w.Clock())).Post
	return p
}

// approved gives a post that is planned, and its first messages.
func (w *agendaWorld) approved(c post.Content) (agenda.Plan, []outbox.Message) {
	w.Helper()
	p := w.submitted(c)
	change := w.commit(p.Approve(approver(), agenda.Consent{}, ours(), w.Clock()))
	return agenda.Plan{Post: *change.Post, Targets: change.Targets}, change.Send
}

// due gives a post of words that is to go out now, with its message.
func (w *agendaWorld) due(c post.Content) (agenda.Plan, outbox.Message) {
	w.Helper()
	p, send := w.approved(c)
	w.At(send[0].Due)
	return p, send[0]
}

// plan reads the post as it stands, once the bitácora of its targets has shown to be whole.
func (w *agendaWorld) plan(id string) agenda.Plan {
	w.Helper()
	ctx := context.WithoutCancel(w.Context())
	p, err := w.Store.Plan(ctx, id)
	if err != nil {
		w.Fatal(err)
	}
	for chain, version := range chains(p) {
		history, err := w.Store.History(ctx, chain)
		if err == nil {
			err = audit.Verify(history)
		}
		if err != nil || len(history) != version {
			w.Fatalf("bitácora of %s: %d entries for version %d: %v", chain, len(history), version, err)
		}
	}
	return p
}

func chains(p agenda.Plan) map[string]int {
	all := map[string]int{p.Post.Cause(): p.Post.Version}
	for _, t := range p.Targets {
		all[t.Chain()] = t.Version
	}
	return all
}

// left gives what is still to be done about a post, without the letters.
func (w *agendaWorld) left(p agenda.Plan) []outbox.Message {
	w.Helper()
	return w.Waiting(p.Post.Cause(), outbox.Notify)
}

// run has the worker do everything the post has to do.
func (w *agendaWorld) run(p agenda.Plan) {
	w.Helper()
	w.Run(p.Post.Cause(), 200, outbox.Notify)
}

// ended is what is left to be seen of the only target of a post.
type ended struct {
	State  post.State
	Reason string
	Remote string
	Raised []string
}

func (w *agendaWorld) ended(p agenda.Plan) ended {
	w.Helper()
	t := w.plan(p.Post.ID).Targets[0]
	kinds := w.Raised(p.Post.Cause())
	slices.Sort(kinds)
	return ended{State: t.State, Reason: t.Reason, Remote: t.RemoteID, Raised: kinds}
}

// letters gives the matters of a post that people were told of, in any order.
func (w *agendaWorld) letters(p agenda.Plan) []string {
	w.Helper()
	kinds := map[string]bool{}
	for _, m := range w.Waiting(p.Post.Cause()) {
		if m.Topic == outbox.Notify {
			kinds[ticket.MatterKind(m.Subject)] = true
		}
	}
	return slices.Sorted(maps.Keys(kinds))
}

type entry = audit.Entry

// sealed gives the entry of a version of a post that nobody may make.
func sealed(p post.Post) entry {
	return entry{
		Ticket: p.Cause(), Version: p.Version, At: worker.Noon(), Actor: "nadie", Kind: audit.PostEdited, Scope: audit.OfPosts,
		From: string(p.State), To: string(p.State),
	}.Seal(p.Head)
}
