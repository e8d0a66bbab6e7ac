package sim

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/x"
)

// connecting is what our system connects accounts of a network with.
type connecting interface {
	Begin(ctx context.Context, in channel.Connection, now time.Time) (channel.Connection, error)
	Exchange(ctx context.Context, in channel.Connection, code string, now time.Time) (channel.Tokens, error)
	Accounts(ctx context.Context, t channel.Tokens) ([]channel.Candidate, error)
	Refresh(ctx context.Context, t channel.Tokens, now time.Time) (channel.Tokens, error)
}

func (r *rig) connector(network string) connecting {
	r.t.Helper()
	var found connecting
	var err error
	switch network {
	case targetX:
		found, err = x.NewProvider(x.Config{BaseURL: r.url + "/x-api", SignInURL: r.url, App: xApp}, nil)
	case targetLinkedIn:
		found, err = linkedin.NewProvider(linkedin.Config{BaseURL: r.url + "/linkedin-api", SignInURL: r.url, App: linkedinApp})
	default:
		found, err = meta.NewLogin(meta.Config{BaseURL: r.url + "/graph/"}, r.url, metaApp)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return found
}

// connects goes the whole way of a person who says yes.
func (r *rig) connects(network string, method channel.Method, more string) (channel.Tokens, []channel.Candidate) {
	r.t.Helper()
	c, now := r.connector(network), r.clock.now()
	in, err := c.Begin(r.t.Context(), channel.Connection{ID: "conexion-1", Network: network, Method: method, Redirect: returning}, now)
	if err != nil {
		r.t.Fatalf("%s: begin: %v", network, err)
	}
	back := r.saysYes(network, in.URL, more)
	code := back.Get("code") + back.Get("oauth_verifier")
	if back.Get("state") != "conexion-1" || code == "" {
		r.t.Fatalf("%s: back with %v", network, back)
	}
	keys, err := c.Exchange(r.t.Context(), in, code, now)
	if err != nil {
		r.t.Fatalf("%s: exchange: %v", network, err)
	}
	if _, err := c.Exchange(r.t.Context(), in, code, now); !fault.Is(err, fault.Denied) {
		r.t.Errorf("%s: a word taken twice: %v", network, err)
	}
	accounts, err := c.Accounts(r.t.Context(), keys)
	if err != nil {
		r.t.Fatalf("%s: accounts: %v", network, err)
	}
	return keys, accounts
}

func ids(all []channel.Candidate) []string {
	out := make([]string, 0, len(all))
	for _, c := range all {
		out = append(out, string(c.Network)+"/"+c.Account)
	}
	slices.Sort(out)
	return out
}

// Our system connects every network, and works with the keys it gets.
func TestOurProvidersConnect(t *testing.T) {
	for name, c := range map[string]struct {
		network string
		method  channel.Method
		more    string
		want    []string
	}{
		"facebook": {targetFacebook, channel.OAuth2, "", []string{"facebook/" + DefaultPageID, "instagram/" + networkAccount(targetInstagram)}},
		"two pages": {
			targetFacebook, channel.OAuth2, `,"accounts":["` + DefaultPageID + `","` + secondAccount(targetFacebook) + `"]`,
			[]string{"facebook/" + DefaultPageID, "facebook/" + secondAccount(targetFacebook)},
		},
		"whatsapp":   {targetWhatsApp, channel.OAuth2, "", []string{"whatsapp/" + networkAccount(targetWhatsApp)}},
		"x":          {targetX, channel.OAuth2, "", []string{"x/" + networkAccount(targetX)}},
		"x, oauth 1": {targetX, channel.OAuth1, "", []string{"x/" + networkAccount(targetX)}},
		"linkedin":   {targetLinkedIn, channel.OAuth2, "", []string{"linkedin/" + networkAccount(targetLinkedIn)}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.sim.cfg.XToken, r.sim.cfg.LinkedInToken = "la-primera", "la-primera"
			keys, accounts := r.connects(c.network, c.method, c.more)
			if c.network == targetFacebook || c.network == targetWhatsApp { // one login, all of Meta's accounts that were given
				accounts = slices.DeleteFunc(accounts, func(one channel.Candidate) bool {
					return c.network == targetWhatsApp != (one.Network == mention.WhatsApp)
				})
			}
			if diff := cmp.Diff(c.want, ids(accounts)); diff != "" {
				t.Fatalf("accounts (-want +got):\n%s", diff)
			}
			if keys.Access == "" || accounts[0].Name == "" {
				t.Errorf("keys %v of %+v", keys.Until, accounts[0].Choice)
			}
			from, _ := r.reader(string(accounts[0].Network))
			a := channel.Access{Account: accounts[0].Account, Token: accounts[0].Tokens.Access, Secret: accounts[0].Tokens.Secret}
			h, err := from.Check(t.Context(), a, r.gestor.server.URL+"/webhooks/"+string(accounts[0].Network), r.clock.now())
			if err != nil || len(h.Missing) != 0 {
				t.Errorf("the account with its new key: %+v, %v", h, err)
			}
		})
	}
}

