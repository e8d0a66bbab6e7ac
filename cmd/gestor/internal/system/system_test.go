package system

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/local"
)

func TestSystem_WholeWay(t *testing.T) {
	o := options(t)
	s := start(t, o)
	if status, body := call(t, "POST", s.URL()+"/webhooks/facebook", "", "hola", nil); status != 200 {
		t.Fatalf("webhook: %d %s", status, body)
	}
	if got := tick(t, s, `{}`); !got.Drained {
		t.Error("the system did not come to rest")
	}
	// webhook → inbox → intake → table → stream → relay → outbound → deliver → table.
	if got := keys(t, s, "D"); !slices.Equal(got, []string{"M#hola"}) {
		t.Errorf("delivered: got %q", got)
	}
	var who struct{ Path, Issuer, Undo, Groups string }
	call(t, "GET", s.URL()+"/api/v1/quien", login(t, s, "denuncias"), "", &who)
	if who.Groups != "[encargado_denuncias]" || who.Issuer != s.URL()+"/local/oidc" || who.Undo != "7m" || who.Path != "/api/v1/quien" {
		t.Errorf("desk saw %+v", who)
	}
	if status, _ := call(t, "GET", s.URL()+"/api/v1/quien", "", "", nil); status != 401 {
		t.Errorf("without a token: got %d", status)
	}
	if status, body := call(t, "GET", s.SimURL()+"/sim/mail", "", "", nil); status != 200 || !strings.Contains(body, s.URL()) ||
		!strings.Contains(body, noticeRecipients) {
		t.Errorf("mailbox: got %d %s", status, body)
	}
}

func TestSystem_TickMovesTheClockForGood(t *testing.T) {
	o := options(t)
	s := start(t, o)
	later := time.Now().Add(30 * 24 * time.Hour).UTC().Truncate(time.Millisecond)
	got := tick(t, s, fmt.Sprintf(`{"at":%q}`, later.Format(time.RFC3339Nano)))
	if !got.At.Equal(later) || !got.Drained {
		t.Errorf("got %+v, want %s", got, later)
	}
	if ran := keys(t, s, "TICK"); !slices.Contains(ran, later.Format(time.RFC3339Nano)) {
		t.Errorf("the rule ran at %q, not at %s", ran, later)
	}
	past := fmt.Sprintf(`{"at":%q}`, later.Add(-time.Hour).Format(time.RFC3339))
	if status, body := call(t, "POST", s.URL()+"/local/tick", "", past, nil); status != 400 || !strings.Contains(body, "solo avanza") {
		t.Errorf("back in time: got %d %s", status, body)
	}
	stop(t, s)
	s = start(t, o)
	var st local.State
	call(t, "GET", s.URL()+"/local/state", "", "", &st)
	if st.Now.Before(later) {
		t.Errorf("after a restart it is %s again", st.Now)
	}
	// A request carries the local clock too.
	_, epoch := call(t, "POST", s.URL()+"/webhooks/facebook", "", "hora", nil)
	var ms int64
	if err := json.Unmarshal([]byte(epoch), &ms); err != nil || time.UnixMilli(ms).Before(later) {
		t.Errorf("timeEpoch: got %s, %v", epoch, err)
	}
}

func TestSystem_RestartFindsItsData(t *testing.T) {
	o := options(t)
	s := start(t, o)
	token := login(t, s, "ti")
	call(t, "POST", s.URL()+"/webhooks/facebook", "", "uno", nil)
	tick(t, s, `{}`)
	call(t, "POST", s.URL()+"/webhooks/facebook", "", "dos", nil)
	// At once: what was acknowledged may be anywhere between the inbox and the table.
	o.Addr = strings.TrimPrefix(s.URL(), "http://")
	stop(t, s)
	s = start(t, o)
	tick(t, s, `{}`)
	if got := keys(t, s, "D"); !slices.Equal(got, []string{"M#dos", "M#uno"}) {
		t.Errorf("delivered: got %q", got)
	}
	if status, _ := call(t, "GET", s.URL()+"/api/v1/x", token, "", nil); status != 200 {
		t.Errorf("a token from before the restart: got %d", status)
	}
	key, err := os.ReadFile(filepath.Join(o.DataDir, "citizen-key"))
	if err != nil || len(key) < 40 {
		t.Errorf("citizen key: %d bytes, %v", len(key), err)
	}
}

