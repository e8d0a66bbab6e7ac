// Package fetch looks at the networks by itself: whether our accounts still work, what no delivery has brought, the items and
// media that a delivery only named. What it finds goes into the same inbox as what the networks deliver.
package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// Reader reads a network in the name of an account of ours.
type Reader interface {
	// Item reads an item that a network told of by its id alone.
	Item(ctx context.Context, a channel.Access, e mention.Event) (mention.Event, channel.Usage, error)
	// List reads one page of what people wrote to the account.
	List(ctx context.Context, a channel.Access, q channel.ListQuery) (channel.Page, error)
	// Media says where the bytes of an attachment are, and what opens them.
	Media(ctx context.Context, a channel.Access, m mention.Attachment) (channel.Download, error)
	// Check looks at key, rights and subscriptions of the account, and makes anew the subscriptions that are gone.
	Check(ctx context.Context, a channel.Access, callback string, now time.Time) (channel.Health, error)
	// Reason gives the short code of an error of this network.
	Reason(err error) string
}

// Prober is a Reader that can ask for the least there is, to know whether the key still opens anything.
type Prober interface {
	Probe(ctx context.Context, a channel.Access) (channel.Usage, error)
}

// Provider connects accounts of a network.
type Provider interface {
	// Begin says where the person goes to say yes.
	Begin(ctx context.Context, c channel.Connection, now time.Time) (channel.Connection, error)
	// Exchange gives the keys for the word the person came back with.
	Exchange(ctx context.Context, c channel.Connection, code string, now time.Time) (channel.Tokens, error)
	// Accounts gives the accounts that somebody's keys let us act as.
	Accounts(ctx context.Context, t channel.Tokens) ([]channel.Candidate, error)
}

// Network is one network as fetch knows it. Lists are the names of what can be read of it.
type Network struct {
	Reader   Reader
	Provider Provider
	Lists    []string
}

// Channels is what is known of our accounts, and the one thing that is written by.
type Channels interface {
	Channels(ctx context.Context) ([]channel.Channel, error)
	Channel(ctx context.Context, ref channel.Ref) (channel.Channel, bool, error)
	Spent(ctx context.Context, ref channel.Ref, day string) (channel.Spend, error)
	Commit(ctx context.Context, c ticket.Change) error
}

// Cases is what is known of items and messages.
type Cases interface {
	Seen(ctx context.Context, n mention.Network, key string) (ticket.Seen, bool, error)
	Story(ctx context.Context, id string) (ticket.Story, error)
	Mention(ctx context.Context, ticketID, key string, at time.Time) (ticket.Mention, error)
	Message(ctx context.Context, ref outbox.Ref) (m outbox.Message, claimed, found bool, err error)
}

// Connections is what is known of accounts being connected.
type Connections interface {
	Connection(ctx context.Context, id string) (channel.Connection, bool, error)
}

// Keys gives a key that is good for the next minutes. An error whose reason is auth says that only connecting again helps.
type Keys interface {
	Access(ctx context.Context, ref channel.Ref) (channel.Access, error)
	// Renewed reports whether the key is by now another one than the one that was refused.
	Renewed(ctx context.Context, ref channel.Ref, used channel.Access) (bool, error)
	Reason(err error) string
}

// Vault keeps keys sealed.
type Vault interface {
	Tokens(ctx context.Context, ref channel.Ref) (channel.Tokens, error)
	// Grant gives new keys of an account as they are stored, Emptied those of one that is taken away.
	Grant(ctx context.Context, ref channel.Ref, t channel.Tokens) (channel.Grant, error)
	Emptied(ctx context.Context, ref channel.Ref) (channel.Grant, bool, error)
	Sealer
}

// Sealer seals a text as what it is about, and opens it as nothing else.
type Sealer interface {
	Seal(ctx context.Context, about string, plain []byte) (string, error)
	Opener
}

// Opener opens what was sealed.
type Opener interface {
	Open(ctx context.Context, about, sealed string) ([]byte, error)
}

// Inbox keeps a delivery until it is understood.
type Inbox interface {
	Put(ctx context.Context, delivery string) error
}

