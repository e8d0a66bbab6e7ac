package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// Sealer seals a text that only the worker opens, and only as what it is about.
type Sealer interface {
	Seal(ctx context.Context, about string, plain []byte) (string, error)
}

// seal gives what a person brought to a connection to the worker that carries it on: for this connection alone.
func (d *Desk) seal(ctx context.Context, id string, b channel.Brought) (string, error) {
	plain, err := json.Marshal(b)
	if err != nil {
		return "", fault.New(fault.Permanent, "desk.seal", nil) // its own error may quote the word
	}
	return d.cfg.Sealer.Seal(ctx, id, plain)
}

// channelOrder is the body of every act on an account; each reads what it needs.
type channelOrder struct {
	Version *int           `json:"version"`
	Method  channel.Method `json:"method"`
	Account string         `json:"account"`
	Token   string         `json:"token"`
	Secret  string         `json:"secret"`
}

// connectionJSON is an account being connected, as the API shows it: what the worker knows besides stays where it is.
type connectionJSON struct {
	ID      string           `json:"id"`
	Network mention.Network  `json:"network"`
	Method  channel.Method   `json:"method"`
	Step    channel.Step     `json:"step"`
	URL     string           `json:"url,omitempty"`
	Choices []channel.Choice `json:"choices,omitempty"`
	Account string           `json:"account,omitempty"`
	Missing []missingJSON    `json:"missing,omitempty"`
	Reason  string           `json:"reason,omitempty"`
	Expires time.Time        `json:"expiresAt"`
}

func showConnection(c channel.Connection) connectionJSON {
	network := mention.Network(c.Network)
	return connectionJSON{
		ID: c.ID, Network: network, Method: c.Method, Step: c.Step, URL: c.URL, Choices: c.Choices, Account: c.Account,
		Missing: missing(network, c.Missing), Reason: c.Reason, Expires: c.Expires,
	}
}

// connecting is who may connect accounts, and what they ask for.
func (d *Desk) connecting(w http.ResponseWriter, req *http.Request) (by ticket.Actor, click ticket.Click, o channelOrder, ok bool) {
	by, err := d.caller(req)
	if err == nil && !ticket.Allowed(by, ticket.CanConnect) {
		err = fault.Say(fault.Denied, "desk.connecting", notYours)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return by, click, o, false
	}
	click, o, p := asked[channelOrder](req, by)
	if p != nil {
		d.problem(w, *p)
		return by, click, o, false
	}
	return by, click, o, !d.repeated(w, req, click)
}

// connect begins to connect an account: the worker says where the person is to go.
func (d *Desk) connect(w http.ResponseWriter, req *http.Request) {
	by, click, o, ok := d.connecting(w, req)
	if !ok {
		return
	}
	now := d.cfg.Arrived(req.Context())
	c, err := channel.Begin(d.cfg.Word(), channel.Wanted{
		Network: mention.Network(req.PathValue("network")), Method: o.Method, Account: o.Account, Token: o.Token, Secret: o.Secret,
		By: by.ID, Redirect: d.cfg.Home + callbackPath,
	}, now)
	if err == nil && c.Method == channel.ByHand {
		c.Code, err = d.seal(req.Context(), c.ID, channel.Brought{Token: o.Token, Secret: o.Secret})
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	change := ticket.Change{Connection: &c, Send: []outbox.Message{carryOn(c, now)}}
	if d.write(w, req, click, answer{http.StatusAccepted, showConnection(c)}, change, nil) {
		d.note(req, by, "connect", slog.String("network", c.Network), slog.String("method", string(c.Method)))
	}
}

// carryOn is the message by which the worker takes the next step of a connection.
func carryOn(c channel.Connection, now time.Time) outbox.Message {
	cause := outbox.ConnectionCause(c.ID)
	return outbox.New("connect-"+digest(c.ID)+"-"+strconv.Itoa(c.Rev), outbox.Connect, cause, "", cause, now)
}

// connection shows an account being connected to who began it.
func (d *Desk) connection(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanConnect)) {
		return
	}
	c, err := d.begun(req, by)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.json(w, http.StatusOK, showConnection(c))
}

// begun reads a connection that the actor began; anybody else's is answered as one that does not exist.
func (d *Desk) begun(req *http.Request, by ticket.Actor) (channel.Connection, error) {
	c, found, err := d.cfg.Channels.Connection(req.Context(), req.PathValue("id"))
	if err == nil && (!found || c.By != by.ID) {
		err = fault.Say(fault.NotFound, "desk.begun", "Esa conexión no existe, o se acabó su tiempo. Empieza de nuevo.")
	}
	return c, err
}

