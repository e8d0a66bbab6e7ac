package ways_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/citizen"
	"sence.gob.cl/gestor/shared/config"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/secret"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/ways"
)

func noon() time.Time { return time.Date(2026, 11, 29, 15, 0, 0, 0, time.UTC) }

// key is a secret of 32 bytes, as it is stored.
func key() string { return base64.StdEncoding.EncodeToString([]byte(strings.Repeat("ficticio", 4))) }

// safe is Secrets Manager: texts by name.
type safe map[string]string

func (s safe) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	text, found := s[*in.SecretId]
	if !found {
		return nil, errors.New("no such secret")
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: &text}, nil
}

func (s safe) client() *secret.Client { return secret.New(s, noon, time.Minute) }

func filled() safe {
	return safe{
		"meta": `{"appId":"1","appSecret":"secreto-meta"}`, "token": `{"key":"` + key() + `"}`,
		"x":        `{"clientId":"c","clientSecret":"secreto-x","consumerKey":"k","consumerSecret":"secreto-x1"}`,
		"linkedin": `{"clientId":"c","clientSecret":"secreto-li"}`,
	}
}

// shelf keeps sealed keys.
type shelf struct {
	mu     sync.Mutex
	grants map[channel.Ref]channel.Grant
}

func (s *shelf) Grant(_ context.Context, ref channel.Ref) (channel.Grant, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, found := s.grants[ref]
	return g, found, nil
}

func (s *shelf) Commit(_ context.Context, c ticket.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grants[c.Grant.Ref] = *c.Grant
	return nil
}

func accounts() map[mention.Network]string {
	return map[mention.Network]string{
		mention.Facebook: "101", mention.Instagram: "102", mention.WhatsApp: "103", mention.X: "104", mention.LinkedIn: "urn:li:organization:105",
	}
}

// wired is everything, against a network that refuses all and notes what it was asked.
func wired(t *testing.T, at time.Time) (*ways.Ways, *shelf, func() string) {
	t.Helper()
	var mu sync.Mutex
	var asked strings.Builder
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(&asked, "%s %s %s\n%s\n", r.Method, r.URL, r.Header.Get("Authorization"), body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
	}))
	t.Cleanup(server.Close)
	store := &shelf{grants: map[channel.Ref]channel.Grant{}}
	w, err := ways.New(ways.Config{
		Graph: server.URL + "/", X: server.URL + "/", LinkedIn: server.URL + "/",
		MetaApp: "meta", XApp: "x", LinkedInApp: "linkedin", TokenKey: "token",
	}, filled().client(), store, ways.Clock{At: func(context.Context) time.Time { return at }, Wall: noon}, "prueba")
	if err != nil {
		t.Fatal(err)
	}
	for n, account := range accounts() {
		ref := channel.Ref{Network: n, Account: account}
		g, err := w.Keys.Grant(t.Context(), ref, channel.Tokens{Method: channel.ByHand, Access: "clave-" + string(n)})
		if err != nil {
			t.Fatal(err)
		}
		store.grants[ref] = g
	}
	return w, store, func() string {
		mu.Lock()
		defer mu.Unlock()
		defer asked.Reset()
		return asked.String()
	}
}

// Each network is answered, read and connected, each with the keys of its own account and with nobody else's.
func TestNew(t *testing.T) {
	w, _, asked := wired(t, time.Time{})
	networks := slices.Sorted(maps.Keys(accounts()))
	for name, got := range map[string][]mention.Network{
		"answered": slices.Sorted(maps.Keys(w.Answerers)), "read": slices.Sorted(maps.Keys(w.Readers)), "connected": slices.Sorted(maps.Keys(w.Providers)),
	} {
		if !slices.Equal(got, networks) {
			t.Errorf("%s are %v", name, got)
		}
	}
	for n, account := range accounts() {
		target := map[mention.Network]string{mention.WhatsApp: "56900000001", mention.LinkedIn: "urn:li:activity:7"}[n]
		if target == "" {
			target = "7"
		}
		visibility := post.Public
		if n == mention.WhatsApp {
			visibility = post.Private
		}
		_, err := w.Answerers[n].Send(t.Context(), post.Outgoing{
			Account: account, Target: target, Recipient: target, Visibility: visibility, Text: "Hola", Tag: "marca",
		})
		said := asked()
		if err == nil || strings.Count(said, "clave-"+string(n)) == 0 {
			t.Errorf("%s: %v, asked\n%s", n, err, said)
		}
		for other := range accounts() {
			if other != n && strings.Contains(said, "clave-"+string(other)) {
				t.Errorf("%s was asked with the key of %s", n, other)
			}
		}
		if len(w.Lists[n]) == 0 && n != mention.WhatsApp {
			t.Errorf("%s has no lists", n)
		}
	}
}

