package desk

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// Channels is the store as the work on our accounts needs it.
type Channels interface {
	Channel(ctx context.Context, ref channel.Ref) (channel.Channel, bool, error)
	Channels(ctx context.Context) ([]channel.Channel, error)
	Connection(ctx context.Context, id string) (channel.Connection, bool, error)
	Spent(ctx context.Context, ref channel.Ref, day string) (channel.Spend, error)
}

// States of a channel in the API besides the stored ones.
const (
	stateUnconnected channel.State = "unconnected" // an account of ours that nobody has connected
	stateNone        channel.State = "none"        // a network on which we have no account
)

// levelNone is the level of what cannot be well or ill: nothing is connected.
const levelNone channel.Level = "ninguno"

// channelJSON is an account of ours as the API shows it; with an empty account, a network on which we have none. Version is
// its lock. Backlog counts what waits to go out through it.
type channelJSON struct {
	Network       mention.Network          `json:"network"`
	Account       string                   `json:"account"`
	Name          string                   `json:"name"`
	State         channel.State            `json:"state"`
	Level         channel.Level            `json:"level"`
	Troubles      []channel.Trouble        `json:"troubles"`
	Version       int                      `json:"version"`
	Since         *time.Time               `json:"since,omitempty"`
	Reason        string                   `json:"reason,omitempty"`
	By            string                   `json:"by,omitempty"`
	ConnectedAt   *time.Time               `json:"connectedAt,omitempty"`
	ConnectedBy   string                   `json:"connectedBy,omitempty"`
	Delivered     *time.Time               `json:"delivered,omitempty"`
	Called        *time.Time               `json:"called,omitempty"`
	Checked       *time.Time               `json:"checked,omitempty"`
	Failed        string                   `json:"failed,omitempty"`
	Expiries      []channel.Expiry         `json:"expiries"`
	Missing       []missingJSON            `json:"missing"`
	Subscriptions []channel.Subscription   `json:"subscriptions"`
	Usage         *usageJSON               `json:"usage,omitempty"`
	Backlog       int                      `json:"backlog"`
	CostToday     *costJSON                `json:"costToday,omitempty"`
	Repaired      int                      `json:"repaired"`
	Methods       []channel.Method         `json:"methods"`
	May           map[string]ticket.Option `json:"may"`
}

// missingJSON is a right that the network did not give, in its own name, what it is for, and what does not work without it.
type missingJSON struct {
	Right   string `json:"right"`
	What    string `json:"what"`
	Without string `json:"without,omitempty"`
}

// missing puts words to rights that a network did not give.
func missing(n mention.Network, rights []string) []missingJSON {
	out := []missingJSON{}
	for _, name := range rights {
		lacks := missingJSON{Right: name}
		for _, r := range channel.RightsOf(n) {
			if r.Name == name || slices.Contains(r.Or, name) {
				lacks.What, lacks.Without = r.For, r.Without
			}
		}
		out = append(out, lacks)
	}
	return out
}

// usageJSON is how much of the network's quota is used up: a share of 1, and when it is counted anew.
type usageJSON struct {
	Share float64    `json:"share"`
	Until *time.Time `json:"until,omitempty"`
	At    time.Time  `json:"at"`
}

// costJSON is what an account cost today, and the most it may; in US dollars.
type costJSON struct {
	USD   float64  `json:"usd"`
	Limit *float64 `json:"limit,omitempty"`
}

// Work that waits is counted as far ahead as a network makes us wait, and no further than mostWaiting messages.
const (
	waitAhead   = 24 * time.Hour
	mostWaiting = 1000
)

func (d *Desk) channels(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanSeeChannels)) {
		return
	}
	now := d.cfg.Arrived(req.Context())
	known, err := d.known(req.Context())
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	waiting, err := d.backlog(req.Context(), now)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	out := page[channelJSON]{Items: []channelJSON{}}
	for _, c := range known {
		shown, err := d.showChannel(req.Context(), c, by, now)
		if err != nil {
			d.fail(w, req, err, nil)
			return
		}
		shown.Backlog = waiting[c.String()]
		out.Items = append(out.Items, shown)
	}
	d.json(w, http.StatusOK, out)
}

