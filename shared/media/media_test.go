package media_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/media"
	"sence.gob.cl/gestor/shared/mention"
)

var jpeg = append([]byte{0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0}, bytes.Repeat([]byte{7}, 2000)...)

// server is a network's host on this machine: it counts the connections that reach it and keeps what was asked.
type server struct {
	*httptest.Server
	conns atomic.Int32
	mu    sync.Mutex
	asked []*http.Request
}

// certificate vouches for the names of these tests.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	in := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		DNSNames: []string{
			"fbcdn.net", "*.fbcdn.net", "*.xx.fbcdn.net", "*.cdninstagram.com", "*.fbsbx.com", "lookaside.facebook.com", "*.twimg.com", "ton.twitter.com",
			"*.licdn.com",
		},
	}
	der, err := x509.CreateCertificate(rand.Reader, in, in, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func serve(t *testing.T, answer http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r)
		s.mu.Unlock()
		answer(w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.conns.Add(1)
		}
	}
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t)}, MinVersion: tls.VersionTLS12}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *server) port(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// world is an internet in which every name stands for the server.
func (s *server) world(t *testing.T) media.World {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return media.World{
		Lookup: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		},
		May:  func(ip netip.Addr) bool { return ip.IsLoopback() },
		Port: s.port(t), Roots: roots, Timeout: 5 * time.Second,
	}
}

func client(t *testing.T, w media.World) *media.Client {
	t.Helper()
	c, err := media.NewIn(w)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The names that resolve to a place inside get no connection at all, in whatever form the place is written.
func TestGet_NeverConnectsInside(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(jpeg) })
	for _, inside := range []string{
		"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::",
		"169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fd00:ec2::254", "fe80::1", "10.0.0.1", "172.16.0.1", "192.168.1.1",
		"100.64.0.1", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1",
		"2001:db8::1", "2001::1", "fec0::1", "fc00::1", "192.0.0.192", "240.0.0.1", "3fff::1",
	} {
		for _, beside := range [][]string{{inside}, {"93.184.216.34", inside}} {
			w := s.world(t)
			w.May = media.Public
			w.Lookup = func(context.Context, string) ([]netip.Addr, error) {
				var out []netip.Addr
				for _, text := range beside {
					out = append(out, netip.MustParseAddr(text))
				}
				return out, nil
			}
			_, _, err := client(t, w).Get(t.Context(), mention.Facebook, channel.Download{URL: "https://scontent.xx.fbcdn.net:" + w.Port + "/a.jpg"})
			if !fault.Is(err, fault.Permanent) || reason(err) != media.ReasonHost {
				t.Errorf("%v: %v", beside, err)
			}
		}
	}
	if n := s.conns.Load(); n != 0 {
		t.Errorf("%d connections", n)
	}
}

// A name may say one thing when it is looked up and another a moment later: what counts is whom we connect to.
func TestGet_Rebinding(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://b.fbcdn.net:"+r.URL.Query().Get("port")+"/a.jpg", http.StatusFound)
	})
	first := true
	w := s.world(t)
	w.May = func(ip netip.Addr) bool { return ip.String() == "127.0.0.1" } // stands for what is public; 127.0.0.2 for what is not
	w.Lookup = func(context.Context, string) ([]netip.Addr, error) {
		defer func() { first = false }()
		if first {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.2")}, nil
	}
	_, _, err := client(t, w).Get(t.Context(), mention.Facebook, channel.Download{URL: "https://a.fbcdn.net:" + w.Port + "/?port=" + w.Port})
	if reason(err) != media.ReasonHost {
		t.Errorf("the second look-up led inside: %v", err)
	}
	if n := s.conns.Load(); n != 1 {
		t.Errorf("%d connections, want the first alone", n)
	}
}

