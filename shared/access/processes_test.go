package access_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/access"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/storetest/engine"
)

// rotating is a network over HTTP that rotates each account's keys slowly, takes a refresh key once, and locks an account that
// shows one again.
type rotating struct {
	mu    sync.Mutex
	at    map[string]int // number of the refresh key it takes next, by account
	asked map[string]int
	lock  map[string]bool
}

func (r *rotating) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	account, refresh := req.URL.Query().Get("account"), req.URL.Query().Get("refresh")
	r.mu.Lock()
	r.asked[account]++
	n := r.at[account]
	good := refresh == refreshKey(n) && !r.lock[account]
	if good {
		r.at[account]++
	} else {
		r.lock[account] = true
	}
	r.mu.Unlock()
	time.Sleep(30 * time.Millisecond) // as long as others have to find the lease; nothing waits for it to be over
	if !good {
		http.Error(w, "invalid_grant", http.StatusBadRequest)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"access": accessKey(n + 1), "refresh": refreshKey(n + 1)})
}

// asking refreshes over HTTP.
type asking struct{ base, account string }

func (a asking) Refresh(ctx context.Context, t channel.Tokens, now time.Time) (channel.Tokens, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+"?account="+a.account+"&refresh="+t.Refresh, nil)
	if err != nil {
		return channel.Tokens{}, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return channel.Tokens{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return channel.Tokens{}, once.Answer{Status: resp.StatusCode}.Fail("test", true, once.Refusal{Reason: once.ReasonAuth})
	}
	var got struct{ Access, Refresh string }
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		return channel.Tokens{}, err
	}
	return channel.Tokens{Access: got.Access, Refresh: got.Refresh, Until: now.Add(2 * time.Hour)}, nil
}

// scene is what two keepers who know nothing of each other share: a store and a network.
type scene struct{ Endpoint, Work, Bitacora, Network string }

func newScene(t *testing.T) (scene, *rotating) {
	e := engine.Start(t)
	work, bitacora := e.Tables(t)
	r := &rotating{at: map[string]int{}, asked: map[string]int{}, lock: map[string]bool{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return scene{e.Endpoint, work, bitacora, server.URL}, r
}

// keeper is a keeper of one account with a client of its own.
func (s scene) keeper(t *testing.T, account string) *access.Keeper {
	t.Setenv(engine.Variable, s.Endpoint)
	e := engine.Start(t)
	return access.New(access.Config{
		Store:      dynamo.New(dynamo.Config{Client: e.Client, Table: s.Work, Bitacora: s.Bitacora, Clock: time.Now}),
		Refreshers: map[mention.Network]access.Refresher{mention.X: asking{s.Network, account}},
		Key:        secret, Random: rand.Reader, Clock: time.Now, Owner: fmt.Sprint(os.Getpid()),
		Wait: func(ctx context.Context, d time.Duration) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(d / 10):
				return nil
			}
		},
	})
}

// hold gives an account keys that have ended, or end soon.
func (s scene) hold(t *testing.T, account string, left time.Duration) {
	t.Helper()
	keys := channel.Tokens{
		Method: channel.OAuth2, Access: accessKey(0), Refresh: refreshKey(0), Until: time.Now().Add(left), RenewedAt: time.Now().Add(left - 2*time.Hour),
	}
	if err := s.keeper(t, account).Save(t.Context(), channel.Ref{Network: mention.X, Account: account}, keys); err != nil {
		t.Fatal(err)
	}
}

// get asks a keeper for the account's key, as a word.
func get(ctx context.Context, k *access.Keeper, account string) string {
	a, err := k.Access(ctx, channel.Ref{Network: mention.X, Account: account})
	if err != nil {
		return err.Error()
	}
	return a.Token
}

// settled checks what became of an account that many asked for at once.
func (r *rotating) settled(t *testing.T, account string, left time.Duration, got []string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked[account] != 1 || r.lock[account] {
		t.Errorf("account %s was renewed %d times, locked %t", account, r.asked[account], r.lock[account])
	}
	fresh := 0
	for _, key := range got {
		switch {
		case key == accessKey(1):
			fresh++
		case key != accessKey(0) || left <= 0:
			t.Errorf("account %s gave %q", account, key)
		}
	}
	if fresh == 0 {
		t.Errorf("account %s gave nobody the new key: %q", account, got)
	}
}

// Many who want one account's key at once make one renewal, and all get a good key.
func TestAccess_ManyAtOnce(t *testing.T) {
	s, r := newScene(t)
	for i, left := range []time.Duration{-time.Minute, -time.Minute, 10 * time.Minute, 10 * time.Minute, -time.Minute} {
		account := fmt.Sprint(100 + i)
		s.hold(t, account, left)
		got := make([]string, 8)
		keepers := make([]*access.Keeper, len(got))
		for n := range keepers {
			keepers[n] = s.keeper(t, account)
		}
		var all sync.WaitGroup
		gate := make(chan struct{})
		for n := range got {
			all.Go(func() {
				<-gate
				got[n] = get(t.Context(), keepers[n], account)
			})
		}
		close(gate)
		all.Wait()
		r.settled(t, account, left, got)
	}
}

// sceneVariable tells the child of TestAccess_TwoProcesses what it shares with its sister.
const sceneVariable = "GESTOR_TEST_SCENE"

// Two processes that want one account's key at once make one renewal, both get a good key, and the account is not locked;
// round after round.
func TestAccess_TwoProcesses(t *testing.T) {
	s, r := newScene(t)
	told, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	sisters := make([]*process, 2)
	for i := range sisters {
		sisters[i] = start(t, self, string(told))
	}
	for round := range 20 {
		account, left := fmt.Sprint(500+round), -time.Minute
		if round%4 == 3 {
			left = 10 * time.Minute
		}
		s.hold(t, account, left)
		for _, p := range sisters {
			p.say(t, account)
		}
		var got []string
		for _, p := range sisters {
			got = append(got, p.hear(t))
		}
		r.settled(t, account, left, got)
	}
}

// process is a child that answers one line with one line.
type process struct {
	in  io.WriteCloser
	out *bufio.Scanner
	err *bytes.Buffer
}

func start(t *testing.T, self, told string) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestAccess_Sister$")
	cmd.Env = append(os.Environ(), sceneVariable+"="+told)
	p := &process{err: &bytes.Buffer{}}
	cmd.Stderr = p.err
	out, errOut := cmd.StdoutPipe()
	in, errIn := cmd.StdinPipe()
	if errOut != nil || errIn != nil {
		t.Fatal(errOut, errIn)
	}
	p.in, p.out = in, bufio.NewScanner(out)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	if got := p.hear(t); got != "ready" {
		t.Fatalf("a sister began with %q", got)
	}
	return p
}

func (p *process) say(t *testing.T, line string) {
	t.Helper()
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		t.Fatal(err)
	}
}

func (p *process) hear(t *testing.T) string {
	t.Helper()
	for p.out.Scan() {
		if line, is := strings.CutPrefix(p.out.Text(), "> "); is {
			return line
		}
	}
	t.Fatalf("a sister has ended: %s", p.err)
	return ""
}

// TestAccess_Sister is the child of TestAccess_TwoProcesses: by itself it has nothing to share and does nothing.
func TestAccess_Sister(t *testing.T) {
	told := os.Getenv(sceneVariable)
	if told == "" {
		return
	}
	var s scene
	if err := json.Unmarshal([]byte(told), &s); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(os.Stdout, "> ready\n")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		_, _ = io.WriteString(os.Stdout, "> "+get(t.Context(), s.keeper(t, in.Text()), in.Text())+"\n")
	}
}