func TestNew_Refused(t *testing.T) {
	good := ways.Config{Graph: "https://red.example/", X: "https://red.example/", LinkedIn: "https://red.example/"}
	for name, spoil := range map[string]func(*ways.Config){
		"whatsapp": func(c *ways.Config) { c.Graph = "::" }, "x": func(c *ways.Config) { c.X = "::" }, "linkedin": func(c *ways.Config) { c.LinkedIn = "::" },
		"meta's page": func(c *ways.Config) { c.MetaLogin = "::" },
	} {
		c := good
		spoil(&c)
		if _, err := ways.New(c, filled().client(), &shelf{}, ways.Clock{}, ""); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// What a key is still good for is judged at the instant of the work in hand: a clock that was moved moves the keys' ends too.
func TestKeys_Clock(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   time.Time
		good bool
	}{
		{"outside of any work", time.Time{}, true},
		{"before its end", noon().Add(time.Hour), true},
		{"after its end", noon().Add(3 * time.Hour), false},
	} {
		w, store, asked := wired(t, tt.at)
		ref := channel.Ref{Network: mention.X, Account: accounts()[mention.X]}
		g, err := w.Keys.Grant(t.Context(), ref, channel.Tokens{
			Method: channel.OAuth2, Access: "clave-x", Refresh: "renueva", Until: noon().Add(2 * time.Hour), FirstAt: noon(),
		})
		if err != nil {
			t.Fatal(err)
		}
		store.grants[ref] = g
		a, err := w.Keys.Access(t.Context(), ref)
		if good := err == nil && a.Token == "clave-x"; good != tt.good {
			t.Errorf("%s: %v", tt.name, err)
		}
		if renewed := strings.Contains(asked(), "grant_type=refresh_token"); renewed == tt.good {
			t.Errorf("%s: a renewal asked for: %v", tt.name, renewed)
		}
		if !tt.good && w.Keys.Reason(err) != "auth" {
			t.Errorf("%s: because of %q", tt.name, w.Keys.Reason(err))
		}
	}
}

func TestKeys_Vault(t *testing.T) {
	w, store, _ := wired(t, time.Time{})
	ctx := t.Context()
	ref := channel.Ref{Network: mention.Facebook, Account: "101"}
	if got, err := w.Keys.Tokens(ctx, ref); err != nil || got.Access != "clave-facebook" {
		t.Errorf("the keys: %v", err)
	}
	if is, err := w.Keys.Renewed(ctx, ref, channel.Access{Account: "101", Token: "otra"}); err != nil || !is {
		t.Errorf("another key: %v, %v", is, err)
	}
	sealed, err := w.Keys.Seal(ctx, "esto", []byte("palabra"))
	if err != nil || strings.Contains(sealed, "palabra") {
		t.Fatalf("sealed: %v", err)
	}
	if plain, err := w.Keys.Open(ctx, "esto", sealed); err != nil || string(plain) != "palabra" {
		t.Errorf("opened: %v", err)
	}
	if _, err := w.Keys.Open(ctx, "otro", sealed); err == nil {
		t.Error("opened as what it is not about")
	}
	g, held, err := w.Keys.Emptied(ctx, ref)
	if err != nil || !held || g.Sealed != "" || g.Rev != store.grants[ref].Rev+1 {
		t.Errorf("emptied: %+v, %v, %v", g.Rev, held, err)
	}
}

// What one secret sealed another does not open: desk's is not the accounts'.
func TestSealer(t *testing.T) {
	s := filled()
	s["connect"] = `{"key":"` + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("otro", 8))) + `"}`
	sealed, err := ways.Sealer(s.client(), "connect").Seal(t.Context(), "esto", []byte("palabra"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := ways.Sealer(s.client(), "connect").Open(t.Context(), "esto", sealed); err != nil || string(plain) != "palabra" {
		t.Errorf("opened: %v", err)
	}
	if _, err := ways.Sealer(s.client(), "token").Open(t.Context(), "esto", sealed); err == nil {
		t.Error("opened by another secret")
	}
}

// A secret that is not what it should be says so, and nothing of itself.
func TestSecrets_Broken(t *testing.T) {
	for text, why := range map[string]string{
		`{"key":"%%secreto%%"}`: "no base64", `{"clave":"secreto"}`: "no key", `secreto`: "no JSON", `{"key":"c2VjcmV0bw=="}`: "too short",
	} {
		s := safe{"k": text}
		_, err := ways.Citizens(s.client(), "k")(t.Context())
		_, sealing := ways.Sealer(s.client(), "k").Seal(t.Context(), "esto", []byte("palabra"))
		for _, err := range []error{err, sealing} {
			if !fault.Is(err, fault.Transient) || strings.Contains(err.Error(), "secreto") || strings.Contains(err.Error(), "c2Vj") {
				t.Errorf("%s: %v", why, err)
			}
		}
	}
}

func TestPerson(t *testing.T) {
	s := safe{"k": `{"key":"` + key() + `"}`}
	held, err := citizen.Parse(key())
	if err != nil {
		t.Fatal(err)
	}
	person, back := ways.Person(s.client(), "k"), ways.Back(s.client(), "k")
	for _, sealed := range []string{held.Seal("56900000001"), "56900000001"} {
		if plain, err := person(t.Context(), sealed); err != nil || plain != "56900000001" {
			t.Errorf("%q is %q, %v", sealed, plain, err)
		}
	}
	told := mention.Event{Network: mention.WhatsApp, Kind: mention.DM, Key: "wamid.1", Thread: "56900000001", Author: &mention.Author{ID: "56900000001"}}
	if got, err := back(t.Context(), held.Away(told)); err != nil || got.Thread != told.Thread || got.Author.ID != told.Author.ID || got.Key != told.Key {
		t.Errorf("%+v, %v", got, err)
	}
	other, err := citizen.New([]byte(strings.Repeat("otro", 8)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := person(t.Context(), other.Seal("56900000001")); !fault.Is(err, fault.Permanent) || strings.Contains(err.Error(), "569") {
		t.Errorf("sealed by another secret: %v", err)
	}
	if _, err := back(t.Context(), other.Away(told)); !fault.Is(err, fault.Permanent) {
		t.Errorf("sealed by another secret: %v", err)
	}
	if _, err := ways.Back(safe{}.client(), "k")(t.Context(), told); !fault.Is(err, fault.Transient) {
		t.Errorf("no secret: %v", err)
	}
}

func TestRead(t *testing.T) {
	all := func(name string) string { return "v-" + name }
	env := config.New(all)
	c := ways.Read(env)
	if env.Err() != nil || c.Graph != "v-GESTOR_GRAPH_URL" || c.XLogin != "v-GESTOR_X_LOGIN_URL" || c.TokenKey != "v-GESTOR_SECRET_TOKEN_KEY" || c.LinkedInApp != "v-GESTOR_SECRET_LINKEDIN_APP" {
		t.Errorf("%+v, %v", c, env.Err())
	}
	env = config.New(func(string) string { return "" })
	ways.Read(env)
	if err := env.Err(); err == nil || strings.Count(err.Error(), "is empty") != 7 || strings.Contains(err.Error(), "LOGIN") {
		t.Errorf("with nothing: %v", err)
	}
}

// Posts go out with the keys of their account, each to its own network; without files none that needs one.
func TestPublishers_goOut(t *testing.T) {
	w, _, asked := wired(t, noon())
	for n, want := range map[mention.Network]string{
		mention.X: "POST /2/tweets ", mention.LinkedIn: "POST /rest/posts ", mention.WhatsApp: "POST /v25.0/103/messages?",
	} {
		b := post.Broadcast{Account: accounts()[n], Text: "Hola"}
		if n == mention.WhatsApp {
			b.Recipient, b.Template = "56900000000", &post.Template{Name: "aviso", Language: "es_CL"}
		}
		ready, err := w.Publishers[n].Prepare(t.Context(), b, noon())
		if err != nil || !ready.Ready {
			t.Errorf("%s: %+v, %v", n, ready, err)
		}
		if _, err := w.Publishers[n].Publish(t.Context(), b); err == nil {
			t.Errorf("%s: a refusal is a success", n)
		}
		if got := asked(); !strings.Contains(got, want) || !strings.Contains(got, "Bearer clave-"+string(n)) {
			t.Errorf("%s asked %q", n, got)
		}
		b.Template = nil
		b.Media = []post.Attached{{ID: "a", Alt: "x", File: post.File{Kind: post.Image, Type: "image/png", Size: 1}}}
		if _, err := w.Publishers[n].Publish(t.Context(), b); err == nil || asked() != "" {
			t.Errorf("%s publishes without what hangs on it: %v", n, err)
		}
	}
	for _, n := range []mention.Network{mention.X, mention.LinkedIn} {
		b := post.Broadcast{Account: accounts()[n], Text: "Hola", Media: []post.Attached{{ID: "a", Alt: "x", File: post.File{Kind: post.Image, Type: "image/png", Size: 1}}}}
		if _, err := w.Publishers[n].Prepare(t.Context(), b, noon()); w.Publishers[n].Reason(err) != "unsupported" {
			t.Errorf("%s without files: %v", n, err)
		}
	}
}
