package fetch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/fetch"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

var (
	page = channel.Ref{Network: mention.Facebook, Account: "100000000000001"}
	x    = channel.Ref{Network: mention.X, Account: "1500000000000000001"}
)

// failure is an error as an adapter makes it.
type failure struct {
	err    *fault.Error
	reason string
}

func (f failure) Error() string { return f.err.Error() + " " + f.reason }

func (f failure) Unwrap() error { return f.err }

func fails(kind fault.Kind, reason string, wait time.Duration) error {
	e := fault.New(kind, "test", nil)
	e.RetryAfter = wait
	return failure{e, reason}
}

func reasonOf(err error) string {
	var f failure
	if errors.As(err, &f) {
		return f.reason
	}
	return ""
}

// network is a network with lists that grow, and a script of what goes wrong; what the script does not say goes well.
type network struct {
	mu      sync.Mutex
	lists   map[string][]mention.Event
	items   map[string]mention.Event
	size    int // of a page
	fails   map[string][]error
	usage   channel.Usage
	health  channel.Health
	calls   map[string]int
	asked   []channel.ListQuery
	read    []mention.Event // the items that were asked for
	hang    bool
	file    channel.Download
	counted []string
}

func newNetwork() *network {
	return &network{lists: map[string][]mention.Event{}, items: map[string]mention.Event{}, size: 3, fails: map[string][]error{}, calls: map[string]int{}}
}

// call counts, and gives what the script says of this call.
func (n *network) call(ctx context.Context, what string) error {
	n.calls[what]++
	script := n.fails[what]
	err := worker.Next(&script, nil)
	n.fails[what] = script
	if n.hang {
		n.mu.Unlock()
		<-ctx.Done()
		n.mu.Lock()
		return fails(fault.Transient, "unknown_outcome", 0)
	}
	return err
}

func (n *network) Item(ctx context.Context, _ channel.Access, e mention.Event) (mention.Event, channel.Usage, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.read = append(n.read, e)
	if err := n.call(ctx, "item"); err != nil {
		return mention.Event{}, n.usage, err
	}
	return n.items[e.Key], n.usage, nil
}

func (n *network) List(ctx context.Context, _ channel.Access, q channel.ListQuery) (channel.Page, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, q)
	if err := n.call(ctx, "list:"+q.List); err != nil {
		return channel.Page{Usage: n.usage}, err
	}
	all := n.lists[q.List]
	from := slices.IndexFunc(all, func(e mention.Event) bool { return !e.At.Before(q.Since) })
	if from < 0 {
		from = len(all)
	}
	if q.Cursor != "" {
		from, _ = strconv.Atoi(q.Cursor)
	}
	to := min(from+n.size, len(all))
	return channel.Page{Events: slices.Clone(all[from:to]), Cursor: strconv.Itoa(to), More: to < len(all), Usage: n.usage, Cost: to - from}, nil
}

func (n *network) Media(ctx context.Context, _ channel.Access, _ mention.Attachment) (channel.Download, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.file, n.call(ctx, "media")
}

func (n *network) Check(ctx context.Context, _ channel.Access, callback string, _ time.Time) (channel.Health, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.call(ctx, "check"); err != nil {
		return channel.Health{Usage: n.usage}, err
	}
	h := n.health
	h.Usage = n.usage
	return h, nil
}

func (n *network) Reason(err error) string { return reasonOf(err) }

// keys are the keys of every account, unless they fail. What they seal can be read in a test.
type keys struct {
	store   *memory
	err     error
	renewed bool
	sealing error
	tokens  channel.Tokens
}

func (k *keys) Access(_ context.Context, ref channel.Ref) (channel.Access, error) {
	return channel.Access{Account: ref.Account, Token: "llave"}, k.err
}

func (k *keys) Renewed(context.Context, channel.Ref, channel.Access) (bool, error) {
	return k.renewed, nil
}

func (k *keys) Reason(err error) string { return reasonOf(err) }

func (k *keys) Tokens(context.Context, channel.Ref) (channel.Tokens, error) { return k.tokens, k.err }

func (k *keys) Grant(_ context.Context, ref channel.Ref, t channel.Tokens) (channel.Grant, error) {
	k.store.mu.Lock()
	defer k.store.mu.Unlock()
	return channel.Grant{Ref: ref, Sealed: "sellado(" + t.Access + "," + t.Secret + ")", Rev: k.store.grants[ref].Rev + 1}, k.sealing
}

func (k *keys) Emptied(_ context.Context, ref channel.Ref) (channel.Grant, bool, error) {
	k.store.mu.Lock()
	defer k.store.mu.Unlock()
	g, found := k.store.grants[ref]
	return channel.Grant{Ref: ref, Rev: g.Rev + 1}, found && g.Sealed != "", nil
}

func (k *keys) Seal(_ context.Context, about string, plain []byte) (string, error) {
	return "sellado(" + about + "|" + string(plain) + ")", k.sealing
}

func (k *keys) Open(_ context.Context, about, sealed string) ([]byte, error) {
	if k.sealing != nil {
		return nil, k.sealing
	}
	body, begins := strings.CutPrefix(sealed, "sellado("+about+"|")
	body, ends := strings.CutSuffix(body, ")")
	if !begins || !ends {
		return nil, fault.New(fault.Permanent, "test", nil)
	}
	return []byte(body), nil
}

