// Package media reads the bytes of attachments from the networks' own hosts, and from nowhere else.
package media

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

const (
	// MaxBytes is the largest attachment that is kept: what Messenger takes (platforms.md §5), and more than WhatsApp does
	// of all but documents.
	MaxBytes = 25 << 20
	// defaultTimeout bounds one attachment, redirections included.
	defaultTimeout = 20 * time.Second

	maxRedirects     = 3
	maxHeaderBytes   = 64 << 10
	dialTimeout      = 5 * time.Second
	handshakeTimeout = 5 * time.Second
)

// Why an attachment could not be read, besides the reasons of package once.
const (
	ReasonHost  = "servidor_ajeno"   // its address is not of the network's own hosts, or leads to a place inside
	ReasonLarge = "muy_grande"       // more than MaxBytes
	ReasonType  = "tipo_desconocido" // not a picture, sound, film or document that we keep
)

// Config is what a Client needs. Local is the base address of one server on this machine or its own network that stands in
// for all networks, as the simulator does; empty everywhere else. Timeout 0 is twenty seconds.
type Config struct {
	Local   string
	Timeout time.Duration

	// What tests put in the place of the internet.
	lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	may    func(netip.Addr) bool
	port   string
	roots  *x509.CertPool
	max    int64
}

// Client reads attachments. It is safe for concurrent use and keeps no connection.
type Client struct {
	cfg   Config
	local *url.URL
}

// New makes a Client. A Local that is no address of http or https, or names a place outside of this machine and its own
// network, is refused.
func New(cfg Config) (*Client, error) {
	c := &Client{cfg: cfg.whole()}
	if cfg.Local == "" {
		return c, nil
	}
	u, err := url.Parse(cfg.Local)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fault.New(fault.Invalid, "media.New", errors.New("the local address is none"))
	}
	if ip, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !near(ip)) {
		return nil, fault.New(fault.Invalid, "media.New", errors.New("the local address is not local"))
	}
	c.local = u
	return c, nil
}

// whole fills in what nobody said.
func (c Config) whole() Config {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.lookup == nil {
		c.lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if c.may == nil {
		c.may = public
	}
	if c.port == "" {
		c.port = "443"
	}
	if c.max == 0 {
		c.max = MaxBytes
	}
	return c
}

// Get reads an attachment of the network, and tells what it is by the bytes themselves: what a server says of them is not
// believed. Its errors: Permanent when there is nothing to be had (gone, a foreign host, too
// large, of a type we do not keep), Denied when the key opens nothing, Transient when a later try may do. None of them names
// the address.
func (c *Client) Get(ctx context.Context, n mention.Network, d channel.Download) (kind string, body []byte, err error) {
	const op = "media.Get"
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	at, err := url.Parse(d.URL)
	if err != nil {
		return "", nil, failed(op, ReasonHost, 0)
	}
	header, asked := d.Header, at.Host
	atHome := c.isLocal(at)
	for range maxRedirects + 1 {
		if !c.allowed(n, at, atHome) {
			return "", nil, failed(op, ReasonHost, 0)
		}
		if at.Host != asked {
			header = nil // the key goes to the host it was meant for, and does not come back to it by another's word
		}
		resp, err := c.ask(ctx, at, header, atHome)
		if err != nil {
			return "", nil, broken(op, err)
		}
		next, moved := redirected(at, resp)
		if !moved {
			return c.take(op, resp)
		}
		_ = resp.Body.Close() // nothing of it was wanted
		if next == nil {
			return "", nil, failed(op, ReasonHost, resp.StatusCode)
		}
		at = next
	}
	return "", nil, failed(op, ReasonHost, http.StatusLoopDetected)
}

// Reason gives the short code of an error of this package.
func (c *Client) Reason(err error) string { return once.Reason(err) }

// isLocal reports whether the address lies under the one local base.
func (c *Client) isLocal(u *url.URL) bool {
	return c.local != nil && u.Scheme == c.local.Scheme && u.Host == c.local.Host && u.User == nil
}

// allowed reports whether a request may go there at all; who answers under that name is looked at when the connection is
// made. What began at the local base stays there, and nothing else ever leads to it.
func (c *Client) allowed(n mention.Network, u *url.URL, atHome bool) bool {
	if atHome {
		return c.isLocal(u)
	}
	return u.Scheme == "https" && u.User == nil && (u.Port() == "" || u.Port() == c.cfg.port) && Trusted(n, u.Hostname())
}

// ask makes one request on a connection of its own: what a frozen Lambda wakes with is dead.
func (c *Client) ask(ctx context.Context, u *url.URL, header map[string]string, atHome bool) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, errForeign
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	req.Close = true
	transport := &http.Transport{ // no proxy: it would connect in our place, and to whom it likes
		DialContext:            c.dialer(atHome),
		TLSHandshakeTimeout:    handshakeTimeout,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.cfg.roots},
		MaxResponseHeaderBytes: maxHeaderBytes,
		DisableCompression:     true, // a small answer must not become a large one
		DisableKeepAlives:      true,
	}
	return transport.RoundTrip(req) // not http.Client, which follows redirections by itself
}

