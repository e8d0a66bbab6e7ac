package fetch_test

import (
	"bytes"
	"context"
	crypt "crypto/rand"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/access"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/fetch"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// real is a worker over the real store and the real keeper of keys, with a network, an inbox and a host of media by script.
type real struct {
	*worker.World
	net      *network
	inbox    *inbox
	host     *host
	files    *files
	provider *provider
	fetch    *fetch.Worker
	hold     func() // before a key is given
}

// vault is the real keeper, and says why there is no key.
type vault struct {
	*access.Keeper
	hold func()
}

func (v vault) Access(ctx context.Context, ref channel.Ref) (channel.Access, error) {
	v.hold()
	return v.Keeper.Access(ctx, ref)
}

func (vault) Reason(err error) string {
	if fault.Is(err, fault.Denied) {
		return channel.ReasonAuth
	}
	return ""
}

func newReal(t *testing.T) *real {
	t.Helper()
	w := &real{World: worker.New(t), net: newNetwork(), inbox: &inbox{}, host: &host{}, files: &files{held: map[string][]byte{}}, provider: &provider{}}
	w.hold = func() {}
	keeper := vault{hold: func() { w.hold() }, Keeper: access.New(access.Config{
		Store: w.Store, Key: func(context.Context) ([]byte, error) { return bytes.Repeat([]byte{7}, 32), nil },
		Random: crypt.Reader, Clock: w.Clock,
	})}
	all := fetch.Network{Reader: w.net, Provider: w.provider, Lists: []string{"feed"}}
	w.fetch = fetch.New(fetch.Config{
		Channels: w.Store, Cases: w.Store, Posts: w.Store, Connections: w.Store, Keys: keeper, Vault: keeper, Brought: keeper, Inbox: w.inbox,
		Networks: map[mention.Network]fetch.Network{mention.Facebook: all, mention.LinkedIn: all}, Downloads: w.host, Files: w.files,
		Back:     func(_ context.Context, e mention.Event) (mention.Event, error) { return e, nil },
		Callback: func(mention.Network) string { return "https://gestor.example.invalid/" },
		Day:      func(at time.Time) string { return at.Format(time.DateOnly) },
		Jitter:   rand.Float64,
	})
	w.Restart(w.fetch)
	grant, err := keeper.Grant(t.Context(), page, channel.Tokens{Method: channel.ByHand, Access: "llave"})
	if err != nil {
		t.Fatal(err)
	}
	c := channel.Channel{Ref: page, State: channel.Working, ConnectedAt: w.Clock().Add(-time.Hour), Rev: 1}
	if err := w.Store.Commit(t.Context(), ticket.Change{Channel: &c, Grant: &grant}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *real) account() channel.Channel {
	w.Helper()
	c, found, err := w.Store.Channel(w.Context(), page)
	if err != nil || !found {
		w.Fatal(err)
	}
	return c
}

func consulta() classify.Result {
	return classify.Result{Intent: classify.Consulta, Probabilities: map[classify.Intent]float64{classify.Consulta: 1}}
}

// Whatever crashes, what was missing is in the inbox before the place is written, and a look at the same time does no harm.
func TestReal_Look(t *testing.T) {
	for name, crash := range map[string]func(ticket.Change) error{
		"nothing":          nil,
		"before the claim": worker.Once(func(c ticket.Change) bool { return c.Channel != nil && c.Channel.Called.IsZero() }),
		"before the end":   worker.Once(func(c ticket.Change) bool { return c.Channel != nil && !c.Channel.Called.IsZero() }),
	} {
		t.Run(name, func(t *testing.T) {
			w := newReal(t)
			w.net.lists["feed"] = []mention.Event{{
				Outcome: mention.Interaction, Network: page.Network, Kind: mention.Comment, Key: "7_1", Account: page.Account, Text: "texto", At: w.Clock().Add(-30 * time.Minute),
			}}
			w.Store.Set(crash, nil)
			err := w.fetch.Look(t.Context(), w.Clock())
			if (err != nil) != (crash != nil) {
				t.Errorf("first look: %v", err)
			}
			if c := w.account(); c.Cursors["feed"] != "" && len(w.inbox.held) == 0 {
				t.Errorf("the place is past what is not in the inbox: %+v", c)
			}
			w.At(w.Clock().Add(5 * time.Minute))
			if err := w.fetch.Look(t.Context(), w.Clock()); err != nil {
				t.Fatal(err)
			}
			if got := keysOf(w.inbox.events(t)); len(got) == 0 || got[0] != "7_1" {
				t.Errorf("brought %v", got)
			}
			if c := w.account(); c.Cursors["feed"] != "1" || c.Failed != "" || !c.Listed.Equal(w.Clock()) {
				t.Errorf("after it: %+v", c)
			}
		})
	}
}

// Of two who would look at one account at the same instant, one does.
func TestReal_TwoLooks(t *testing.T) {
	w := newReal(t)
	read, write, calling, goOn, ended := make(chan bool), make(chan bool), make(chan bool, 2), make(chan bool), make(chan error, 2)
	w.hold = func() { calling <- true; <-goOn }
	w.Store.Set(func(c ticket.Change) error {
		if c.Channel != nil && c.Channel.Called.IsZero() {
			read <- true // both know the account as it is
			<-write
		}
		return nil
	}, nil)
	for range 2 {
		go func() { ended <- w.fetch.Look(t.Context(), w.Clock()) }()
	}
	<-read
	<-read
	close(write)
	<-calling
	select {
	case <-calling:
		t.Error("both look")
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
		ended <- nil
	}
	close(goOn)
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// Media of a direct message are copied with crashes anywhere: once in the mention, and the bitácora of the case stays as it is.
func TestReal_Media(t *testing.T) {
	dm := func(e *mention.Event) {
		e.Kind, e.Attachments = mention.DM, []mention.Attachment{{Type: "image", URL: "https://cdn.example.invalid/a"}}
	}
	for name, set := range map[string]func(w *real){
		"nothing": func(*real) {},
		"before":  func(w *real) { w.Store.Set(worker.Once(worker.Settles), nil) },
		"after":   func(w *real) { w.Store.Set(nil, worker.Once(worker.Settles)) },
	} {
		w := newReal(t)
		c := w.Open("texto", consulta(), ticket.DefaultPolicy(), dm)
		set(w)
		w.Work(6, func(int) []outbox.Message { return w.Waiting(c.Ticket.ID) }, func(_ int, m outbox.Message) error { return w.Handle(m) })
		s := w.Proven(c.Ticket.ID)
		a := s.Mentions[0].Attachments[0]
		if a.Stored == "" || len(w.files.held) != 1 || s.Ticket.Version != 1 || s.Mentions[0].Rev != 2 || len(w.Waiting(c.Ticket.ID)) != 0 {
			t.Errorf("%s: %+v, version %d", name, a, s.Ticket.Version)
		}
	}
}

// LinkedIn's words go in time, whoever crashes meanwhile; the case and its class stay.
func TestReal_Forget(t *testing.T) {
	linkedIn := func(e *mention.Event) {
		e.Network, e.Account, e.At = mention.LinkedIn, "urn:li:organization:1", e.At.Add(time.Hour)
	}
	for name, set := range map[string]func(w *real){
		"nothing": func(*real) {},
		"before":  func(w *real) { w.Store.Set(worker.Once(worker.Settles), nil) },
		"after":   func(w *real) { w.Store.Set(nil, worker.Once(worker.Settles)) },
	} {
		w := newReal(t)
		c := w.Open("palabras de la persona", consulta(), ticket.DefaultPolicy(), linkedIn)
		set(w)
		w.Work(8, func(int) []outbox.Message { return w.Waiting(c.Ticket.ID) }, func(_ int, m outbox.Message) error { return w.Handle(m) })
		s := w.Proven(c.Ticket.ID)
		if s.Mentions[0].Text != "" || s.Ticket.Citizen.Name != "" || s.Ticket.Excerpt != "" || s.Ticket.Intent.Final != classify.Consulta || len(w.Waiting(c.Ticket.ID)) != 0 {
			t.Errorf("%s: %+v of %+v", name, s.Mentions[0], s.Ticket.Citizen)
		}
		if w.Clock().Before(worker.Noon().Add(48 * time.Hour)) {
			t.Errorf("%s: gone before its time, at %s", name, w.Clock())
		}
	}
	w := newReal(t)
	m := outbox.New("gone", outbox.Forget, "01NADIE", "k", "g", w.Clock())
	if err := w.Store.Commit(t.Context(), ticket.Change{Send: []outbox.Message{m}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Handle(m); err != nil || len(w.Waiting("01NADIE")) != 0 {
		t.Errorf("a case that is kept no longer: %v", err)
	}
}

// An account is connected as a whole: keys, account, the end of the connection and of its message, or nothing of it.
func TestReal_Connect(t *testing.T) {
	w := newReal(t)
	now := w.Clock()
	begun, err := channel.Begin("estado", channel.Wanted{Network: page.Network, Method: channel.ByHand, Account: "100000000000009", Token: "pegada", By: "supervisor"}, now)
	if err != nil {
		t.Fatal(err)
	}
	keeper := access.New(access.Config{Key: func(context.Context) ([]byte, error) { return bytes.Repeat([]byte{7}, 32), nil }, Random: strings.NewReader("doce y algo más")})
	if begun.Code, err = keeper.Seal(t.Context(), "estado", []byte(`{"token":"pegada"}`)); err != nil {
		t.Fatal(err)
	}
	cause := outbox.ConnectionCause("estado")
	m := outbox.New("connect-estado-1", outbox.Connect, cause, "", cause, now)
	if err := w.Store.Commit(t.Context(), ticket.Change{Connection: &begun, Send: []outbox.Message{m}}); err != nil {
		t.Fatal(err)
	}
	ref := channel.Ref{Network: page.Network, Account: "100000000000009"}
	w.Crashes(m, worker.Once(worker.Settles), nil)
	if _, found, err := w.Store.Channel(t.Context(), ref); found || err != nil {
		t.Errorf("connected by half: %v", err)
	}
	w.AllAtOnce(m)
	c, _, err := w.Store.Connection(t.Context(), "estado")
	if err != nil || c.Step != channel.StepDone || c.Code != "" {
		t.Errorf("%+v, %v", c, err)
	}
	a, found, err := w.Store.Channel(t.Context(), ref)
	if !found || err != nil || a.State != channel.Working || a.Rev != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	g, found, err := w.Store.Grant(t.Context(), ref)
	if !found || err != nil || g.Rev != 1 || strings.Contains(g.Sealed, "pegada") {
		t.Errorf("%+v, %v", g, err)
	}
	if left := w.Waiting(cause); len(left) != 0 {
		t.Errorf("left %+v", left)
	}
}
