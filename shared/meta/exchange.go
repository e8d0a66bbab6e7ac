package meta

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// maxAnswer bounds an answer of the Graph API: a page of 100 comments of 8 000 characters stays below it.
const maxAnswer = 8 << 20

// exchange is the one HTTP request of one call, and what became of it. It stands between the Graph library and the
// network because the library loses the status, takes an answer of 500 without an error object for a success, and follows
// addresses to any host with the token in hand.
type exchange struct {
	next         http.RoundTripper
	scheme, host string

	// asked and connected are set by the transport: asked when it begins to look for a connection, connected when it has one
	// that is ready for the request, TLS included.
	asked, connected atomic.Bool

	foreign bool        // the request was for another host and was not sent
	sent    int         // requests handed to the transport
	status  int         // 0: no answer came
	header  http.Header // of the answer
	body    []byte      // of the answer; nil unless it is a JSON object
	err     error       // why no answer came, or why it could not be read
}

// These never leave the package: they end the library's work, and verdict says what they mean.
var (
	errForeignHost = errors.New("foreign host")
	errUnreadable  = errors.New("unreadable answer")
	errNoSecond    = errors.New("second request")
)

// RoundTrip sends the request once. What is not an answer below 300 or a refusal in JSON is an error, so that the library
// can make nothing of it.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != x.scheme || req.URL.Host != x.host {
		x.foreign = true
		return nil, errors.Join(errForeignHost, closeBody(req))
	}
	if x.sent++; x.sent > 1 {
		return nil, errors.Join(errNoSecond, closeBody(req))
	}
	trace := &httptrace.ClientTrace{
		GetConn: func(string) { x.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { x.connected.Store(true) },
	}
	req = req.Clone(httptrace.WithClientTrace(req.Context(), trace))
	req.GetBody = nil // without it, the transport cannot write the body a second time
	resp, err := x.next.RoundTrip(req)
	if err != nil {
		x.err = err
		return nil, err
	}
	x.status, x.header = resp.StatusCode, resp.Header
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		x.err = err
		return nil, err
	}
	if len(body) <= maxAnswer {
		if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(trimmed) {
			x.body = trimmed
		}
	}
	redirected := resp.StatusCode >= 300 && resp.StatusCode < 400
	if x.body == nil || resp.StatusCode >= 500 || redirected {
		return nil, errUnreadable
	}
	resp.Body = io.NopCloser(bytes.NewReader(x.body))
	return resp, nil
}

func closeBody(req *http.Request) error {
	if req.Body == nil {
		return nil
	}
	return req.Body.Close()
}

// neverSent reports that the request certainly did not leave: the transport never got it, or looked for a connection and
// never had one. A transport that does not say when it looks proves nothing.
func (x *exchange) neverSent() bool { return x.sent == 0 || x.asked.Load() && !x.connected.Load() }

const (
	dialTimeout      = 5 * time.Second
	maxHeaderBytes   = 64 << 10
	handshakeTimeout = 5 * time.Second
)

// newTransport gives a transport that opens a connection for each request. A frozen Lambda wakes with dead connections in
// its pool, and a request written to one of them has an unknown outcome; a connection that cannot be opened has a known one.
// HTTP/1.1 alone for the same reason: HTTP/2 repeats requests by itself.
func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:    handshakeTimeout,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}