func TestGet_Hosts(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(jpeg) })
	w := s.world(t)
	c := client(t, w)
	good := map[mention.Network][]string{
		mention.Facebook:  {"scontent-scl2-1.xx.fbcdn.net", "FBCDN.net", "lookaside.fbsbx.com", "cdn.fbsbx.com"},
		mention.Instagram: {"scontent.cdninstagram.com", "lookaside.fbsbx.com"},
		mention.WhatsApp:  {"lookaside.fbsbx.com", "lookaside.facebook.com"},
		mention.X:         {"pbs.twimg.com", "video.twimg.com", "ton.twimg.com", "ton.twitter.com"},
		mention.LinkedIn:  {"media.licdn.com", "dms.licdn.com"},
	}
	for n, list := range good {
		for _, host := range list {
			if _, _, err := c.Get(t.Context(), n, channel.Download{URL: "https://" + host + ":" + w.Port + "/a"}); err != nil {
				t.Errorf("%s %s: %v", n, host, err)
			}
		}
	}
	reached := s.conns.Load()
	for _, bad := range []string{
		"https://evilfbcdn.net/a", "https://fbcdn.net.example.com/a", "https://example.com/fbcdn.net", "https://facebook.com/a", "https://fbcdn.net./a",
		"http://scontent.fbcdn.net/a", "https://user@scontent.fbcdn.net/a", "https://scontent.fbcdn.net:8080/a", "https://127.0.0.1/a", "https://[::1]/a",
		"https://2130706433/a", "https://pbs.twimg.com/a", "ftp://fbcdn.net/a", "file:///etc/passwd", "//fbcdn.net/a", "", "%", "https:///a", "gopher://fbcdn.net",
		s.URL,
	} {
		if _, _, err := c.Get(t.Context(), mention.Facebook, channel.Download{URL: bad}); !fault.Is(err, fault.Permanent) || reason(err) != media.ReasonHost {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, _, err := c.Get(t.Context(), mention.Network("myspace"), channel.Download{URL: "https://fbcdn.net:" + w.Port + "/a"}); reason(err) != media.ReasonHost {
		t.Errorf("a network nobody knows: %v", err)
	}
	if n := s.conns.Load(); n != reached {
		t.Errorf("%d connections to foreign hosts", n-reached)
	}
}

func TestGet_Redirects(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		left := 0
		_, _ = fmt.Sscanf(r.URL.Path, "/hops/%d", &left)
		switch {
		case r.URL.Query().Get("to") != "" && left == 0:
			http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
		case left > 0:
			http.Redirect(w, r, fmt.Sprintf("/hops/%d?%s", left-1, r.URL.RawQuery), http.StatusTemporaryRedirect)
		default:
			_, _ = w.Write(jpeg)
		}
	})
	w := s.world(t)
	c := client(t, w)
	get := func(path string) error {
		_, _, err := c.Get(t.Context(), mention.X, channel.Download{URL: "https://ton.twimg.com:" + w.Port + path, Header: map[string]string{"Authorization": "Bearer k"}})
		return err
	}
	for hops, want := range map[int]string{0: "", 1: "", 3: "", 4: media.ReasonHost, 50: media.ReasonHost} {
		if err := get(fmt.Sprintf("/hops/%d", hops)); reason(err) != want {
			t.Errorf("%d redirections: %v", hops, err)
		}
	}
	before := s.conns.Load()
	foreign := []string{
		"https://example.com/", "http://pbs.twimg.com/", "https://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "https://fbcdn.net/",
		"file:///etc/passwd", "https://pbs.twimg.com:1/", "//example.com/", "::",
	}
	for _, to := range foreign {
		if err := get("/hops/0?to=" + url.QueryEscape(to)); reason(err) != media.ReasonHost {
			t.Errorf("sent to %s: %v", to, err)
		}
	}
	if n := s.conns.Load() - before; int(n) != len(foreign) {
		t.Errorf("%d connections, want one each", n)
	}
}

