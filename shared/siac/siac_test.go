package siac

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/unit"
)

const (
	testToken = "token-de-prueba"
	testRef   = "RS-2026-0000123-4"
	secretly  = "palabras de una persona"
)

func token(context.Context) (string, error) { return testToken, nil }

func sample() Case {
	return Case{
		IdempotencyKey: "facebook:comment:1_2", ExternalRef: testRef, Network: "facebook", Type: "reclamo", Description: secretly,
		EnteredAt: time.Date(2026, 11, 20, 23, 30, 15, 999, time.FixedZone("", -3*60*60)), Region: "13",
	}
}

// serve starts a SIAC that answers as told and counts what it was asked.
func serve(t *testing.T, handler http.HandlerFunc) (*Client, *atomic.Int64) {
	t.Helper()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return New(Config{BaseURL: server.URL + "/", Token: token}), &asked
}

// reply answers with a status, a body and headers given in pairs.
func reply(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// cut answers with what it is given and then resets the connection.
func cut(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = buffered.WriteString(text)
		_ = buffered.Flush()
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

func TestFile_Request(t *testing.T) {
	var got map[string]any
	c, asked := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v1/casos" {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		for name, want := range map[string]string{
			"Authorization": "Bearer " + testToken, "Idempotency-Key": "facebook:comment:1_2", "Content-Type": "application/json",
			"X-Correlation-Id": "req-1",
		} {
			if v := r.Header.Get(name); v != want {
				t.Errorf("%s: %q, want %q", name, v, want)
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		reply(http.StatusCreated, `{"folio":"S-1","estado":"ingresado","vence_el":"2026-12-21","ref_externa":"`+testRef+`","secuencia":1,"nuevo":{}}`)(w, r)
	})
	ctx, _ := unit.Begin(t.Context(), "req-1")
	filed, err := c.File(ctx, sample())
	if err != nil || filed != (Filed{Folio: "S-1", State: "ingresado", DueDate: "2026-12-21"}) {
		t.Errorf("%+v, %v", filed, err)
	}
	want := map[string]any{
		"canal": "redes_sociales", "red": "facebook", "tipo_solicitud": "reclamo", "descripcion": secretly,
		"fecha_ingreso": "2026-11-21T02:30:15Z", "zona": "America/Santiago", "clave_idempotencia": "facebook:comment:1_2",
		"ref_externa": testRef, "region": "13",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if asked.Load() != 1 {
		t.Errorf("%d requests", asked.Load())
	}
}

// outcome is how an answer must be understood by File and by Find.
type outcome struct {
	name       string
	answer     http.HandlerFunc
	file, find fault.Kind // 0: success
	wait       time.Duration
}

func outcomes() []outcome {
	const list = `{"items":[{"folio":"S-1","estado":"ingresado","ref_externa":"` + testRef + `"}]}`
	problem := `{"title":"` + secretly + `","codigo":"x"}`
	refused := func(status int, kind fault.Kind, headers ...string) outcome {
		return outcome{name: http.StatusText(status), answer: reply(status, problem, headers...), file: kind, find: kind}
	}
	doubtful := func(name string, answer http.HandlerFunc) outcome {
		return outcome{name: name, answer: answer, file: fault.Uncertain, find: fault.Transient}
	}
	limited := refused(http.StatusTooManyRequests, fault.Transient, "Retry-After", "90")
	limited.wait = 90 * time.Second
	return []outcome{
		{name: "created", answer: reply(201, `{"folio":"S-1"}`), find: fault.Transient},
		{name: "known key", answer: reply(200, `{"folio":"S-1","ref_externa":"`+testRef+`"}`), find: fault.Transient},
		{name: "a list", answer: reply(200, list), file: fault.Uncertain},
		refused(400, fault.Permanent),
		refused(401, fault.Denied),
		refused(403, fault.Denied),
		refused(404, fault.Permanent),
		refused(409, fault.Conflict),
		refused(413, fault.Permanent),
		refused(415, fault.Permanent),
		refused(422, fault.Permanent),
		limited,
		doubtful("a client error nobody documents", reply(418, problem)),
		doubtful("request timeout", reply(408, problem)),
		doubtful("500", reply(500, problem)),
		doubtful("502", reply(502, "<html>"+secretly+"</html>")),
		doubtful("503 with Retry-After", reply(503, problem, "Retry-After", "5")),
		doubtful("an empty body", reply(201, "")),
		doubtful("no JSON", reply(201, "<p>"+secretly)),
		doubtful("another JSON", reply(200, `["`+secretly+`"]`)),
		doubtful("no folio", reply(201, `{"estado":"ingresado"}`)),
		doubtful("an empty folio", reply(201, `{"folio":""}`)),
		doubtful("a folio that is a number", reply(201, `{"folio":7,"items":7}`)),
		doubtful("a folio too long", reply(201, `{"folio":"`+strings.Repeat("a", 65)+`"}`)),
		doubtful("a folio with a line break", reply(201, `{"folio":"a\nb"}`)),
		doubtful("another ticket's folio", reply(201, `{"folio":"S-2","ref_externa":"RS-2026-0000999-1"}`)),
		doubtful("reset before the answer", cut("")),
		doubtful("reset inside the head", cut("HTTP/1.1 201 Cre")),
		doubtful("reset inside the body", cut("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"folio\":\"S-1\"")),
		doubtful("no HTTP", cut("hola "+secretly+"\r\n\r\n")),
		doubtful("an answer without end", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusCreated)
			for range 3 {
				_, _ = io.WriteString(w, strings.Repeat(" ", answerLimit))
			}
			_, _ = io.WriteString(w, `{"folio":"S-1"}`)
		}),
	}
}

