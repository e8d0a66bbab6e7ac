package sim

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/whatsapp"
	"sence.gob.cl/gestor/shared/x"
)

// listener is what our system has for a network: the check of a signature, and the decoder.
type listener struct {
	verify func(context.Context, http.Header, []byte) error
	shake  func(context.Context, string) (string, string, error)
	decode func([]byte, mention.Accounts) []mention.Event
}

func listeners() map[string]listener {
	app := meta.NewInbound(func(context.Context) (meta.AppSecret, error) {
		return meta.AppSecret{AppSecret: testSecret, VerifyToken: "palabra"}, nil
	})
	xApp := x.NewInbound(func(context.Context) (x.Secret, error) { return x.Secret{ConsumerSecret: testSecret + "-x"}, nil })
	li := linkedin.NewInbound(func(context.Context) (linkedin.Secret, error) {
		return linkedin.Secret{ClientSecret: testSecret + "-li"}, nil
	})
	return map[string]listener{
		targetFacebook:  {app.Verify, app.Handshake, meta.Decode},
		targetInstagram: {app.Verify, app.Handshake, meta.DecodeInstagram},
		targetWhatsApp:  {app.Verify, app.Handshake, whatsapp.Decode},
		targetX:         {xApp.Verify, xApp.Handshake, x.Decode},
		targetLinkedIn:  {li.Verify, li.Handshake, linkedin.Decode},
	}
}

// on writes as a citizen on a network.
func (r *rig) on(network, body string) placed {
	r.t.Helper()
	return calls[placed](r, http.StatusOK, http.MethodPost, "/sim/"+network+"/messages", body)
}

// heard gives what our system understands of the n-th delivery of a network, whose signature must be right.
func (r *rig) heard(network string, n int) mention.Event {
	r.t.Helper()
	account, l := r.sim.account(network), listeners()[network]
	d := r.delivered("/webhooks/"+network, n)
	if err := l.verify(r.t.Context(), d.header, d.body); err != nil {
		r.t.Errorf("%s, delivery %d: %v", network, n, err)
	}
	events := l.decode(d.body, mention.Accounts{mention.Network(network): {account}})
	if len(events) != 1 {
		r.t.Fatalf("%s, delivery %d: %d events of %s", network, n, len(events), d.body)
	}
	if events[0].Account != account || string(events[0].Network) != network {
		r.t.Errorf("%s, delivery %d: for %s of %s, want %s", network, n, events[0].Account, events[0].Network, account)
	}
	return events[0]
}

// brief is what a test compares of an event.
type brief struct {
	Outcome           mention.Outcome
	Kind              mention.Kind
	Key, Thread, Text string
	Author, Name      string
}

func briefOf(e mention.Event) brief {
	b := brief{e.Outcome, e.Kind, e.Key, e.Thread, e.Text, "", ""}
	if e.Author != nil {
		b.Author, b.Name = e.Author.ID, e.Author.Name
	}
	return b
}

// What a citizen writes on any network must reach our decoder as what it is, under its signature.
func TestOurDecodersUnderstandEveryNetwork(t *testing.T) {
	const text = `¿Cuándo pagan & <cómo>? 👏 "ñ"`
	quoted := `¿Cuándo pagan & <cómo>? 👏 \"ñ\"`
	for name, c := range map[string]struct {
		network, kind string
		want          brief
	}{
		"instagram comment": {targetInstagram, kindComment, brief{mention.Interaction, mention.Comment, "", "", text, "6500000000000011", "persona_ficticia"}},
		"instagram mention": {targetInstagram, kindMention, brief{mention.Fetch, mention.Mentioned, "", "", "", "", ""}},
		"instagram dm":      {targetInstagram, kindDM, brief{mention.Interaction, mention.DM, "", "", text, "6500000000000011", ""}},
		"x mention":         {targetX, kindMention, brief{mention.Interaction, mention.Mentioned, "", "", text, "6500000000000011", "Persona Ficticia"}},
		"x comment":         {targetX, kindComment, brief{mention.Interaction, mention.Comment, "", "", text, "6500000000000011", "Persona Ficticia"}},
		"x post":            {targetX, kindPost, brief{mention.Interaction, mention.Mentioned, "", "", text, "6500000000000011", "Persona Ficticia"}},
		"x dm":              {targetX, kindDM, brief{mention.Interaction, mention.DM, "", "", text, "6500000000000011", "Persona Ficticia"}},
		"linkedin comment":  {targetLinkedIn, kindComment, brief{mention.Interaction, mention.Comment, "", "", text, "urn:li:person:" + token("6500000000000011", 10), ""}},
		"linkedin mention":  {targetLinkedIn, kindMention, brief{mention.Interaction, mention.Mentioned, "", "", text, "urn:li:person:" + token("6500000000000011", 10), ""}},
		"whatsapp dm":       {targetWhatsApp, kindDM, brief{mention.Interaction, mention.DM, "", "", text, "56900000011", "Persona Ficticia"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			author := "6500000000000011"
			if c.network == targetWhatsApp {
				author = "+56900000011"
			}
			p := r.on(c.network, `{"author":"`+author+`","name":"Persona Ficticia","text":"`+quoted+`","kind":"`+c.kind+`"}`)
			e := r.heard(c.network, 1)
			c.want.Key, c.want.Thread = p.ID, p.Thread
			if e.Outcome == mention.Fetch { // an Instagram mention is named by the post and the comment
				c.want.Key = p.Thread + ":" + p.ID
			}
			if diff := cmp.Diff(c.want, briefOf(e)); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
			if !e.At.Equal(r.clock.now()) {
				t.Errorf("at %v, want %v", e.At, r.clock.now())
			}
		})
	}
}

