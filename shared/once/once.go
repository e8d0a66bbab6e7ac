// Package once makes one HTTP request to a network, at most once, and says what is known of what became of it.
//
// No network has a key that makes a repetition harmless: an answer said twice stands there twice. So nothing here repeats,
// follows or keeps a connection, and a request of which it is proven that it never left is told from all others.
package once

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"sence.gob.cl/gestor/shared/unit"
)

const (
	// maxAnswer bounds an answer, in bytes: a page of 100 items of any network stays below it.
	maxAnswer        = 8 << 20
	maxHeaderBytes   = 64 << 10
	dialTimeout      = 5 * time.Second
	handshakeTimeout = 5 * time.Second
	// defaultTimeout leaves the function time to record an outcome that never came.
	defaultTimeout = 10 * time.Second
)

// Client makes requests to one network. It is safe for concurrent use.
type Client struct {
	network   string
	base      string
	transport http.RoundTripper
	timeout   time.Duration
}

// New makes a client for the network of that name at base, an address of https, or of http on this machine or its own
// network; false when base is none. Transport nil opens a connection for each request; timeout 0 is ten seconds.
func New(network, base string, transport http.RoundTripper, timeout time.Duration) (Client, bool) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !safeScheme(u) || timeout < 0 {
		return Client{}, false
	}
	if transport == nil {
		transport = newTransport()
	}
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return Client{network: network, base: strings.TrimRight(u.String(), "/"), transport: transport, timeout: timeout}, true
}

// safeScheme refuses to send tokens in the clear to anybody but this machine and its own network.
func safeScheme(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	near := u.Hostname() == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsPrivate())
	return u.Scheme == "https" || u.Scheme == "http" && near
}

// newTransport gives a transport of HTTP/1.1 alone, because HTTP/2 repeats requests by itself.
func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:    handshakeTimeout,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// Call is one request. Path begins with a slash and is escaped, with its query. Body goes as JSON, Form as a form, Raw as it
// is and as of the type Type; at most one of them is set. Method may be left out where it is GET, without any, or POST, with
// one. Sign, which may be nil, puts its own signature on what passes through it.
type Call struct {
	Method string
	Path   string
	Body   any
	Form   url.Values
	Raw    []byte
	Type   string
	Header http.Header
	Sign   func(http.RoundTripper) http.RoundTripper
}

// content gives what the request carries and its type, "" for nothing.
func (c Call) content() (body []byte, kind string, err error) {
	switch {
	case c.Raw != nil:
		return c.Raw, c.Type, nil
	case c.Form != nil:
		return []byte(c.Form.Encode()), "application/x-www-form-urlencoded", nil
	case c.Body != nil:
		body, err = json.Marshal(c.Body)
		return body, "application/json", err
	}
	return nil, "", nil
}

// method gives the method, the usual one where none was said.
func (c Call) method() string {
	switch {
	case c.Method != "":
		return c.Method
	case c.Body != nil || c.Form != nil || c.Raw != nil:
		return http.MethodPost
	}
	return http.MethodGet
}

// Address gives the whole address of a path of the network, for who reads it in another way.
func (c Client) Address(path string) string { return c.base + path }

// Answer is what is known after a request.
type Answer struct {
	// NeverSent is proven: no connection came about.
	NeverSent bool
	// Status is 0 when no answer came.
	Status int
	Header http.Header
	// Body is nil when no answer came, or not all of it.
	Body []byte
	// Cause is the context error that ended the wait, if one did. What else the transport says may quote addresses.
	Cause error
}

// Object reads the body into into, and reports whether it is a JSON object. A member of the wrong type is as if it were
// not there.
func (a Answer) Object(into any) bool {
	body := bytes.TrimSpace(a.Body)
	if len(body) == 0 || body[0] != '{' {
		return false
	}
	var wrongType *json.UnmarshalTypeError
	err := json.Unmarshal(body, into)
	return err == nil || errors.As(err, &wrongType)
}

// Do makes the request.
func (c Client) Do(ctx context.Context, call Call) Answer {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if ctx.Err() != nil {
		return Answer{NeverSent: true, Cause: ctx.Err()}
	}
	var asked, connected atomic.Bool
	req, err := c.request(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}), call)
	if err != nil {
		return Answer{NeverSent: true}
	}
	work := unit.Of(ctx)
	work.Network(c.network)
	work.Count(unit.NetworkCalls, 1)
	way := c.transport
	if call.Sign != nil {
		way = call.Sign(way)
	}
	// Not http.Client: it would follow redirections, with the token and the text in hand.
	resp, err := way.RoundTrip(req)
	if err != nil {
		// Only a transport that reports its connections can prove that there was none.
		return Answer{NeverSent: asked.Load() && !connected.Load(), Cause: contextError(err)}
	}
	a := Answer{Status: resp.StatusCode, Header: resp.Header}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		a.Cause = contextError(err)
	} else if len(body) <= maxAnswer {
		a.Body = append([]byte{}, body...)
	}
	return a
}

// request builds a request that a transport can write only once: without GetBody it has no second copy of the body.
func (c Client) request(ctx context.Context, call Call) (*http.Request, error) {
	content, kind, err := call.content()
	if err != nil {
		return nil, err
	}
	body := io.Reader(http.NoBody)
	if kind != "" {
		body = bytes.NewReader(content)
	}
	req, err := http.NewRequestWithContext(ctx, call.method(), c.base+call.Path, body)
	if err != nil {
		return nil, err
	}
	for name, values := range call.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	req.Header.Set("Accept", "application/json")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	req.GetBody = nil
	// A frozen Lambda wakes with dead connections, and what is written to one has an unknown outcome: none is kept.
	req.Close = true
	return req, nil
}

func contextError(err error) error {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &timeout) && timeout.Timeout():
		return context.DeadlineExceeded
	}
	return nil
}
