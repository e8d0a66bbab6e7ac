package fetch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/fetch"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// provider is a network that connects accounts.
type provider struct {
	begin, exchange, accounts error
	secret                    string // OAuth 1.0a
	all                       []channel.Candidate
	asked                     []string
	got                       channel.Connection
}

func (p *provider) Begin(_ context.Context, c channel.Connection, _ time.Time) (channel.Connection, error) {
	p.asked = append(p.asked, "begin")
	c.URL, c.Verifier, c.Sealed = "https://red.example.invalid/si?state="+c.ID, "verificador", p.secret
	return c, p.begin
}

func (p *provider) Exchange(_ context.Context, c channel.Connection, code string, _ time.Time) (channel.Tokens, error) {
	p.asked, p.got = append(p.asked, "exchange "+code), c
	return channel.Tokens{Method: channel.OAuth2, Access: "llave"}, p.exchange
}

func (p *provider) Accounts(_ context.Context, t channel.Tokens) ([]channel.Candidate, error) {
	p.asked = append(p.asked, "accounts "+t.Access)
	return p.all, p.accounts
}

func candidate(ref channel.Ref, name string) channel.Candidate {
	return channel.Candidate{
		Choice: channel.Choice{Account: ref.Account, Name: name}, Network: ref.Network,
		Tokens: channel.Tokens{
			Method: channel.OAuth2, Access: "llave-de-" + ref.Account, Refresh: "otra", Until: time.Date(2027, 1, 22, 0, 0, 0, 0, time.UTC),
			RefreshUntil: time.Date(2027, 11, 23, 0, 0, 0, 0, time.UTC),
		},
	}
}

func connecting(t *testing.T, method channel.Method) (*world, *provider, channel.Connection) {
	t.Helper()
	p := &provider{all: []channel.Candidate{candidate(page, "Página Ficticia")}}
	w := newWorld(t, func(c *fetch.Config) {
		c.Networks[page.Network] = fetch.Network{Reader: c.Networks[page.Network].Reader, Provider: p, Lists: []string{"feed"}}
	})
	wanted := channel.Wanted{Network: page.Network, Method: method, By: "supervisor", Redirect: "https://gestor.example.invalid/oauth/callback"}
	if method == channel.ByHand {
		wanted.Account, wanted.Token = page.Account, "llave-pegada"
	}
	c, err := channel.Begin("estado", wanted, w.now)
	if err != nil {
		t.Fatal(err)
	}
	w.store.connections["estado"] = c
	return w, p, c
}

// goOn has the worker take the connection's next step.
func (w *world) goOn() channel.Connection {
	w.Helper()
	cause := outbox.ConnectionCause("estado")
	w.send(outbox.New(fmt.Sprintf("connect-%d", w.store.connections["estado"].Rev), outbox.Connect, cause, "", cause, w.now), 1)
	if len(w.store.messages) != 0 {
		w.Errorf("left %v", w.store.messages)
	}
	return w.store.connections["estado"]
}

// back brings the person back from the network, or to the choice of an account.
func (w *world) back(code string) {
	w.Helper()
	plain, err := json.Marshal(channel.Brought{Code: code})
	if err != nil {
		w.Fatal(err)
	}
	sealed, _ := w.keys.Seal(context.Background(), "estado", plain)
	c, err := w.store.connections["estado"].Returned(sealed, "")
	if err != nil {
		w.Fatal(err)
	}
	w.store.connections["estado"] = c
}

