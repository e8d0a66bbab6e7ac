package main_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// seenAccount is an account of ours as the API shows it, as far as the tests look.
type seenAccount struct {
	Network, Account, Name, State, Level, Reason string
	Version, Repaired                            int
	Missing                                      []struct{ Right string }
	Troubles                                     []struct{ Code, What string }
	Subscriptions                                []struct {
		Name    string
		Working bool
	}
}

// accountOf gives an account of ours; one that nobody knows is empty.
func (w *whole) accountOf(network, account string) seenAccount {
	w.t.Helper()
	var page struct{ Items []seenAccount }
	if status := w.ask("GET", w.base+"/api/v1/channels", nil, &page, w.as("supervisor")...); status != http.StatusOK {
		w.t.Fatalf("the accounts: %d", status)
	}
	for _, c := range page.Items {
		if c.Network == network && (c.Account == account || account == "" && c.State != "unconnected") {
			return c
		}
	}
	return seenAccount{}
}

// do does something with an account, or begins to connect one.
func (w *whole) do(path string, body, out any) {
	w.t.Helper()
	key := fmt.Sprintf("%d", time.Now().UnixNano())
	if status := w.ask("POST", w.base+"/api/v1/"+path, body, out, append(w.as("supervisor"), "Idempotency-Key", key)...); status/100 != 2 {
		w.t.Fatalf("%s: %d", path, status)
	}
}

// look has an account looked at now, and waits until it is as wanted.
func (w *whole) look(network, want string) {
	w.t.Helper()
	c := w.accountOf(network, "")
	w.do("channels/"+network+"/"+c.Account+"/look", anything{"version": c.Version}, nil)
	w.until(network+" is "+want, func() bool { return w.accountOf(network, c.Account).State == want })
}

// later moves the clock on, as far as it has been moved before and so much more.
func (w *whole) later(by time.Duration) {
	w.t.Helper()
	if status := w.ask("POST", w.base+"/local/tick", anything{"at": w.now().Add(by).UTC().Format(time.RFC3339)}, nil); status != http.StatusOK {
		w.t.Fatalf("tick: %d", status)
	}
}

// now is what the local clock shows.
func (w *whole) now() time.Time {
	w.t.Helper()
	var now struct{ At time.Time }
	if status := w.ask("GET", w.sim+"/sim/clock", nil, &now); status != http.StatusOK || now.At.IsZero() {
		w.t.Fatalf("the clock: %d %v", status, now)
	}
	return now.At
}

// set tells the simulator to do something with a network.
func (w *whole) set(path string, body, out any) {
	w.t.Helper()
	if status := w.ask("POST", w.sim+"/sim/"+path, body, out); status/100 != 2 {
		w.t.Fatalf("%s: %d", path, status)
	}
}

// connecting is what a connection looks like to who makes it.
type connecting struct {
	ID, Step, URL, Account, Reason string
	Choices                        []struct{ Account string }
	Missing                        []struct{ Right string }
}

// connect connects an account as a person does: begins, says yes or no at the network, comes back, and chooses.
func (w *whole) connect(network, account string, answer anything) connecting {
	w.t.Helper()
	var c connecting
	w.do("channels/"+network+"/connect", anything{}, &c)
	reach := func(what string, is func() bool) {
		w.until("connecting "+network+": "+what, func() bool {
			if status := w.ask("GET", w.base+"/api/v1/connections/"+c.ID, nil, &c, w.as("supervisor")...); status != http.StatusOK {
				w.t.Fatalf("the connection: %d", status)
			}
			return is() || c.Step == "failed"
		})
	}
	reach("where to go", func() bool { return c.URL != "" })
	var back struct{ Redirect string }
	answer["url"] = c.URL
	w.set(network+"/consent", answer, &back)
	// A browser follows into the console; what it gets there is no matter of this test.
	if status := w.ask("GET", back.Redirect, nil, nil); status != http.StatusOK {
		w.t.Errorf("%s: who comes back is answered %d", network, status)
	}
	reach("what came of it", func() bool { return c.Step == "done" || c.Step == "choose" })
	if c.Step == "choose" {
		if !slices.ContainsFunc(c.Choices, func(o struct{ Account string }) bool { return o.Account == account }) {
			w.t.Errorf("%s: %q is not among %+v", network, account, c.Choices)
		}
		w.do("connections/"+c.ID+"/choose", anything{"account": account}, nil)
		reach("the end", func() bool { return c.Step == "done" })
	}
	return c
}

