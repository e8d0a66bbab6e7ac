package desk_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// account is the part of a channel the tests look at.
type account struct {
	Network, Account, Name, State, Level, Reason, By string
	Version, Backlog                                 int
	Troubles                                         []struct{ Code, What string }
	Missing                                          []struct{ Right, What string }
	CostToday                                        *struct{ USD, Limit float64 }
	May                                              map[string]ticket.Option
}

func facebook() channel.Ref { return channel.Ref{Network: mention.Facebook, Account: page} }

// known stores what is known of an account.
func (w *world) known(c channel.Channel) channel.Channel {
	w.Helper()
	c.Rev = 1
	w.commit(ticket.Change{Channel: &c})
	return c
}

func (w *world) commit(c ticket.Change) {
	w.Helper()
	if err := w.store.Store.Commit(context.WithoutCancel(w.Context()), c); err != nil {
		w.Fatal(err)
	}
}

func (w *world) stored(ref channel.Ref) channel.Channel {
	w.Helper()
	c, found, err := w.store.Channel(context.WithoutCancel(w.Context()), ref)
	if err != nil || !found {
		w.Fatalf("%s: found %t, %v", ref, found, err)
	}
	return c
}

func (w *world) accounts(user string) []account {
	w.Helper()
	return read[struct{ Items []account }](w, w.ask("GET", "/api/v1/channels", user, "")).Items
}

// due gives what waits to be done of a topic.
func (w *world) due(topic outbox.Topic) []outbox.Message {
	w.Helper()
	all, err := w.store.Due(context.WithoutCancel(w.Context()), w.clock().Add(time.Hour), 0)
	if err != nil {
		w.Fatal(err)
	}
	return slices.DeleteFunc(all, func(m outbox.Message) bool { return m.Topic != topic })
}

func (w *world) actOn(user string, ref channel.Ref, action string, version int) answer {
	w.Helper()
	path := "/api/v1/channels/" + string(ref.Network) + "/" + ref.Account + "/" + action
	return w.ask("POST", path, user, fmt.Sprintf(`{"version":%d}`, version), "Idempotency-Key", w.key())
}

// connects tells whether a user may connect accounts and act on them: all of it, or nothing.
func (w *world) connects(user string) string {
	w.Helper()
	begin := w.yesOr(w.ask("POST", "/api/v1/channels/facebook/connect", user, "{}", "Idempotency-Key", w.key()), http.StatusAccepted)
	c := w.known(channel.Channel{Ref: channel.Ref{Network: mention.Facebook, Account: "2" + w.key()[len("clave-"):]}, State: channel.Working})
	for _, act := range []string{"look", "pause", "resume", "close"} {
		if got := w.yes(w.actOn(user, c.Ref, act, w.stored(c.Ref).Rev)); got != begin {
			w.Errorf("%s connects: %s, and %s: %s", user, begin, act, got)
		}
	}
	return begin
}

// yesOr is yes for an act that answers another status when it is done.
func (w *world) yesOr(a answer, done int) string {
	w.Helper()
	if a.status == done {
		return "yes"
	}
	return w.yes(a)
}