// inbox keeps deliveries, or fails as the script says.
type inbox struct {
	mu     sync.Mutex
	held   []mention.Delivery
	script []error
}

func (b *inbox) Put(_ context.Context, text string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := worker.Next(&b.script, nil); err != nil {
		return err
	}
	d, err := mention.ParseDelivery(text)
	if err != nil {
		return err
	}
	b.held = append(b.held, d)
	return nil
}

// events are those of every delivery, in order.
func (b *inbox) events(t testing.TB) []mention.Event {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []mention.Event
	for _, d := range b.held {
		packed, err := d.Packed()
		if err == nil {
			packed, err = mention.Unpack(packed, 4<<20)
		}
		var some []mention.Event
		if err == nil {
			err = json.Unmarshal(packed, &some)
		}
		if err != nil || d.Form != mention.FormEvents || d.V != 1 {
			t.Fatalf("delivery %+v: %v", d, err)
		}
		out = append(out, some...)
	}
	return out
}

func keysOf(events []mention.Event) []string {
	out := []string{}
	for _, e := range events {
		out = append(out, e.Key)
	}
	return out
}

// world is a worker with everything around it.
type world struct {
	testing.TB
	store *memory
	net   *network
	keys  *keys
	inbox *inbox
	now   time.Time
	fetch *fetch.Worker
	cfg   fetch.Config
}

func newWorld(t testing.TB, with ...func(*fetch.Config)) *world {
	t.Helper()
	w := &world{TB: t, store: newMemory(), net: newNetwork(), inbox: &inbox{}, now: worker.Noon()}
	w.keys = &keys{store: w.store}
	w.cfg = fetch.Config{
		Channels: w.store, Cases: w.store, Connections: w.store, Keys: w.keys, Vault: w.keys, Brought: w.keys, Inbox: w.inbox,
		Back: func(_ context.Context, e mention.Event) (mention.Event, error) {
			e.Parent = strings.TrimPrefix(e.Parent, "sellado:")
			if e.Author != nil {
				author := *e.Author
				author.ID = strings.TrimPrefix(author.ID, "sellado:")
				e.Author = &author
			}
			return e, nil
		},
		Networks: map[mention.Network]fetch.Network{
			page.Network: {Reader: w.net, Lists: []string{"feed", "talks"}}, x.Network: {Reader: w.net, Lists: []string{"mentions"}},
			mention.WhatsApp: {Reader: w.net}, mention.LinkedIn: {Reader: w.net, Lists: []string{"notifications"}},
		},
		Callback: func(n mention.Network) string { return "https://gestor.example.invalid/webhooks/" + string(n) },
		Day:      func(at time.Time) string { return at.Format(time.DateOnly) },
		Jitter:   func() float64 { return 0.5 },
	}
	for _, change := range with {
		change(&w.cfg)
	}
	w.fetch = fetch.New(w.cfg)
	return w
}

// account is an account that was connected an hour ago and that nobody has looked at yet.
func (w *world) account(ref channel.Ref, with ...func(*channel.Channel)) {
	c := channel.Channel{Ref: ref, State: channel.Working, ConnectedAt: w.now.Add(-time.Hour), Rev: 1}
	for _, change := range with {
		change(&c)
	}
	w.store.channels[ref] = c
}

// said adds to a list what a person wrote some time ago.
func (w *world) said(list, key string, ago time.Duration) mention.Event {
	e := mention.Event{
		Outcome: mention.Interaction, Network: page.Network, Kind: mention.Comment, Key: key, Thread: "7", Account: page.Account, Text: "texto ficticio",
		At: w.now.Add(-ago), Author: &mention.Author{ID: "9", Name: "Persona Ficticia"},
	}
	w.net.lists[list] = append(w.net.lists[list], e)
	return e
}

// know lets the store know items.
func (w *world) know(keys ...string) {
	for _, key := range keys {
		w.store.seen["facebook/"+key] = ticket.Seen{Network: page.Network, Key: key, Ticket: "01T", Rev: 1}
	}
}

// look looks at the instant.
func (w *world) look() channel.Channel {
	w.Helper()
	if err := w.fetch.Look(context.Background(), w.now); err != nil {
		w.Fatal(err)
	}
	return w.store.channels[page]
}

// send plans a message and has it carried out, with what follows of it, until nothing is left or steps are over.
func (w *world) send(m outbox.Message, steps int) {
	w.Helper()
	w.store.messages[m.Ref()] = m
	for range steps {
		left := slices.SortedFunc(maps.Values(w.store.messages), func(a, b outbox.Message) int { return a.Due.Compare(b.Due) })
		if len(left) == 0 {
			return
		}
		if left[0].Due.After(w.now) {
			w.now = left[0].Due
		}
		if err := w.handle(left[0]); err != nil {
			w.Fatal(err)
		}
	}
}

func (w *world) handle(m outbox.Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return w.fetch.Handle(context.Background(), w.now, string(body))
}

func (w *world) same(what string, got, want any) {
	w.Helper()
	if g, n := fmt.Sprintf("%v", got), fmt.Sprintf("%v", want); g != n {
		w.Errorf("%s: %s, want %s", what, g, n)
	}
}
