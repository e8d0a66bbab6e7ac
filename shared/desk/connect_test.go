package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// connection is the part of a connection the tests look at.
type connection struct {
	ID, Network, Method, Step, URL, Account, Reason string
	Choices                                         []channel.Choice
	Missing                                         []struct{ Right, What string }
}

// begun begins a connection as the supervisor.
func (w *world) begun(body string) connection {
	w.Helper()
	a := w.ask("POST", "/api/v1/channels/facebook/connect", "supervisor", body, "Idempotency-Key", w.key())
	if a.status != http.StatusAccepted {
		w.Fatalf("%d %s", a.status, a.body)
	}
	return read[connection](w, a)
}

func (w *world) storedConnection(id string) channel.Connection {
	w.Helper()
	c, found, err := w.store.Connection(context.WithoutCancel(w.Context()), id)
	if err != nil || !found {
		w.Fatalf("connection %s: found %t, %v", id, found, err)
	}
	return c
}

// works does what the worker does: changes the connection as it stands.
func (w *world) works(id string, change func(*channel.Connection)) {
	w.Helper()
	c := w.storedConnection(id)
	change(&c)
	c.Rev++
	w.commit(ticket.Change{Connection: &c})
}

func (w *world) polled(user, id string) (connection, int) {
	w.Helper()
	a := w.ask("GET", "/api/v1/connections/"+id, user, "")
	return read[connection](w, a), a.status
}

// From the first click to the account that is connected, with what only the worker knows kept to itself.
func TestConnect_Whole(t *testing.T) {
	w := newWorld(t)
	c := w.begun("{}")
	if c.Step != "begun" || c.Network != "facebook" || c.Method != "oauth2" || c.URL != "" {
		t.Errorf("begun: %+v", c)
	}
	held := w.storedConnection(c.ID)
	if held.By != "supervisor" || held.Redirect != "https://gestor.example/oauth/callback" {
		t.Errorf("stored: %+v", held)
	}
	sent := w.due(outbox.Connect)
	if len(sent) != 1 || sent[0].Ticket != "connection:"+c.ID || strings.Contains(sent[0].ID, c.ID) {
		t.Fatalf("sent: %+v", sent)
	}
	w.works(c.ID, func(c *channel.Connection) {
		c.URL, c.Verifier, c.Sealed = "https://red.example/permiso?state="+c.ID, "verificador-secreto", "sello-secreto"
	})
	shown, _ := w.polled("supervisor", c.ID)
	if !strings.HasPrefix(shown.URL, "https://red.example/") {
		t.Errorf("no address: %+v", shown)
	}
	back := w.fetch("GET", "/oauth/callback?state="+c.ID+"&code=palabra%20de%20la%20red", "", "")
	if back.status != http.StatusOK || !strings.Contains(string(back.body), "Vuelve a la consola") || strings.Contains(string(back.body), c.ID) {
		t.Errorf("back: %d %s", back.status, back.body)
	}
	if policy := back.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	if held = w.storedConnection(c.ID); held.Step != channel.StepCode || held.Code != "sellado("+c.ID+`,{"code":"palabra de la red"})` || held.Sealed != "sello-secreto" {
		t.Errorf("back: %+v", held)
	}
	if sent = w.due(outbox.Connect); len(sent) != 2 || sent[0].ID == sent[1].ID {
		t.Errorf("sent: %+v", sent)
	}
	if again := w.fetch("GET", "/oauth/callback?state="+c.ID+"&code=otra", "", ""); again.status != http.StatusConflict || !strings.Contains(string(again.body), "ya se usó") {
		t.Errorf("back twice: %d %s", again.status, again.body)
	}
	w.works(c.ID, func(c *channel.Connection) {
		c.Step, c.Choices = channel.StepChoose, []channel.Choice{{Account: page, Name: "SENCE"}, {Account: "2", Name: "Otra"}}
	})
	if a := w.ask("POST", "/api/v1/connections/"+c.ID+"/choose", "supervisor", `{"account":"3"}`, "Idempotency-Key", w.key()); a.status != http.StatusUnprocessableEntity {
		t.Errorf("chosen what is not there: %d %s", a.status, a.body)
	}
	for range 2 { // the same click
		a := w.ask("POST", "/api/v1/connections/"+c.ID+"/choose", "supervisor", `{"account":"`+page+`"}`, "Idempotency-Key", "elige")
		if got := read[connection](w, a); a.status != http.StatusOK || got.Account != page {
			t.Errorf("chosen: %d %s", a.status, a.body)
		}
	}
	if sent = w.due(outbox.Connect); len(sent) != 3 {
		t.Errorf("%d messages", len(sent))
	}
	w.works(c.ID, func(c *channel.Connection) { c.Step, c.Missing = channel.StepDone, []string{"pages_messaging"} })
	if shown, _ = w.polled("supervisor", c.ID); shown.Step != "done" || len(shown.Missing) != 1 || shown.Missing[0].Right != "pages_messaging" {
		t.Errorf("done: %+v", shown)
	}
	a := w.ask("GET", "/api/v1/connections/"+c.ID, "supervisor", "")
	for _, secret := range []string{"verificador-secreto", "sello-secreto", "palabra de la red"} {
		if strings.Contains(string(a.body)+w.log.String(), secret) {
			t.Errorf("%s is told", secret)
		}
	}
	if strings.Contains(w.log.String(), c.ID) {
		t.Error("the state stands in the log")
	}
}