// Every account of ours is there, connected or not, and every network; in the order of the networks.
func TestChannels_List(t *testing.T) {
	w := newWorld(t)
	w.known(channel.Channel{
		Ref: channel.Ref{Network: mention.X, Account: "111"}, Name: "SENCE", State: channel.Working, ConnectedAt: noon(),
		Missing: []string{"dm.write"}, Usage: channel.Usage{Share: 0.8, Until: noon().Add(time.Minute), At: noon()},
	})
	w.known(channel.Channel{Ref: channel.Ref{Network: mention.Facebook, Account: "999"}, State: channel.Paused, Reason: channel.ReasonAuth, Since: noon()})
	w.commit(ticket.Change{Spend: &channel.Spend{Ref: channel.Ref{Network: mention.X, Account: "111"}, Day: "2026-11-23", Micros: map[string]int64{"post": 1_250_000}}})
	for i, m := range []outbox.Message{
		outbox.New("m1", outbox.Publish, "01T", "r1", "g", noon()), outbox.New("m2", outbox.Act, "01T", "a1", "g", noon().Add(5*time.Hour)),
		outbox.New("m3", outbox.Publish, "01T", "r2", "g", noon().Add(48*time.Hour)), outbox.New("m4", outbox.Look, "channel:facebook/999", "", "g", noon()),
		outbox.New("m5", outbox.Publish, "01T", "r3", "g", noon()),
	} {
		if m.Channel = "facebook/999"; i == 4 {
			m.Channel = ""
		}
		w.commit(ticket.Change{Send: []outbox.Message{m}})
	}
	all := w.accounts("ejecutivo1")
	var names []string
	for _, a := range all {
		names = append(names, a.Network+"/"+a.Account+" "+a.State+" "+a.Level)
	}
	want := []string{
		"facebook/" + page + " unconnected ninguno", "facebook/999 paused mal", "instagram/ none ninguno", "x/111 ok atencion",
		"linkedin/urn:li:organization:2414183 unconnected ninguno", "whatsapp/ none ninguno",
	}
	if !slices.Equal(names, want) {
		t.Errorf("channels\n%s\nwant\n%s", strings.Join(names, "\n"), strings.Join(want, "\n"))
	}
	if all[1].Backlog != 2 || all[0].Backlog != 0 {
		t.Errorf("what waits: %d, %d", all[1].Backlog, all[0].Backlog)
	}
	if x := all[3]; x.CostToday == nil || x.CostToday.USD != 1.25 || x.CostToday.Limit != 5 || len(x.Missing) != 1 || x.Missing[0].Right != "dm.write" {
		t.Errorf("X: %+v", x)
	}
	if all[1].CostToday != nil {
		t.Error("Facebook costs money")
	}
	for _, a := range all {
		if len(a.May) != 5 {
			t.Errorf("%s: may has %d acts", a.Network, len(a.May))
		}
		for act, option := range a.May {
			if option.Allowed || option.Why == "" {
				t.Errorf("ejecutivo1, %s %s: %+v", a.Network, act, option)
			}
		}
	}
}

// What may says is what is let be done; a late or repeated click does nothing twice.
func TestChannels_Act(t *testing.T) {
	w := newWorld(t)
	for state, c := range map[string]channel.Channel{
		"ok": {State: channel.Working}, "by hand": {State: channel.Paused, Reason: channel.ReasonByHand}, "auth": {State: channel.Paused, Reason: channel.ReasonAuth},
		"closed": {State: channel.Closed},
	} {
		for _, act := range []string{"pause", "resume", "look", "close"} {
			c.Ref = channel.Ref{Network: mention.Instagram, Account: w.key()}
			w.known(c)
			all := w.accounts("supervisor")
			at := slices.IndexFunc(all, func(a account) bool { return a.Account == c.Account })
			option := all[at].May[act]
			a := w.actOn("supervisor", c.Ref, act, 1)
			if did := a.status == http.StatusOK; did != option.Allowed || !did && a.status != http.StatusConflict {
				t.Errorf("%s, %s: may is %+v, and the act answers %d %s", state, act, option, a.status, a.body)
			}
			if !all[at].May["connect"].Allowed {
				t.Errorf("%s cannot be connected anew", state)
			}
		}
	}
	ref := facebook()
	if a := w.actOn("supervisor", ref, "pause", 0); a.status != http.StatusConflict {
		t.Errorf("what nobody connected is paused: %d %s", a.status, a.body)
	}
	w.known(channel.Channel{Ref: ref, State: channel.Working})
	if a := w.actOn("supervisor", ref, "pause", 1); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if c := w.stored(ref); c.State != channel.Paused || c.Reason != channel.ReasonByHand || c.By != "supervisor" || c.Rev != 2 {
		t.Errorf("paused: %+v", c)
	}
	late := w.actOn("supervisor", ref, "resume", 1)
	if got := read[struct{ Channel *account }](w, late); late.status != http.StatusConflict || got.Channel == nil || got.Channel.Version != 2 || got.Channel.State != "paused" {
		t.Errorf("late: %d %s", late.status, late.body)
	}
	before := len(w.due(outbox.Look))
	for range 2 { // the same click
		a := w.ask("POST", "/api/v1/channels/facebook/"+page+"/resume", "supervisor", `{"version":2}`, "Idempotency-Key", "una vez")
		if a.status != http.StatusOK || read[account](w, a).Version != 3 {
			t.Errorf("resume: %d %s", a.status, a.body)
		}
	}
	looks := w.due(outbox.Look)
	if len(looks) != before+1 {
		t.Errorf("%d looks for one click", len(looks)-before)
	}
	if !slices.ContainsFunc(looks, func(m outbox.Message) bool { return m.Channel == ref.String() && m.Ticket == "channel:"+ref.String() }) {
		t.Errorf("looks: %+v", looks)
	}
	if c := w.stored(ref); c.State != channel.Working || c.Rev != 3 {
		t.Errorf("resumed: %+v", c)
	}
	if log := w.log.String(); !strings.Contains(log, `"msg":"channel act","channel":"`+ref.String()+`","act":"resume","actor":"supervisor"`) {
		t.Errorf("nobody wrote it down: %s", log)
	}
}