// check verifies kind and waiting time, and that nothing anybody wrote or signed with stands in the error.
func check(t *testing.T, err error, kind fault.Kind, wait time.Duration) {
	t.Helper()
	if fault.Of(err) != kind || (kind == 0) != (err == nil) {
		t.Errorf("%v is %s, want %s", err, fault.Of(err), kind)
	}
	var f *fault.Error
	if errors.As(err, &f) && f.RetryAfter != wait {
		t.Errorf("wait %s, want %s", f.RetryAfter, wait)
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, private := range []string{testToken, secretly, "palabras", "hola"} {
			if strings.Contains(e.Error(), private) {
				t.Errorf("the error carries %q: %v", private, e)
			}
		}
		if strings.Contains(e.Error(), "\n") {
			t.Errorf("the error is more than a line: %q", e)
		}
	}
}

func TestFile_Outcomes(t *testing.T) {
	for _, tt := range outcomes() {
		t.Run(tt.name, func(t *testing.T) {
			c, asked := serve(t, tt.answer)
			filed, err := c.File(t.Context(), sample())
			check(t, err, tt.file, tt.wait)
			if (err == nil) != (filed.Folio == "S-1") {
				t.Errorf("folio %q with %v", filed.Folio, err)
			}
			if n := asked.Load(); n != 1 {
				t.Errorf("%d requests reached SIAC, want 1", n)
			}
		})
	}
}

func TestFind_Outcomes(t *testing.T) {
	for _, tt := range outcomes() {
		t.Run(tt.name, func(t *testing.T) {
			c, asked := serve(t, tt.answer)
			filed, found, err := c.Find(t.Context(), testRef)
			check(t, err, tt.find, tt.wait)
			if found != (err == nil) || found != (filed.Folio == "S-1") {
				t.Errorf("%+v %v %v", filed, found, err)
			}
			if n := asked.Load(); n != 1 {
				t.Errorf("%d requests reached SIAC, want 1", n)
			}
		})
	}
}

// ending is a context that ends with err when done is closed, at a moment the test chooses.
type ending struct {
	context.Context
	done chan struct{}
	err  error
}

func (e ending) Done() <-chan struct{} { return e.done }

func (e ending) Err() error {
	select {
	case <-e.done:
		return e.err
	default:
		return nil
	}
}

func TestFile_Hang(t *testing.T) {
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		t.Run(end.Error(), func(t *testing.T) {
			ctx := ending{Context: t.Context(), done: make(chan struct{}), err: end}
			release := make(chan struct{})
			c, asked := serve(t, func(http.ResponseWriter, *http.Request) {
				close(ctx.done) // the request is there: from here on nobody knows
				<-release
			})
			defer close(release)
			_, err := c.File(ctx, sample())
			check(t, err, fault.Uncertain, 0)
			if !errors.Is(err, end) || asked.Load() != 1 {
				t.Errorf("%v after %d requests", err, asked.Load())
			}
		})
	}
}