// A connection is seen by who began it, and by nobody else; and it ends.
func TestConnect_WhoAndHowLong(t *testing.T) {
	w := newWorld(t)
	c := w.begun("{}")
	for user, want := range map[string]int{"jefatura": 404, "ti": 404, "ejecutivo1": 403, "supervisor": 200} {
		if _, status := w.polled(user, c.ID); status != want {
			t.Errorf("%s: %d", user, status)
		}
		if want == 200 {
			continue
		}
		a := w.ask("POST", "/api/v1/connections/"+c.ID+"/choose", user, `{"account":"1"}`, "Idempotency-Key", w.key())
		if a.status != want {
			t.Errorf("%s chooses: %d", user, a.status)
		}
	}
	w.pass(channel.Lifetime + time.Second)
	if _, status := w.polled("supervisor", c.ID); status != http.StatusNotFound {
		t.Errorf("after its end: %d", status)
	}
	if back := w.fetch("GET", "/oauth/callback?state="+c.ID+"&code=x", "", ""); back.status != http.StatusNotFound {
		t.Errorf("back after its end: %d", back.status)
	}
}

// A pasted key goes to the worker sealed, and is told to nobody.
func TestConnect_PastedKey(t *testing.T) {
	w := newWorld(t)
	c := w.begun(`{"method":"manual","account":"` + page + `","token":"EAAllave","secret":"otra"}`)
	held := w.storedConnection(c.ID)
	if c.Step != "code" || held.Code != "sellado("+c.ID+`,{"token":"EAAllave","secret":"otra"})` || held.Account != page || held.Method != channel.ByHand {
		t.Errorf("stored: %+v", held)
	}
	shown := w.ask("GET", "/api/v1/connections/"+c.ID, "supervisor", "")
	if strings.Contains(string(shown.body), "EAAllave") || strings.Contains(w.log.String(), "EAAllave") {
		t.Error("the key is told")
	}
	if back := w.fetch("GET", "/oauth/callback?state="+c.ID+"&code=x", "", ""); back.status != http.StatusConflict {
		t.Errorf("back from nowhere: %d", back.status)
	}
}

// What a network gives the person to bring, in all its forms.
func TestCallback_Forms(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		name, query string
		step        channel.Step
		code        string
		reason      string
	}{
		{"OAuth 2.0", "code=abc", channel.StepCode, "abc", ""},
		{"OAuth 1.0a", "oauth_token=t&oauth_verifier=def", channel.StepCode, "def", ""},
		{"the person said no", "error=access_denied&error_description=%3Cb%3Ex", channel.StepFailed, "", channel.ReasonRefused},
		{"the person said no to LinkedIn", "error=user_cancelled_authorize", channel.StepFailed, "", channel.ReasonRefused},
		{"the person said no to OAuth 1.0a", "denied=t", channel.StepFailed, "", channel.ReasonRefused},
		{"the network failed", "error=server_error&code=abc", channel.StepFailed, "", channel.ReasonNetwork},
		{"nothing", "", channel.StepFailed, "", channel.ReasonNetwork},
		{"far too much", "code=" + strings.Repeat("a", 4097), channel.StepFailed, "", channel.ReasonNetwork},
	} {
		c := w.begun("{}")
		before := len(w.due(outbox.Connect))
		a := w.fetch("GET", "/oauth/callback?state="+c.ID+"&"+tt.query, "", "")
		held := w.storedConnection(c.ID)
		code := ""
		if tt.code != "" {
			code = "sellado(" + c.ID + `,{"code":"` + tt.code + `"})`
		}
		if a.status != http.StatusOK || held.Step != tt.step || held.Code != code || held.Reason != tt.reason {
			t.Errorf("%s: %d, %+v", tt.name, a.status, held)
		}
		if more := len(w.due(outbox.Connect)) - before; (more == 1) != (tt.step == channel.StepCode) {
			t.Errorf("%s: %d messages", tt.name, more)
		}
		if strings.Contains(string(a.body), "<b>x") || !strings.Contains(string(a.body), "lang=\"es-CL\"") {
			t.Errorf("%s: %s", tt.name, a.body)
		}
	}
}

// A state of nobody, whatever it is, finds nothing and breaks nothing; what fails on our side can be tried again.
func TestCallback_States(t *testing.T) {
	w := newWorld(t)
	for _, state := range []string{"", "nada", strings.Repeat("a", 65), "a/b", "ñ", "\x00", "a#b", "' OR 1=1"} {
		if a := w.fetch("GET", "/oauth/callback?code=x&state="+url.QueryEscape(state), "", ""); a.status != http.StatusNotFound {
			t.Errorf("%q: %d", state, a.status)
		}
	}
	c := w.begun("{}")
	w.store.set(func(ticket.Change) error { return fault.New(fault.Transient, "prueba", nil) })
	if a := w.fetch("GET", "/oauth/callback?code=x&state="+c.ID, "", ""); a.status != http.StatusServiceUnavailable || !strings.Contains(string(a.body), "Inténtalo de nuevo") {
		t.Errorf("store down: %d %s", a.status, a.body)
	}
	w.store.set(nil)
	if a := w.fetch("GET", "/oauth/callback?code=indigerible&state="+c.ID, "", ""); a.status != http.StatusServiceUnavailable {
		t.Errorf("no seal: %d", a.status)
	}
	if a := w.fetch("GET", "/oauth/callback?code=x&state="+c.ID, "", ""); a.status != http.StatusOK {
		t.Errorf("again: %d %s", a.status, a.body)
	}
}