// known lists every account that is ours, connected or only configured, in the order of the networks; a network on which we
// have none stands there without an account.
func (d *Desk) known(ctx context.Context) ([]channel.Channel, error) {
	all, err := d.cfg.Channels.Channels(ctx)
	if err != nil {
		return nil, err
	}
	for _, n := range mention.Networks() {
		for _, account := range d.cfg.Accounts[n] {
			ref := channel.Ref{Network: n, Account: account}
			if !slices.ContainsFunc(all, func(c channel.Channel) bool { return c.Ref == ref }) {
				all = append(all, channel.Channel{Ref: ref})
			}
		}
		if !slices.ContainsFunc(all, func(c channel.Channel) bool { return c.Network == n }) {
			all = append(all, channel.Channel{Ref: channel.Ref{Network: n}})
		}
	}
	slices.SortStableFunc(all, func(a, b channel.Channel) int {
		place := func(c channel.Channel) int { return slices.Index(mention.Networks(), c.Network) }
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Account, b.Account))
	})
	return all, nil
}

// backlog counts, by channel, what should go out within waitAhead and has not.
func (d *Desk) backlog(ctx context.Context, now time.Time) (map[string]int, error) {
	work, err := d.cfg.Feeds.Unfinished(ctx, now.Add(waitAhead), mostWaiting)
	if err != nil {
		return nil, err
	}
	waiting := map[string]int{}
	for _, m := range work {
		if worker, known := m.Topic.Worker(); known && worker == outbox.Deliver && m.Channel != "" {
			waiting[m.Channel]++
		}
	}
	return waiting, nil
}

// showChannel shows one account to the actor, but for what waits.
func (d *Desk) showChannel(ctx context.Context, c channel.Channel, by ticket.Actor, now time.Time) (channelJSON, error) {
	out := channelJSON{
		Network: c.Network, Account: c.Account, Name: c.Name, State: stateOf(c), Level: levelNone, Troubles: []channel.Trouble{},
		Version: c.Rev, Since: optional(c.Since), Reason: c.Reason, By: c.By, ConnectedAt: optional(c.ConnectedAt), ConnectedBy: c.ConnectedBy,
		Delivered: optional(c.Delivered), Called: optional(c.Called), Checked: optional(c.Checked), Failed: c.Failed,
		Expiries: list(c.Expiries), Missing: []missingJSON{}, Subscriptions: list(c.Subscriptions), Repaired: c.Repaired,
		Methods: channel.Methods(c.Network), May: mayChannel(c, by, now),
	}
	if c.State == "" {
		return out, nil
	}
	out.Missing = missing(c.Network, c.Missing)
	if c.Usage.Known() {
		out.Usage = &usageJSON{Share: c.Usage.Share, Until: optional(c.Usage.Until), At: c.Usage.At}
	}
	var spent channel.Spend
	most := int64(0)
	if channel.Price(c.Network, channel.CostPost) > 0 {
		var err error
		if spent, err = d.cfg.Channels.Spent(ctx, c.Ref, d.cfg.Calendar.DateOf(now, nil).String()); err != nil {
			return channelJSON{}, err
		}
		most = d.cfg.DailyMicros
		out.CostToday = &costJSON{USD: usd(spent.Total())}
		if most > 0 {
			limit := usd(most)
			out.CostToday.Limit = &limit
		}
	}
	out.Troubles = list(c.Health(now, spent, most))
	out.Level = channel.Worst(out.Troubles)
	return out, nil
}

// usd gives millionths of a US dollar in dollars.
func usd(micros int64) float64 { return float64(micros) / 1e6 }

func stateOf(c channel.Channel) channel.State {
	switch {
	case c.Account == "":
		return stateNone
	case c.State == "":
		return stateUnconnected
	default:
		return c.State
	}
}

// channelAct is something a person does with an account of ours. Look tells that the worker is to look at it.
type channelAct struct {
	do   func(c channel.Channel, by string, now time.Time) (channel.Channel, error)
	look bool
}

func channelActs() map[string]channelAct {
	return map[string]channelAct{
		"pause":  {do: channel.Channel.Pause},
		"resume": {do: channel.Channel.Resume, look: true},
		"close":  {do: channel.Channel.Close, look: true}, // the worker drops its keys
		"look": {look: true, do: func(c channel.Channel, _ string, _ time.Time) (channel.Channel, error) {
			return c, c.Look()
		}},
	}
}

// mayChannel tells what the actor may do with an account now; a network without accounts can be connected.
func mayChannel(c channel.Channel, by ticket.Actor, now time.Time) map[string]ticket.Option {
	may := map[string]ticket.Option{"connect": {Allowed: true}}
	for name, act := range channelActs() {
		_, err := act.do(c, by.ID, now)
		may[name] = ticket.OptionOf(err)
	}
	if !ticket.Allowed(by, ticket.CanConnect) {
		for name := range may {
			may[name] = ticket.Option{Why: notYours}
		}
	}
	return may
}

const notYours = "Las cuentas las maneja supervisión, jefatura o TI."