// A redirect would carry token and words to a host nobody chose.
func TestClient_FollowsNoRedirect(t *testing.T) {
	elsewhere, visits := serve(t, reply(200, `{"folio":"S-9","items":[{"folio":"S-9","ref_externa":"`+testRef+`"}]}`))
	for _, status := range []int{301, 302, 303, 307, 308} {
		c, _ := serve(t, reply(status, "", "Location", elsewhere.base+"/v1/casos"))
		_, err := c.File(t.Context(), sample())
		check(t, err, fault.Uncertain, 0)
		_, _, err = c.Find(t.Context(), testRef)
		check(t, err, fault.Transient, 0)
	}
	if visits.Load() != 0 {
		t.Errorf("%d requests went elsewhere", visits.Load())
	}
}

// What never reached SIAC may be tried again without a look.
func TestFile_NoConnection(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	untrusted := httptest.NewUnstartedServer(reply(201, `{"folio":"S-1"}`))
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	untrusted.StartTLS()
	defer untrusted.Close()
	for name, base := range map[string]string{
		"refused": closed.URL, "certificate": untrusted.URL,
	} {
		t.Run(name, func(t *testing.T) {
			c := New(Config{BaseURL: base, Token: token})
			_, err := c.File(t.Context(), sample())
			check(t, err, fault.Transient, 0)
			_, _, err = c.Find(t.Context(), testRef)
			check(t, err, fault.Transient, 0)
		})
	}
}

// A transport that tells nothing of its connections proves nothing.
func TestFile_SilentTransport(t *testing.T) {
	broken := roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New(secretly) })
	c := New(Config{BaseURL: "http://127.0.0.1:1", Token: token, HTTP: &http.Client{Transport: broken}})
	_, err := c.File(t.Context(), sample())
	check(t, err, fault.Uncertain, 0)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A body the transport could read again would be sent again, all the more with an Idempotency-Key.
func TestFile_CannotBeReplayed(t *testing.T) {
	look := roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.GetBody != nil || !r.Close {
			t.Errorf("GetBody %v, Close %v", r.GetBody != nil, r.Close)
		}
		return nil, errors.New("no")
	})
	_, err := New(Config{BaseURL: "http://127.0.0.1:1", Token: token, HTTP: &http.Client{Transport: look}}).File(t.Context(), sample())
	check(t, err, fault.Uncertain, 0)
}

func TestFile_NothingSent(t *testing.T) {
	c, asked := serve(t, reply(201, `{"folio":"S-1"}`))
	change := func(f func(*Case)) Case {
		one := sample()
		f(&one)
		return one
	}
	for name, filed := range map[string]Case{
		"no key":        change(func(c *Case) { c.IdempotencyKey = "" }),
		"key too long":  change(func(c *Case) { c.IdempotencyKey = strings.Repeat("k", 129) }),
		"key breaks":    change(func(c *Case) { c.IdempotencyKey = "a\r\nX-Other: b" }),
		"no reference":  change(func(c *Case) { c.ExternalRef = "" }),
		"no entry date": change(func(c *Case) { c.EnteredAt = time.Time{} }),
	} {
		_, err := c.File(t.Context(), filed)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err := c.Find(t.Context(), "")
	check(t, err, fault.Invalid, 0)
	for name, tt := range map[string]struct {
		cfg  Config
		kind fault.Kind
	}{
		"empty token":  {Config{BaseURL: c.base, Token: func(context.Context) (string, error) { return "", nil }}, fault.Denied},
		"token denied": {Config{BaseURL: c.base, Token: func(context.Context) (string, error) { return "", fault.New(fault.Denied, "secret", nil) }}, fault.Denied},
		"base no URL":  {Config{BaseURL: "http://[::1", Token: token}, fault.Permanent},
	} {
		_, err := New(tt.cfg).File(t.Context(), sample())
		if fault.Of(err) != tt.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("%d requests were sent", asked.Load())
	}
}