func TestConnect_One(t *testing.T) {
	w, p, _ := connecting(t, channel.OAuth2)
	p.secret = "secreto-de-la-pregunta"
	w.net.health = channel.Health{Missing: []string{"pages_messaging"}, Subscriptions: []channel.Subscription{{Name: "feed", Working: true}}}
	c := w.goOn()
	if c.Step != channel.StepBegun || c.URL == "" || c.Sealed != "sellado(estado|secreto-de-la-pregunta)" || c.Rev != 2 {
		t.Errorf("begun: %+v", c)
	}
	if again := w.goOn(); again.Rev != 2 || len(p.asked) != 1 {
		t.Errorf("begun twice: %+v, %v", again, p.asked)
	}
	w.back("palabra")
	c = w.goOn()
	if c.Step != channel.StepDone || c.Account != page.Account || c.Code != "" || c.Verifier != "" || c.Sealed != "" || c.URL != "" || len(c.Missing) != 1 {
		t.Errorf("done: %+v", c)
	}
	if p.got.Sealed != "secreto-de-la-pregunta" || p.got.Verifier != "verificador" || p.got.Code != "" || p.asked[1] != "exchange palabra" || p.asked[2] != "accounts llave" {
		t.Errorf("asked %v with %+v", p.asked, p.got)
	}
	a, g := w.store.channels[page], w.store.grants[page]
	if g.Sealed != "sellado(llave-de-100000000000001,)" || g.Rev != 1 {
		t.Errorf("keys %+v", g)
	}
	if a.State != channel.Working || a.Name != "Página Ficticia" || !a.ConnectedAt.Equal(w.now) || a.ConnectedBy != "supervisor" || len(a.Subscriptions) != 1 || len(a.Missing) != 1 || !a.Next.Equal(w.now) {
		t.Errorf("account %+v", a)
	}
	ends := map[string]time.Time{}
	for _, e := range a.Expiries {
		ends[e.Kind] = e.Warn
	}
	if len(ends) != 2 || ends[channel.ExpiresRefresh].After(time.Date(2027, 9, 20, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("ends %v", a.Expiries)
	}
	if again := w.goOn(); again.Rev != c.Rev || len(p.asked) != 3 {
		t.Errorf("done twice: %+v, %v", again, p.asked)
	}
}

// Of several accounts the person says which; those of other networks are not offered.
func TestConnect_Choice(t *testing.T) {
	w, p, _ := connecting(t, channel.OAuth2)
	other := channel.Ref{Network: page.Network, Account: "100000000000002"}
	instagram := channel.Ref{Network: mention.Instagram, Account: "17841400000000001"}
	p.all = []channel.Candidate{candidate(page, "Una"), candidate(instagram, "Tercera"), candidate(other, "Otra")}
	w.goOn()
	w.back("palabra")
	c := w.goOn()
	if c.Step != channel.StepChoose || len(c.Choices) != 2 || c.Code != "" || c.Verifier != "" || !strings.HasPrefix(c.Sealed, "sellado(estado|") || len(w.store.grants) != 0 {
		t.Errorf("to choose: %+v", c)
	}
	if again := w.goOn(); again.Rev != c.Rev {
		t.Errorf("nothing is chosen yet: %+v", again)
	}
	c, err := c.Choose(other.Account)
	if err != nil {
		t.Fatal(err)
	}
	w.store.connections["estado"] = c
	c = w.goOn()
	if c.Step != channel.StepDone || c.Account != other.Account || c.Sealed != "" || len(c.Choices) != 0 || w.store.grants[other].Sealed == "" || len(w.store.grants) != 1 {
		t.Errorf("chosen: %+v, %v", c, w.store.grants)
	}
	if len(p.asked) != 3 {
		t.Errorf("the word was used twice: %v", p.asked)
	}
}

// A pasted key is believed when the network takes it, and never before.
func TestConnect_Pasted(t *testing.T) {
	paste := func(set func(w *world)) (*world, channel.Connection) {
		w, _, c := connecting(t, channel.ByHand)
		plain, _ := json.Marshal(channel.Brought{Token: "llave-pegada"})
		c.Code, _ = w.keys.Seal(t.Context(), "estado", plain)
		w.store.connections["estado"] = c
		set(w)
		return w, w.goOn()
	}
	w, c := paste(func(w *world) { w.net.health.Name = "Página Ficticia" })
	if a := w.store.channels[page]; c.Step != channel.StepDone || a.State != channel.Working || a.Name != "Página Ficticia" || w.store.grants[page].Sealed != "sellado(llave-pegada,)" {
		t.Errorf("%+v, %+v", c, a)
	}
	for reason, kind := range map[string]fault.Kind{"auth": fault.Denied, "permission": fault.Denied, "unreachable": fault.Transient, "gone": fault.Permanent} {
		w, c = paste(func(w *world) { w.net.fails["check"] = []error{fails(kind, reason, 0)} })
		if c.Step != channel.StepFailed || c.Reason != reason || c.Code != "" || len(w.store.grants) != 0 || len(w.store.channels) != 0 {
			t.Errorf("%s: %+v", reason, c)
		}
	}
}

// What fails says why, and keeps nothing of what the person brought.
func TestConnect_Failures(t *testing.T) {
	for _, tt := range []struct {
		name   string
		set    func(w *world, p *provider)
		reason string
	}{
		{"no word", func(_ *world, p *provider) { p.exchange = fails(fault.Denied, "auth", 0) }, "auth"},
		{"no list of accounts", func(_ *world, p *provider) { p.accounts = fails(fault.Transient, "unreachable", 0) }, "unreachable"},
		{"no account", func(_ *world, p *provider) { p.all = nil }, "sin_cuentas"},
		{"no account of this network", func(_ *world, p *provider) { p.all[0].Network = mention.Instagram }, "sin_cuentas"},
		{"a key that opens nothing", func(w *world, _ *provider) { w.net.fails["check"] = []error{fails(fault.Denied, "auth", 0)} }, "auth"},
		{"an error nobody knows", func(_ *world, p *provider) { p.exchange = fault.New(fault.Transient, "x", nil) }, "unknown_outcome"},
		{"what was sealed for another", func(w *world, _ *provider) {
			c := w.store.connections["estado"]
			c.Code = "sellado(otro|{})"
			w.store.connections["estado"] = c
		}, "ilegible"},
		{"what is no word", func(w *world, _ *provider) {
			c := w.store.connections["estado"]
			c.Code = "sellado(estado|palabra)"
			w.store.connections["estado"] = c
		}, "ilegible"},
	} {
		w, p, _ := connecting(t, channel.OAuth2)
		w.goOn()
		w.back("palabra")
		tt.set(w, p)
		c := w.goOn()
		if c.Step != channel.StepFailed || c.Reason != tt.reason || c.Code != "" || c.Verifier != "" || c.Sealed != "" || len(w.store.grants) != 0 || len(w.store.channels) != 0 {
			t.Errorf("%s: %+v", tt.name, c)
		}
	}
	w, p, _ := connecting(t, channel.OAuth2)
	p.begin = fails(fault.Transient, "unreachable", 0)
	if c := w.goOn(); c.Step != channel.StepFailed || c.Reason != "unreachable" {
		t.Errorf("not begun: %+v", c)
	}
	w, _, c := connecting(t, channel.OAuth2)
	c.Network = string(mention.X)
	w.store.connections["estado"] = c
	if c := w.goOn(); c.Step != channel.StepFailed || c.Reason != "no_disponible" {
		t.Errorf("a network nobody connects: %+v", c)
	}
	w, _, _ = connecting(t, channel.OAuth2)
	delete(w.store.connections, "estado")
	cause := outbox.ConnectionCause("estado")
	w.send(outbox.New("connect-9", outbox.Connect, cause, "", cause, w.now), 1)
	w.same("left when its time is over", len(w.store.messages), 0)
	m := outbox.New("connect-8", outbox.Connect, "01T", "", "g", w.now)
	w.store.messages[m.Ref()] = m
	if err := w.handle(m); !fault.Is(err, fault.Poison) {
		t.Errorf("no connection: %v", err)
	}
}

// A network that cannot be asked about an account just now does not undo what the person did: the next look asks again.
func TestConnect_CheckedLater(t *testing.T) {
	w, _, _ := connecting(t, channel.OAuth2)
	w.goOn()
	w.back("palabra")
	w.net.fails["check"] = []error{fails(fault.Transient, "unreachable", 0)}
	c := w.goOn()
	if a := w.store.channels[page]; c.Step != channel.StepDone || a.State != channel.Working || !a.Checked.IsZero() {
		t.Errorf("%+v, %+v", c, a)
	}
	calls := w.net.calls["check"]
	if a := w.look(); w.net.calls["check"] != calls+1 || a.Checked.IsZero() {
		t.Errorf("looked at: %+v", a)
	}
}

// Connecting again wakes an account that stood still and loses nothing of what came meanwhile; one that was taken away begins
// anew.
func TestConnect_Again(t *testing.T) {
	for _, tt := range []struct {
		name    string
		was     func(c *channel.Channel)
		cursors int
		from    time.Duration // before now
	}{
		{"its key died", func(c *channel.Channel) {
			*c, _ = c.Halt(channel.ReasonAuth, c.ConnectedAt)
			c.Cursors = map[string]string{"feed": "7"}
		}, 1, time.Hour},
		{"its key died before anything was read", func(c *channel.Channel) { *c, _ = c.Halt(channel.ReasonAuth, c.ConnectedAt) }, 0, time.Hour},
		{"it was taken away", func(c *channel.Channel) { c.State, c.Cursors = channel.Closed, map[string]string{"feed": "7"} }, 0, 0},
		{"it works", func(c *channel.Channel) { c.Cursors = map[string]string{"feed": "7"} }, 1, time.Hour},
	} {
		w, _, _ := connecting(t, channel.OAuth2)
		w.account(page, tt.was)
		w.store.grants[page] = channel.Grant{Ref: page, Sealed: "viejo", Rev: 4}
		w.goOn()
		w.back("palabra")
		if c := w.goOn(); c.Step != channel.StepDone {
			t.Errorf("%s: %+v", tt.name, c)
		}
		a := w.store.channels[page]
		if a.State != channel.Working || a.Reason != "" || len(a.Cursors) != tt.cursors || !a.ConnectedAt.Equal(w.now.Add(-tt.from)) || w.store.grants[page].Rev != 5 {
			t.Errorf("%s: %+v, %+v", tt.name, a, w.store.grants[page])
		}
	}
}

// A word is good once: who dies after using it fails, who dies before it does not, and nobody is connected by half.
func TestConnect_CrashPoints(t *testing.T) {
	w, _, _ := connecting(t, channel.OAuth2)
	w.goOn()
	w.back("palabra")
	n := 0
	w.store.before = func(c ticket.Change) error {
		if n++; n == 1 {
			return fault.New(fault.Conflict, "test", ticket.ErrStale) // somebody renewed at this moment
		}
		if n == 2 {
			return fault.New(fault.Transient, "test", nil)
		}
		return nil
	}
	cause := outbox.ConnectionCause("estado")
	m := outbox.New("connect-9", outbox.Connect, cause, "", cause, w.now)
	w.store.messages[m.Ref()] = m
	if err := w.handle(m); !fault.Is(err, fault.Transient) || len(w.store.grants) != 0 || len(w.store.channels) != 0 {
		t.Errorf("%v, %v", err, w.store.grants)
	}
	if err := w.handle(m); err != nil || w.store.connections["estado"].Step != channel.StepDone || len(w.store.grants) != 1 {
		t.Errorf("%v, %+v", err, w.store.connections["estado"])
	}
	w, _, _ = connecting(t, channel.OAuth2)
	w.goOn()
	w.back("palabra")
	w.keys.sealing = fault.New(fault.Transient, "test", nil) // the secret cannot be read now
	w.store.messages[m.Ref()] = m
	if err := w.handle(m); !fault.Is(err, fault.Transient) || w.store.connections["estado"].Step != channel.StepCode {
		t.Errorf("%v, %+v", err, w.store.connections["estado"])
	}
}