// choose takes the person's word on which of the accounts it is to be.
func (d *Desk) choose(w http.ResponseWriter, req *http.Request) {
	by, click, o, ok := d.connecting(w, req)
	if !ok {
		return
	}
	c, err := d.begun(req, by)
	if err == nil {
		c, err = c.Choose(o.Account)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.write(w, req, click, answer{http.StatusOK, showConnection(c)}, ticket.Change{
		Connection: &c, Send: []outbox.Message{carryOn(c, d.cfg.Arrived(req.Context()))},
	}, nil)
}

// actChannel does something with an account as it is on screen.
func (d *Desk) actChannel(w http.ResponseWriter, req *http.Request) {
	const op = "desk.actChannel"
	name := req.PathValue("action")
	act, known := channelActs()[name]
	if !known {
		d.fail(w, req, fault.Say(fault.NotFound, op, "Esa acción no existe."), nil)
		return
	}
	by, click, o, ok := d.connecting(w, req)
	if !ok {
		return
	}
	now := d.cfg.Arrived(req.Context())
	ref := channel.Ref{Network: mention.Network(req.PathValue("network")), Account: req.PathValue("account")}
	c, err := d.ours(req, ref)
	was := c
	switch {
	case err != nil:
	case o.Version == nil:
		err = fault.Reject(op, "version", "Falta la versión de la cuenta que estás viendo.")
	case *o.Version != c.Rev:
		d.staleChannel(w, req, ref, by, now)
		return
	default:
		c, err = act.do(c, by.ID, now)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	shown, err := d.showChannel(req.Context(), c, by, now)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	var change ticket.Change
	if c.Rev != was.Rev {
		change = ticket.AccountStep(was, c, now)
	}
	if act.look {
		cause := outbox.ChannelCause(ref.String())
		m := outbox.New("look-"+click.Key, outbox.Look, cause, "", cause, now)
		m.Channel = ref.String()
		change.Send = append(change.Send, m)
	}
	if d.write(w, req, click, answer{http.StatusOK, shown}, change, func() { d.staleChannel(w, req, ref, by, now) }) {
		d.note(req, by, name, slog.String("channel", ref.String()))
	}
}

// ours reads an account of ours, also one that is only configured.
func (d *Desk) ours(req *http.Request, ref channel.Ref) (channel.Channel, error) {
	c, found, err := d.cfg.Channels.Channel(req.Context(), ref)
	switch {
	case err != nil || found:
		return c, err
	case slices.Contains(d.cfg.Accounts[ref.Network], ref.Account):
		return channel.Channel{Ref: ref}, nil
	default:
		return c, fault.Say(fault.NotFound, "desk.ours", "Esa cuenta no es de las nuestras.")
	}
}

// staleChannel says that the account changed meanwhile, and how it is now.
func (d *Desk) staleChannel(w http.ResponseWriter, req *http.Request, ref channel.Ref, by ticket.Actor, now time.Time) {
	c, err := d.ours(req, ref)
	var fresh channelJSON
	if err == nil {
		fresh, err = d.showChannel(req.Context(), c, by, now)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.problem(w, problem{
		Status: http.StatusConflict, Title: "La cuenta cambió", Channel: &fresh,
		Detail: "La cuenta cambió mientras la mirabas. Revisa cómo quedó e inténtalo de nuevo.",
	})
}

// answer is what a write answers, to be remembered and given.
type answer struct {
	status int
	body   any
}

// write makes a step together with the remembered answer, and answers. lost answers who came too late; without it the loss is
// told as it is.
func (d *Desk) write(w http.ResponseWriter, req *http.Request, click ticket.Click, a answer, change ticket.Change, lost func()) bool {
	err := d.remember(w, req, click, a, change)
	switch {
	case err == nil:
		return true
	case (fault.Is(err, fault.Duplicate) || fault.Is(err, fault.Conflict)) && d.repeated(w, req, click):
	case fault.Is(err, fault.Conflict) && lost != nil:
		lost()
	default:
		d.fail(w, req, err, nil)
	}
	return false
}

// remember makes a step together with the remembered answer, and answers once it is made.
func (d *Desk) remember(w http.ResponseWriter, req *http.Request, click ticket.Click, a answer, change ticket.Change) error {
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(a.body); err != nil {
		return fault.New(fault.Permanent, "desk.remember", err)
	}
	click.Status, click.Body, click.At = a.status, body.Bytes(), d.cfg.Arrived(req.Context())
	change.Click = &click
	if err := d.cfg.Cases.Commit(req.Context(), change); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	_, _ = w.Write(body.Bytes())
	return nil
}

// note writes down who did what to an account: the bitácora is that of cases, and accounts have none.
func (d *Desk) note(req *http.Request, by ticket.Actor, act string, attrs ...slog.Attr) {
	attrs = append(attrs, slog.String("act", act), slog.String("actor", by.ID))
	d.cfg.Log.LogAttrs(req.Context(), slog.LevelInfo, "channel act", attrs...)
}