// Downloads reads the bytes of attachments from the networks' own hosts.
type Downloads interface {
	Get(ctx context.Context, n mention.Network, d channel.Download) (kind string, body []byte, err error)
	Reason(err error) string
}

// Files keeps our own copies of media.
type Files interface {
	Put(ctx context.Context, key, mediaType string, body []byte) error
}

// Config is what a Worker needs. Posts may be nil: then none is counted. Vault holds the keys of accounts, Brought opens what a
// person brought to a connection, Back what stands sealed in an item that is awaited (package citizen). Callback is the address of
// a network's deliveries at our side. Limit is what a day of an account may cost, in millionths of a US dollar, 0 for no limit; Day
// is the civil day in Chile of an instant. Part runs one account's look as a unit of work of its own, and may be nil. Jitter gives a
// number in [0,1).
type Config struct {
	Channels    Channels
	Cases       Cases
	Posts       Posts
	Connections Connections
	Networks    map[mention.Network]Network
	Keys        Keys
	Vault       Vault
	Brought     Opener
	Back        func(ctx context.Context, e mention.Event) (mention.Event, error)
	Inbox       Inbox
	Downloads   Downloads
	Files       Files
	Callback    func(n mention.Network) string
	Limit       int64
	Day         func(time.Time) string
	Part        func(ctx context.Context, at time.Time, do func(context.Context) error) error
	Jitter      func() float64
}

// Worker looks, every minute and when it is asked to.
type Worker struct {
	cfg Config
	out outgoing
}

// New makes the worker.
func New(cfg Config) *Worker {
	if cfg.Part == nil {
		cfg.Part = func(ctx context.Context, _ time.Time, do func(context.Context) error) error { return do(ctx) }
	}
	return &Worker{cfg: cfg}
}

// Why something that was asked for had to wait, or came to nothing, besides what a network says.
const (
	reasonPaused = "canal_en_pausa"
	reasonBudget = "presupuesto"
	reasonSpent  = "gasto_diario"
	reasonKeys   = "credentials" // our own store did not give the key
	reasonAuth   = channel.ReasonAuth
)

// Handle carries out one message at the instant now.
func (w *Worker) Handle(ctx context.Context, now time.Time, body string) error {
	const op = "fetch.Handle"
	var m outbox.Message
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		return fault.New(fault.Poison, op, err)
	}
	work := unit.Of(ctx)
	work.Follow(m.Trace)
	work.Ticket(m.Ticket)
	_, _, found, err := w.cfg.Cases.Message(ctx, m.Ref())
	if err != nil || !found {
		return err // not found: done by another try
	}
	switch m.Topic {
	case outbox.FetchItem:
		return w.item(ctx, now, m)
	case outbox.CopyMedia:
		return w.media(ctx, now, m)
	case outbox.Connect:
		return w.connect(ctx, now, m)
	case outbox.Look:
		return w.asked(ctx, now, m)
	case outbox.Forget:
		return w.forget(ctx, now, m)
	case outbox.Publish, outbox.Verify, outbox.File, outbox.Check, outbox.Notify, outbox.Act, outbox.Prepare, outbox.Broadcast,
		outbox.Confirm, outbox.Lapse:
		return fault.New(fault.Poison, op, errors.New("not a topic of this worker"))
	default:
		return fault.New(fault.Poison, op, errors.New("unknown topic"))
	}
}

// finish takes the message away, with what else is written at its end. Another try may have done so.
func (w *Worker) finish(ctx context.Context, m outbox.Message, c ticket.Change) error {
	c.Done = []outbox.Ref{m.Ref()}
	err := w.cfg.Channels.Commit(ctx, c)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// later puts the next attempt in the place of this one.
func (w *Worker) later(ctx context.Context, m outbox.Message, due time.Time) error {
	return w.finish(ctx, m, ticket.Change{Send: []outbox.Message{m.Again(m.Topic, due)}})
}

// network is the network of an account; NotFound for one that nobody wired.
func (w *Worker) network(ref channel.Ref) (Network, error) {
	n, known := w.cfg.Networks[ref.Network]
	if !known || n.Reader == nil {
		return Network{}, fault.New(fault.Permanent, "fetch.network", errors.New("no way to this network"))
	}
	return n, nil
}