func TestTheKindMayBeLeftOut(t *testing.T) {
	r := newRig(t)
	for network, kind := range map[string]mention.Kind{
		targetInstagram: mention.Comment, targetX: mention.Mentioned, targetLinkedIn: mention.Comment, targetWhatsApp: mention.DM,
	} {
		r.on(network, `{"author":"vecina.ficticia","text":"hola"}`)
		if e := r.heard(network, 1); e.Kind != kind {
			t.Errorf("%s: kind %s, want %s", network, e.Kind, kind)
		}
	}
}

func TestAnswersHangWhereTheNetworkHangsThem(t *testing.T) {
	r := newRig(t)
	for _, network := range []string{targetInstagram, targetLinkedIn} {
		first := r.on(network, `{"text":"uno"}`)
		second := r.on(network, `{"text":"dos","thread":"`+first.ID+`"}`)
		r.on(network, `{"text":"tres","thread":"`+second.ID+`"}`)
		for n := 2; n <= 3; n++ {
			if e := r.heardAmong(network, 3, n); e.Parent != first.ID || e.Thread != first.Thread {
				t.Errorf("%s: text %d hangs on %s in %s, want %s in %s", network, n, e.Parent, e.Thread, first.ID, first.Thread)
			}
		}
	}
	root := r.on(targetX, `{"text":"uno"}`)
	answer := r.on(targetX, `{"text":"dos","kind":"comment","thread":"`+root.ID+`"}`)
	if answer.Thread != root.ID {
		t.Errorf("x: the answer is in %s, want %s", answer.Thread, root.ID)
	}
	if e := r.heardAmong(targetX, 2, 2); e.Parent != root.ID || e.Kind != mention.Mentioned {
		t.Errorf("x: an answer to another citizen came as %s under %s", e.Kind, e.Parent)
	}
	old := r.on(targetX, `{"text":"en una antigua","kind":"comment","thread":"1850000000000000000"}`)
	if old.Thread != "1850000000000000000" {
		t.Errorf("x: thread %s", old.Thread)
	}
}

// heardAmong waits for all deliveries of a network and gives the one whose text was the n-th written: deliveries keep no
// order.
func (r *rig) heardAmong(network string, all, n int) mention.Event {
	r.t.Helper()
	r.delivered("/webhooks/"+network, all)
	texts := []string{"uno", "dos", "tres"}
	for i := 1; i <= all; i++ {
		if e := r.heard(network, i); e.Text == texts[n-1] {
			return e
		}
	}
	r.t.Fatalf("%s: text %d never came", network, n)
	return mention.Event{}
}

// Every network asks an address to prove itself before it delivers there.
func TestNetworksCheckTheAddress(t *testing.T) {
	r := newRig(t)
	for _, n := range otherNetworks() {
		if status, raw := r.call(http.MethodPost, "/sim/"+n.Name+"/handshake", ""); status != http.StatusOK {
			t.Errorf("%s: %d %s", n.Name, status, raw)
		}
	}
	r.sim.cfg.XConsumerSecret, r.sim.cfg.LinkedInClientSecret, r.sim.cfg.VerifyToken = "otro", "otro", "otra"
	for _, n := range otherNetworks() {
		if status, _ := r.call(http.MethodPost, "/sim/"+n.Name+"/handshake", ""); status != http.StatusBadGateway {
			t.Errorf("%s with another secret: %d, want 502", n.Name, status)
		}
	}
	if status, _ := r.call(http.MethodPost, "/sim/luna/handshake", ""); status != http.StatusNotFound {
		t.Errorf("unknown network: %d, want 404", status)
	}
}