// TestAccounts_Connect: a second account of each network is connected by the network's own page, a right that the person
// leaves out is missed, a no is a no, and nothing of the keys is seen by anybody.
func TestAccounts_Connect(t *testing.T) {
	w := start(t)
	tests := []struct{ network, account, without, beside string }{
		{"facebook", "100000000000002", "pages_messaging", ""},
		{"instagram", "100000000000012", "instagram_manage_messages", "100000000000002"}, // it hangs on its page
		{"whatsapp", "100000000000042", "", ""},
		{"x", "1000000000000000022", "dm.read", ""},
		{"linkedin", "urn:li:organization:1000032", "w_organization_social_feed", ""},
	}
	for _, tt := range tests {
		if c := w.connect(tt.network, tt.account, anything{"no": true}); c.Step != "failed" || c.Reason != "rechazada" {
			t.Errorf("%s: after a no it is %s (%s)", tt.network, c.Step, c.Reason)
		}
		given := []string{tt.account}
		if tt.beside != "" {
			given = append(given, tt.beside)
		}
		answer := anything{"accounts": given}
		if tt.without != "" {
			answer["without"] = []string{tt.without}
		}
		c := w.connect(tt.network, tt.account, answer)
		if c.Step != "done" || c.Account != tt.account {
			t.Errorf("%s: %+v", tt.network, c)
			continue
		}
		a := w.accountOf(tt.network, tt.account)
		if a.State != "ok" || a.Name == "" || len(a.Subscriptions) == 0 && tt.network != "whatsapp" {
			t.Errorf("%s: %+v", tt.network, a)
		}
		misses := func(all []struct{ Right string }) bool {
			return slices.ContainsFunc(all, func(m struct{ Right string }) bool { return m.Right == tt.without })
		}
		if tt.without != "" && !(misses(a.Missing) && misses(c.Missing)) {
			t.Errorf("%s: without %s it misses %v, and who connected it was told %v", tt.network, tt.without, a.Missing, c.Missing)
		}
	}
	w.nowhere("sim-")
}

// nowhere holds that no file of the system but the simulator's own has a word in it, as every key of the simulated networks
// begins: not the tables, the queues, the objects, nor the logs.
func (w *whole) nowhere(word string) {
	w.t.Helper()
	seen := 0
	err := filepath.WalkDir(w.data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && path == filepath.Join(w.data, "sim") {
			return cmp.Or(err, fs.SkipDir)
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		seen++
		raw, err := os.ReadFile(path)
		if bytes.Contains(raw, []byte(word)) {
			w.t.Errorf("%s stands in %s", word, path)
		}
		return err
	})
	if err != nil || seen < 5 {
		w.t.Errorf("%d files read, %v", seen, err)
	}
}

