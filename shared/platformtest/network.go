package platformtest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"sence.gob.cl/gestor/shared/fault"
)

// network is a server that does with each write what it is told, and shows what it took to who looks.
type network struct {
	*httptest.Server
	way     Way
	foreign *httptest.Server // another host: nothing of ours may arrive there

	mu      sync.Mutex
	onWrite func(w http.ResponseWriter, r *http.Request)
	onRead  func(w http.ResponseWriter, r *http.Request)
	said    []string // the texts of the writes, in order
	kept    bool     // a request asked to keep its connection
	shown   bool     // the key stood in an address
	reads   int
	strayed int
}

func newNetwork(w Way) *network {
	n := &network{way: w}
	n.onWrite = n.answer(w.Sent)
	n.onRead = func(rw http.ResponseWriter, r *http.Request) { n.answer(w.Read(r, len(n.texts()) > 0))(rw, r) }
	n.Server = httptest.NewServer(http.HandlerFunc(n.serve))
	n.foreign = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		n.strayed++
		n.mu.Unlock()
		n.answer(w.Sent)(rw, r)
	}))
	return n
}

func (n *network) close() {
	n.Close()
	n.foreign.Close()
}

func (n *network) serve(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the other side went away
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	write := r.Method != http.MethodGet && r.Method != http.MethodHead
	if n.way.Writes != nil {
		write = n.way.Writes(r)
	}
	n.mu.Lock()
	n.kept = n.kept || !r.Close
	n.shown = n.shown || strings.Contains(r.URL.String(), Token)
	do := n.onRead
	if write {
		n.said = append(n.said, n.way.Said(r, body))
		do = n.onWrite
	} else {
		n.reads++
	}
	n.mu.Unlock()
	do(rw, r)
}

func (n *network) texts() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.said
}

func (n *network) looks() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.reads
}

// stray reports what arrived at the other host.
func (n *network) stray() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.strayed > 0 {
		return []string{fmt.Sprintf("%d requests went to another host", n.strayed)}
	}
	return nil
}

// answer answers as told; {foreign} and {here} in headers stand for the two hosts.
func (n *network) answer(a Answer) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Date", SaidAt().Format(http.TimeFormat))
		for i := 0; i+1 < len(a.Header); i += 2 {
			rw.Header().Set(a.Header[i], strings.NewReplacer("{foreign}", n.foreign.URL, "{here}", n.URL).Replace(a.Header[i+1]))
		}
		rw.WriteHeader(a.Status)
		_, _ = io.WriteString(rw, a.Body)
	}
}

// reset takes the request and breaks the connection.
func reset(rw http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// quiet reports what an error says, in any form it may be printed, that it must not.
func (n *network) quiet(err error) []string {
	address := strings.TrimPrefix(n.URL, "http://")
	var out []string
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, form := range []string{"%v", "%+v", "%#v"} {
			printed := fmt.Sprintf(form, e)
			for _, secret := range append([]string{Canary, Token, Text, "Bearer", address}, n.way.Secrets...) {
				if strings.Contains(printed, secret) {
					out = append(out, fmt.Sprintf("%s prints %q", form, secret))
				}
			}
		}
	}
	return out
}

// reasoner gives the short code of an error.
type reasoner interface{ Reason(err error) string }

// judged reports where an error is not of the kind it must be, gives no reason code, or says too much.
func (n *network) judged(p reasoner, err error, kind fault.Kind, reason string) []string {
	out := n.quiet(err)
	if fault.Of(err) != kind {
		out = append(out, fmt.Sprintf("kind %s, want %s", fault.Of(err), kind))
	}
	if got := p.Reason(err); got == "" || reason != "" && got != reason {
		out = append(out, fmt.Sprintf("reason %q, want %q", got, reason))
	}
	return out
}