// What renews keys is used once on X, and lasts a year on LinkedIn.
func TestOurProvidersRenew(t *testing.T) {
	r := newRig(t)
	r.sim.cfg.XToken, r.sim.cfg.LinkedInToken = "la-primera", "la-primera"
	keys, _ := r.connects(targetX, channel.OAuth2, "")
	c := r.connector(targetX)
	r.clock.move(2 * time.Hour)
	next, err := c.Refresh(t.Context(), keys, r.clock.now())
	if err != nil || next.Access == keys.Access || next.Refresh == keys.Refresh || !next.Until.Equal(r.clock.now().Add(xTokenLife)) {
		t.Errorf("renewed: %v, %v", next.Until, err)
	}
	if _, err := c.Refresh(t.Context(), keys, r.clock.now()); !fault.Is(err, fault.Denied) {
		t.Errorf("the same key renewed twice: %v", err)
	}
	// Nobody knows whether a renewal whose answer was lost burnt the key; here it did.
	r.breaks(`{"target":"x","mode":"apply_then_500","count":1}`)
	if _, err := c.Refresh(t.Context(), next, r.clock.now()); !fault.Is(err, fault.Uncertain) {
		t.Errorf("a renewal whose answer was lost: %v", err)
	}
	if _, err := c.Refresh(t.Context(), next, r.clock.now()); !fault.Is(err, fault.Denied) {
		t.Errorf("and again: %v", err)
	}
	got := calls[tokenView](r, 200, http.MethodGet, "/sim/x/token", "")
	if got.Renewals != 2 || got.Refused != 2 {
		t.Errorf("%d renewals and %d refused, want 2 and 2", got.Renewals, got.Refused)
	}
	keys, _ = r.connects(targetLinkedIn, channel.OAuth2, "")
	c = r.connector(targetLinkedIn)
	r.clock.move(59 * 24 * time.Hour)
	next, err = c.Refresh(t.Context(), keys, r.clock.now())
	if err != nil || !next.RefreshUntil.Equal(keys.RefreshUntil) || !next.Until.Equal(r.clock.now().Add(linkedinTokenLife)) {
		t.Errorf("LinkedIn: %v and %v (was %v), %v", next.Until, next.RefreshUntil, keys.RefreshUntil, err)
	}
}

// outgoing is what our system acts with.
type outgoing interface {
	Act(ctx context.Context, a post.Act) (post.Receipt, error)
	Send(ctx context.Context, out post.Outgoing) (post.Receipt, error)
}