// TestAccounts_KeyDies: a key that the network takes away stops its account within five minutes and no other one, answers
// wait instead of being refused, and leave when the account is well again.
func TestAccounts_KeyDies(t *testing.T) {
	w := start(t, "GESTOR_ESCALATE_UNDO=10m")
	w.look("facebook", "ok")
	c := w.find("ejecutivo1", w.write("comment", "Persona Ficticia Rojas", "¿Cuándo abren las postulaciones?"))
	w.set("facebook/token", anything{"state": "revoked"}, nil)
	w.later(5 * time.Minute)
	w.until("the account stands still", func() bool {
		a := w.accountOf("facebook", "")
		return a.State == "paused" && a.Reason == "auth" && a.Level == "mal"
	})
	for _, other := range []string{"x", "linkedin", "whatsapp"} { // Instagram's key is its page's
		if a := w.accountOf(other, ""); a.State != "ok" {
			t.Errorf("%s is %s (%s) too", other, a.State, a.Reason)
		}
	}
	w.until("people are told", func() bool {
		return slices.ContainsFunc(w.mail(), func(l letter) bool { return strings.Contains(l.Subject, "Facebook está en pausa") }) && len(w.stopped()) == 2 // Instagram's key is its page's
	})
	c = w.insist("ejecutivo1", c.ID, "claim", nil)
	w.must("ejecutivo1", c, "reply", anything{"visibility": "public", "text": "Hola. Abren el lunes 30 de noviembre."})
	w.until("the answer waits", func() bool {
		r := w.get("ejecutivo1", c.ID).Replies[0]
		return r.State == "planned" && r.Reason == "channel_paused"
	})
	w.set("facebook/token", anything{"state": "ok"}, nil)
	w.look("facebook", "ok")
	w.later(2 * time.Minute)
	w.until("the answer left", func() bool { return w.get("ejecutivo1", c.ID).Replies[0].State == "sent" })
	if n := len(w.said()); n != 1 {
		t.Errorf("%d answers were published", n)
	}
	if left := w.stopped(); slices.ContainsFunc(left, func(ref string) bool { return strings.HasPrefix(ref, "facebook/") }) {
		t.Errorf("it goes on, and people are still shown %v", left)
	}
}

// stopped gives the accounts that people are shown as standing still.
func (w *whole) stopped() []string {
	w.t.Helper()
	var page struct {
		Items []struct{ Kind, Channel string }
	}
	if status := w.ask("GET", w.base+"/api/v1/attention?limit=200", nil, &page, w.as("supervisor")...); status != http.StatusOK {
		w.t.Fatalf("attention: %d", status)
	}
	var out []string
	for _, m := range page.Items {
		if m.Kind == "account_paused" {
			out = append(out, m.Channel)
		}
	}
	return out
}

// TestAccounts_KeysAreRenewed: X's key lives for two hours and each renewal burns the one before; a day of them goes by, with
// people who write and are answered, and no renewal is refused.
func TestAccounts_KeysAreRenewed(t *testing.T) {
	w := start(t, "GESTOR_ESCALATE_UNDO=10m")
	if c := w.connect("x", w.accountOf("x", "").Account, anything{}); c.Step != "done" {
		t.Fatalf("%+v", c)
	}
	var keys struct{ Renewals, Refused int }
	for hour := range 5 {
		w.later(100 * time.Minute)
		mark := fmt.Sprintf("marca%dx", hour)
		w.set("x/messages", anything{"author": "persona" + mark, "name": "Persona Ficticia", "text": "@SENCE_simulado ¿dónde me inscribo? " + mark, "kind": "mention"}, nil)
		c := w.must("ejecutivo1", w.opened("x", "mention", mark), "claim", nil)
		w.must("ejecutivo1", c, "reply", anything{"visibility": "public", "text": "Hola. En nuestro sitio. " + mark})
		w.until("the answer on X", func() bool { return w.get("ejecutivo1", c.ID).Replies[0].State == "sent" })
		if status := w.ask("GET", w.sim+"/sim/x/token", nil, &keys); status != http.StatusOK {
			t.Fatalf("the keys of X: %d", status)
		}
		if keys.Renewals != hour+1 || keys.Refused != 0 {
			t.Errorf("after %d steps %d renewals, %d refused", hour+1, keys.Renewals, keys.Refused)
		}
	}
	if a := w.accountOf("x", ""); a.State != "ok" {
		t.Errorf("X is %s (%s)", a.State, a.Reason)
	}
}