// errForeign is a name that leads to a place we do not go to.
var errForeign = errors.New("not a public address")

// dialer connects to the address a name has at this moment, and looks at that very address when it does: what the name
// said a moment before counts for nothing.
func (c *Client) dialer(atHome bool) func(ctx context.Context, network, address string) (net.Conn, error) {
	may := c.cfg.may
	if atHome {
		may = near
	}
	dial := net.Dialer{Timeout: dialTimeout, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !may(at.Addr()) {
			return errForeign
		}
		return nil
	}}
	return func(ctx context.Context, _, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return nil, err
		}
		ips, err := c.addresses(ctx, host, atHome)
		if err != nil {
			return nil, err
		}
		for _, ip := range ips {
			if !may(ip) {
				return nil, errForeign // one wrong answer spoils them all: whoever gave it may give it again
			}
		}
		err = errors.New("the name has no address")
		for _, ip := range ips {
			var conn net.Conn
			if conn, err = dial.DialContext(ctx, "tcp", netip.AddrPortFrom(ip, uint16(number)).String()); err == nil {
				return conn, nil
			}
		}
		return nil, err
	}
}

// addresses resolves a name. Only the local base may be an address itself: no network's host is.
func (c *Client) addresses(ctx context.Context, host string, atHome bool) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); atHome && err == nil {
		return []netip.Addr{ip}, nil
	}
	return c.cfg.lookup(ctx, host)
}

// redirected reports whether the answer sends us elsewhere, and where: nil when that is no address.
func redirected(from *url.URL, resp *http.Response) (*url.URL, bool) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		next, err := from.Parse(resp.Header.Get("Location"))
		if err != nil || resp.Header.Get("Location") == "" {
			return nil, true
		}
		return next, true
	}
	return nil, false
}

// take reads the answer, at most what is kept.
func (c *Client) take(op string, resp *http.Response) (kind string, body []byte, err error) {
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return "", nil, refused(op, resp.StatusCode)
	}
	if resp.ContentLength > c.cfg.max {
		return "", nil, failed(op, ReasonLarge, resp.StatusCode)
	}
	body, err = io.ReadAll(io.LimitReader(resp.Body, c.cfg.max+1))
	switch {
	case err != nil:
		return "", nil, broken(op, err)
	case int64(len(body)) > c.cfg.max:
		return "", nil, failed(op, ReasonLarge, resp.StatusCode)
	}
	kind, known := Sniff(body)
	if !known {
		return "", nil, failed(op, ReasonType, resp.StatusCode)
	}
	return kind, body, nil
}

// refused reads an answer that is no success. Networks answer 403 for an address whose time is over, as for one that is
// gone.
func refused(op string, status int) error {
	switch {
	case status == http.StatusUnauthorized:
		return failed(op, once.ReasonAuth, status)
	case status == http.StatusTooManyRequests:
		return failed(op, once.ReasonThrottle, status)
	case status >= 500 || status == http.StatusRequestTimeout:
		return failed(op, once.ReasonUnknown, status)
	default:
		return failed(op, once.ReasonGone, status)
	}
}

// broken is a request that came to no whole answer. What the transport says may quote the address, and an address opens
// the attachment to whoever reads it.
func broken(op string, err error) error {
	if errors.Is(err, errForeign) {
		return failed(op, ReasonHost, 0)
	}
	return failed(op, once.ReasonUnreachable, 0)
}

func failed(op, reason string, status int) error {
	kind := fault.Permanent
	switch reason {
	case once.ReasonAuth:
		kind = fault.Denied
	case once.ReasonThrottle, once.ReasonUnknown, once.ReasonUnreachable:
		kind = fault.Transient
	}
	return fault.New(kind, op, &once.Failure{Reason: reason, Status: status})
}