// changed is what comes of changing and deleting a text: nothing where the network says nothing.
func TestChangesAreToldWhereTheNetworkTellsThem(t *testing.T) {
	for name, c := range map[string]struct {
		network, kind string
		edit, remove  mention.Outcome
	}{
		"instagram comment": {targetInstagram, kindComment, "", ""},
		"instagram dm":      {targetInstagram, kindDM, mention.Edit, mention.Delete},
		"x":                 {targetX, kindMention, "", ""},
		"linkedin comment":  {targetLinkedIn, kindComment, mention.Edit, mention.Delete},
		"linkedin mention":  {targetLinkedIn, kindMention, "", ""},
		"whatsapp":          {targetWhatsApp, kindDM, mention.Edit, mention.Delete},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p := r.on(c.network, `{"text":"uno","kind":"`+c.kind+`"}`)
			r.delivered("/webhooks/"+c.network, 1)
			r.eventually("nothing owed", func() bool { return len(r.sim.outbox.list()) == 0 })
			path := "/sim/" + c.network + "/messages/" + url.PathEscape(p.ID)
			n := 1
			for _, step := range []struct {
				method, body string
				want         mention.Outcome
			}{{http.MethodPatch, `{"text":"dos"}`, c.edit}, {http.MethodDelete, "", c.remove}} {
				if status, raw := r.call(step.method, path, step.body); status != http.StatusOK {
					t.Fatalf("%s: %d %s", step.method, status, raw)
				}
				if step.want == "" {
					if owed := r.sim.outbox.list(); len(owed) != 0 {
						t.Errorf("%s: %d deliveries owed, want none", step.method, len(owed))
					}
					continue
				}
				n++
				if e := r.heard(c.network, n); e.Outcome != step.want || e.Key != p.ID {
					t.Errorf("%s: %s of %s, want %s of %s", step.method, e.Outcome, e.Key, step.want, p.ID)
				}
			}
		})
	}
}

func TestEveryNetworkInsists(t *testing.T) {
	r := newRig(t)
	for _, n := range otherNetworks() {
		path := "/webhooks/" + n.Name
		r.gestor.answer(path, http.StatusInternalServerError)
		r.on(n.Name, `{"text":"hola"}`)
		first := r.delivered(path, 1)
		r.gestor.answer(path, http.StatusOK)
		r.eventually("refused once", func() bool {
			owed := r.sim.outbox.list()
			return len(owed) == 1 && owed[0].Tries > 0
		})
		r.call(http.MethodPost, "/sim/deliveries/retry", "")
		r.clock.move(pause(1))
		again := r.delivered(path, 2)
		if string(again.body) != string(first.body) {
			t.Errorf("%s: the second try has another body", n.Name)
		}
	}
	r.eventually("all delivered", func() bool { return len(r.sim.outbox.list()) == 0 })
}

func TestNetworksDoNotSeeEachOther(t *testing.T) {
	r := newRig(t)
	ig := r.on(targetInstagram, `{"text":"hola"}`)
	if status, _ := r.call(http.MethodPatch, "/sim/facebook/messages/"+ig.ID, `{"text":"otra"}`); status != http.StatusNotFound {
		t.Errorf("editing on another network: %d, want 404", status)
	}
	for _, network := range []string{targetFacebook, targetX} {
		kind := `"kind":"comment",`
		status, raw := r.call(http.MethodPost, "/sim/"+network+"/messages", `{`+kind+`"text":"hola","thread":"`+ig.ID+`"}`)
		if status != http.StatusBadRequest || !strings.Contains(string(raw), "hilo") {
			t.Errorf("%s on a thread of instagram: %d %s", network, status, raw)
		}
	}
	again := r.again()
	if got := again.on(targetInstagram, `{"text":"después","thread":"`+ig.ID+`"}`); got.Thread != ig.Thread {
		t.Errorf("after a restart: thread %s, want %s", got.Thread, ig.Thread)
	}
}

// A world begun when only Facebook was played goes on, and the other networks begin in it.
func TestAnOldWorldGetsTheOtherNetworks(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	raw, err := os.ReadFile(filepath.Join(r.dir, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	dir, old, dropped := t.TempDir(), []byte(nil), 0
	for line := range strings.Lines(string(raw)) {
		var changes []change
		if err := json.Unmarshal([]byte(line), &changes); err != nil {
			t.Fatal(err)
		}
		before := len(changes)
		changes = slices.DeleteFunc(changes, func(c change) bool { return c.Item != nil && c.Item.Network != "" })
		dropped += before - len(changes)
		kept, err := json.Marshal(changes)
		if err != nil {
			t.Fatal(err)
		}
		old = append(append(old, kept...), '\n')
	}
	if dropped == 0 {
		t.Fatal("no other networks in the journal: the test tests nothing")
	}
	if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), old, 0o600); err != nil {
		t.Fatal(err)
	}
	again := rigIn(t, dir, newGestor(t))
	if p := again.write(`{"text":"sigo","thread":"` + c.ID + `"}`); p.Thread != c.Thread {
		t.Errorf("thread %s, want %s", p.Thread, c.Thread)
	}
	for _, n := range otherNetworks() {
		again.on(n.Name, `{"text":"hola"}`)
		again.heard(n.Name, 1)
	}
	again.sim.read(func(w *world) {
		if len(w.posts) != len(seedPosts())+1 {
			t.Errorf("%d posts on Facebook, want %d", len(w.posts), len(seedPosts())+1)
		}
	})
}