func TestSystem_PoisonEndsInDeadLettersAndComesBack(t *testing.T) {
	s := start(t, options(t))
	s.strict = 200 * time.Millisecond
	call(t, "POST", s.URL()+"/webhooks/facebook", "", "poison", nil)
	deadLetters := func() int {
		var st local.State
		call(t, "GET", s.URL()+"/local/state", "", "", &st)
		i := slices.IndexFunc(st.Queues, func(q local.Queue) bool { return q.Name == "InboxDeadLetters" && q.Dead })
		if i < 0 {
			t.Fatalf("no dead letters in %+v", st)
		}
		return st.Queues[i].Visible
	}
	// Each jump ends one wait between two tries; the receive after the last try moves the message.
	for at := time.Now(); deadLetters() == 0; {
		if at = at.Add(time.Hour); at.After(time.Now().Add(100 * time.Hour)) {
			t.Fatal("it never became a dead letter")
		}
		tick(t, s, fmt.Sprintf(`{"at":%q}`, at.Format(time.RFC3339)))
	}
	var got struct{ Moved int }
	if status, body := call(t, "POST", s.URL()+"/local/redrive", "", `{"queue":"InboxDeadLetters"}`, &got); status != 200 || got.Moved != 1 {
		t.Errorf("redrive: got %d %s", status, body)
	}
	if n := deadLetters(); n != 0 {
		t.Errorf("%d dead letters are left", n)
	}
	for queue, want := range map[string]int{"RelayDeadLetters": 409, "InboxQueue": 404, "": 404} {
		if status, _ := call(t, "POST", s.URL()+"/local/redrive", "", `{"queue":"`+queue+`"}`, nil); status != want {
			t.Errorf("redrive of %q: got %d, want %d", queue, status, want)
		}
	}
}

func TestSystem_FunctionThatCrashesIsA500(t *testing.T) {
	s := start(t, options(t))
	if status, body := call(t, "POST", s.URL()+"/webhooks/facebook", "", "crash", nil); status != 500 || body != `{"message":"Internal Server Error"}` {
		t.Errorf("got %d %s", status, body)
	}
	if status, _ := call(t, "POST", s.URL()+"/webhooks/facebook", "", "sigue", nil); status != 200 {
		t.Errorf("the next one: got %d", status)
	}
}

func TestStart_SaysWhatIsInTheWay(t *testing.T) {
	o := options(t)
	s := start(t, o)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	cases := []struct {
		name   string
		change func(*Options)
		word   string
	}{
		{"same data", func(*Options) {}, "another local system"},
		{"port taken", func(o *Options) { o.Addr = taken.Addr().String() }, "in use"},
		{"simulator's port taken", func(o *Options) { o.SimAddr = taken.Addr().String() }, "GESTOR_SIM_ADDR"},
		{"functions not built", func(o *Options) { o.FunctionsDir = t.TempDir() }, "make functions"},
		{"no engine", func(o *Options) { o.DynamoDB, o.Dynoxide = "", "/no/hay" }, "make"},
		{"accounts that are none", func(o *Options) { o.Accounts = "[]" }, "accounts"},
		{"template that is none", func(o *Options) { o.Template = []byte("{}") }, "template"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			other := options(t)
			other.FunctionsDir = o.FunctionsDir
			if c.name == "same data" {
				other.DataDir = o.DataDir
			}
			c.change(&other)
			second, err := Start(t.Context(), other)
			if err == nil {
				stop(t, second)
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), c.word) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want one line with %q", err, c.word)
			}
		})
	}
	if status, _ := call(t, "GET", s.URL()+"/local/state", "", "", nil); status != 200 {
		t.Errorf("the first one: got %d", status)
	}
}