func (r *rig) outbound(network string) outgoing {
	r.t.Helper()
	access := func(_ context.Context, account string) (channel.Access, error) {
		return channel.Access{Account: account, Token: testToken}, nil
	}
	var found outgoing
	var err error
	switch network {
	case targetInstagram:
		found = meta.NewInstagramOutbound(meta.Config{BaseURL: r.url + "/graph/"}, metaApp, access)
	case targetX:
		found, err = x.NewOutbound(x.Config{BaseURL: r.url + "/x-api", App: xApp}, access)
	case targetLinkedIn:
		found, err = linkedin.NewOutbound(linkedin.Config{BaseURL: r.url + "/linkedin-api", SignInURL: r.url, App: linkedinApp}, access)
	default:
		found = meta.NewOutbound(meta.Config{BaseURL: r.url + "/graph/"}, metaApp, access)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return found
}

// Everything our system does to texts, the networks do.
func TestOurSendersAct(t *testing.T) {
	for network, verbs := range map[string][]post.Verb{
		targetFacebook:  {post.Hide, post.Unhide, post.Like, post.Remove},
		targetInstagram: {post.Hide, post.Unhide, post.Remove},
		targetX:         {post.Hide, post.Unhide},
		targetLinkedIn:  {post.Like},
	} {
		r := newRig(t)
		c := r.on(network, `{"text":"algo feo","kind":"comment"}`)
		out := r.outbound(network)
		want := []string{}
		for _, verb := range verbs {
			for range 2 { // twice is once
				if _, err := out.Act(t.Context(), post.Act{Account: r.sim.account(network), Target: c.ID, Parent: c.Thread, Verb: verb}); err != nil {
					t.Errorf("%s %s: %v", network, verb, err)
				}
			}
			want = append(want, string(verb))
		}
		got := []string{}
		for _, a := range r.acted(network) {
			got = append(got, a.Verb)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", network, diff)
		}
	}
}

// What our system published can be taken back.
func TestOurSendersTakeBackTheirOwn(t *testing.T) {
	for _, network := range []string{targetFacebook, targetInstagram, targetX, targetLinkedIn} {
		r := newRig(t)
		c := r.on(network, `{"text":"pregunta","kind":"comment"}`)
		out, account := r.outbound(network), r.sim.account(network)
		sent, err := out.Send(t.Context(), post.Outgoing{Account: account, Target: c.ID, Visibility: post.Public, Text: "respuesta"})
		if err != nil {
			t.Fatalf("%s: %v", network, err)
		}
		for range 2 {
			if _, err := out.Act(t.Context(), post.Act{Account: account, Target: sent.ID, Parent: c.Thread, Verb: post.Remove}); err != nil {
				t.Errorf("%s: %v", network, err)
			}
		}
		if acts := r.acted(network); len(acts) != 1 || acts[0].Verb != actRemove || acts[0].Target != sent.ID {
			t.Errorf("%s: %+v", network, acts)
		}
	}
}

// Our senders say how much is used up, also when they are refused for it.
func TestOurSendersTellUse(t *testing.T) {
	for _, network := range []string{targetFacebook, targetInstagram, targetX, targetLinkedIn} {
		r := newRig(t)
		c := r.on(network, `{"text":"pregunta","kind":"comment"}`)
		out := r.outbound(network)
		say := func(text string) (post.Receipt, error) {
			return out.Send(t.Context(), post.Outgoing{Account: r.sim.account(network), Target: c.ID, Visibility: post.Public, Text: text})
		}
		r.call(http.MethodPost, "/sim/"+network+"/usage", `{"share":0.8,"minutes":30}`)
		if got, err := say("uno"); err != nil || network != targetLinkedIn && (got.Usage.Share < 0.75 || got.Usage.Share > 0.85) {
			t.Errorf("%s at 0.8: %+v, %v", network, got.Usage, err)
		}
		r.breaks(`{"target":"` + network + `","mode":"quota_429","count":1,"ms":120000}`)
		got, err := say("dos")
		if !fault.Is(err, fault.Transient) || got.Usage.Share < 1 || got.Usage.Until.Before(r.clock.now().Add(time.Minute)) || got.Usage.Until.After(r.clock.now().Add(3*time.Minute)) {
			t.Errorf("%s refused: %+v, %v", network, got.Usage, err)
		}
	}
}

// Surprises are doubts or refusals, never successes.
func TestOurSendersUnderSurprises(t *testing.T) {
	for mode, kind := range map[string]fault.Kind{refuse500Bare: fault.Uncertain, htmlError: fault.Uncertain} {
		for _, network := range []string{targetFacebook, targetInstagram, targetX, targetLinkedIn} {
			r := newRig(t)
			c := r.on(network, `{"text":"pregunta","kind":"comment"}`)
			r.breaks(`{"target":"` + network + `","mode":"` + mode + `","count":1}`)
			_, err := r.outbound(network).Send(t.Context(), post.Outgoing{Account: r.sim.account(network), Target: c.ID, Visibility: post.Public, Text: "respuesta"})
			if !fault.Is(err, kind) {
				t.Errorf("%s under %s: %v, want %v", network, mode, err, kind)
			}
		}
	}
	// A duplicate that LinkedIn names is ours already.
	r := newRig(t)
	c := r.on(targetLinkedIn, `{"text":"pregunta"}`)
	out := post.Outgoing{Account: networkAccount(targetLinkedIn), Target: c.ID, Visibility: post.Public, Text: "respuesta"}
	first, err := r.outbound(targetLinkedIn).Send(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	r.breaks(`{"target":"linkedin","mode":"refuse_duplicate"}`)
	if again, err := r.outbound(targetLinkedIn).Send(t.Context(), out); err == nil && again.ID != first.ID || err != nil && !strings.Contains(err.Error(), "duplicate") {
		t.Errorf("a duplicate: %+v, %v", again, err)
	}
	if _, err := url.Parse(first.ID); err != nil {
		t.Error(err)
	}
}