// The key goes to the host it was meant for, and is not carried to another, nor back by another's word.
func TestGet_KeepsTheKeyAtHome(t *testing.T) {
	var port string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := strings.Cut(r.Host, ":")
		switch {
		case r.URL.Path == "/same":
			http.Redirect(w, r, "/leave", http.StatusFound)
		case r.URL.Path == "/leave" && host == "ton.twimg.com":
			http.Redirect(w, r, "https://pbs.twimg.com:"+port+"/leave", http.StatusFound)
		case r.URL.Path == "/leave":
			http.Redirect(w, r, "https://ton.twimg.com:"+port+"/end", http.StatusFound)
		default:
			_, _ = w.Write(jpeg)
		}
	})
	w := s.world(t)
	port = w.Port
	_, _, err := client(t, w).Get(t.Context(), mention.X, channel.Download{
		URL: "https://ton.twimg.com:" + port + "/same", Header: map[string]string{"Authorization": "Bearer k"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range s.asked {
		got = append(got, strings.TrimSuffix(r.Host, ":"+port)+r.URL.Path+" "+r.Header.Get("Authorization"))
	}
	want := "ton.twimg.com/same Bearer k|ton.twimg.com/leave Bearer k|pbs.twimg.com/leave |ton.twimg.com/end "
	if strings.Join(got, "|") != want {
		t.Errorf("asked %q, want %q", strings.Join(got, "|"), want)
	}
}

func TestGet_Answers(t *testing.T) {
	answers := map[string]struct {
		answer http.HandlerFunc
		kind   fault.Kind
		reason string
	}{
		"gone":          {code(404), fault.Permanent, "gone"},
		"over":          {code(403), fault.Permanent, "gone"},
		"key refused":   {code(401), fault.Denied, "auth"},
		"too many":      {code(429), fault.Transient, "throttle"},
		"trouble":       {code(503), fault.Transient, "unknown_outcome"},
		"part of it":    {code(206), fault.Permanent, "gone"},
		"moved nowhere": {code(302), fault.Permanent, media.ReasonHost},
		"a page":        {write("<!DOCTYPE html><html><script>alert(1)</script></html>"), fault.Permanent, media.ReasonType},
		"a drawing":     {write(`<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>`), fault.Permanent, media.ReasonType},
		"nothing":       {write(""), fault.Permanent, media.ReasonType},
		"said too large": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000")
			_, _ = w.Write(jpeg)
		}, fault.Permanent, media.ReasonLarge},
		"too large": {func(w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				_, _ = w.Write(jpeg)
				_ = http.NewResponseController(w).Flush()
			}
		}, fault.Permanent, media.ReasonLarge},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3000")
			_, _ = w.Write(jpeg)
		}, fault.Transient, "unreachable"},
		"slow": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(jpeg[:100])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			panic(http.ErrAbortHandler) // without the word that ends the body
		}, fault.Transient, "unreachable"},
	}
	for name, a := range answers {
		t.Run(name, func(t *testing.T) {
			s := serve(t, a.answer)
			w := s.world(t)
			w.Max, w.Timeout = 4000, 500*time.Millisecond
			_, _, err := client(t, w).Get(t.Context(), mention.Facebook, channel.Download{URL: "https://a.fbcdn.net:" + w.Port + "/palabras?oh=secreto"})
			if !fault.Is(err, a.kind) || reason(err) != a.reason {
				t.Fatalf("%v, want %s %s", err, a.kind, a.reason)
			}
			if text := err.Error(); strings.Contains(text, "palabras") || strings.Contains(text, "secreto") || strings.Contains(text, "fbcdn") {
				t.Errorf("the error names the address: %s", text)
			}
		})
	}
}

func TestGet_Whole(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html") // nobody believes it
		_, _ = w.Write(jpeg)
	})
	w := s.world(t)
	kind, body, err := client(t, w).Get(t.Context(), mention.Instagram, channel.Download{URL: "https://x.cdninstagram.com:" + w.Port + "/a"})
	if err != nil || kind != "image/jpeg" || !bytes.Equal(body, jpeg) {
		t.Errorf("%s, %d bytes, %v", kind, len(body), err)
	}
}

func TestGet_NoName(t *testing.T) {
	w := media.World{Timeout: time.Second, Lookup: func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no such host fbcdn.net") }}
	if _, _, err := client(t, w).Get(t.Context(), mention.Facebook, channel.Download{URL: "https://a.fbcdn.net/x"}); !fault.Is(err, fault.Transient) || strings.Contains(err.Error(), "fbcdn") {
		t.Errorf("%v", err)
	}
}

func code(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

func write(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

func reason(err error) string { return (&media.Client{}).Reason(err) }