func TestChannels_Refusals(t *testing.T) {
	w := newWorld(t)
	w.known(channel.Channel{Ref: facebook(), State: channel.Working})
	path := "/api/v1/channels/facebook/" + page + "/"
	for _, tt := range []struct {
		name, path, key, body string
		status                int
		campo                 string
	}{
		{"no key", path + "pause", "", `{"version":1}`, 400, ""},
		{"no JSON", path + "pause", "k1", `{`, 400, ""},
		{"no version", path + "pause", "k2", `{}`, 422, "version"},
		{"an act of nobody", path + "explotar", "k3", `{"version":1}`, 404, ""},
		{"an account of nobody", "/api/v1/channels/facebook/5/pause", "k4", `{"version":0}`, 404, ""},
		{"a network of nobody", "/api/v1/channels/orkut/5/pause", "k5", `{"version":0}`, 404, ""},
		{"connect on a network of nobody", "/api/v1/channels/orkut/connect", "k6", `{}`, 422, "network"},
		{"connect by a way of nobody", "/api/v1/channels/facebook/connect", "k7", `{"method":"oauth1"}`, 422, "method"},
		{"a key of no account", "/api/v1/channels/facebook/connect", "k8", `{"method":"manual","token":"secreto-pegado"}`, 422, "account"},
		{"half a key", "/api/v1/channels/facebook/connect", "k9", `{"method":"manual","account":"1","token":"secreto-pegado "}`, 422, "token"},
		{"choose in what is no connection", "/api/v1/connections/nada/choose", "k10", `{"account":"1"}`, 404, ""},
	} {
		headers := []string{"Idempotency-Key", tt.key}
		if tt.key == "" {
			headers = nil
		}
		a := w.ask("POST", tt.path, "supervisor", tt.body, headers...)
		if got := read[refusal](w, a); a.status != tt.status || got.Campo != tt.campo || got.Detail == "" {
			t.Errorf("%s: %d %s", tt.name, a.status, a.body)
		}
		if strings.Contains(string(a.body)+w.log.String(), "secreto-pegado") {
			t.Errorf("%s: the key is told", tt.name)
		}
	}
	if c := w.stored(facebook()); c.Rev != 1 {
		t.Errorf("something was done: %+v", c)
	}
	w.store.set(func(ticket.Change) error { return fault.New(fault.Transient, "prueba", nil) })
	if a := w.actOn("supervisor", facebook(), "pause", 1); a.status != http.StatusServiceUnavailable {
		t.Errorf("store down: %d %s", a.status, a.body)
	}
}

// Of two who act on one account at once, one is told how it is now.
func TestChannels_Race(t *testing.T) {
	w := newWorld(t)
	w.known(channel.Channel{Ref: facebook(), State: channel.Working})
	var wg sync.WaitGroup
	answers := make([]answer, 6)
	for i := range answers {
		user := []string{"supervisor", "jefatura", "ti"}[i%3]
		wg.Go(func() {
			answers[i] = w.fetch("POST", "/api/v1/channels/facebook/"+page+"/pause", user, `{"version":1}`, "Idempotency-Key", fmt.Sprint("carrera", i))
		})
	}
	wg.Wait()
	won := 0
	for _, a := range answers {
		switch {
		case a.status == http.StatusOK:
			won++
		case a.status != http.StatusConflict:
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if won != 1 || w.stored(facebook()).Rev != 2 {
		t.Errorf("%d won, rev %d", won, w.stored(facebook()).Rev)
	}
}
