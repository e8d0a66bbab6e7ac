package meta_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
)

// emptyObject is the signature of "{}" under the key "appsecret", computed apart from this code.
const emptyObject = "sha256=f8bd606110c12799edbf6aed8716323746edf92e9fdff7ce374be04ed498738a"

func TestSign(t *testing.T) {
	if got := meta.Sign([]byte("{}"), "appsecret"); got != emptyObject {
		t.Errorf("got %s", got)
	}
}

func TestVerify(t *testing.T) {
	hexed := strings.TrimPrefix(emptyObject, "sha256=")
	cases := []struct {
		name    string
		body    string
		header  string
		secrets []string
		want    error
	}{
		{"the present secret", "{}", emptyObject, []string{"appsecret", ""}, nil},
		{"the previous secret", "{}", emptyObject, []string{"newer", "appsecret"}, nil},
		{"the same secret twice", "{}", emptyObject, []string{"appsecret", "appsecret"}, nil},
		{"another body", "{ }", emptyObject, []string{"appsecret"}, meta.ErrBadSignature},
		{"another secret", "{}", emptyObject, []string{"other"}, meta.ErrBadSignature},
		{"an empty body signed with an empty key", "", meta.Sign(nil, ""), []string{""}, meta.ErrNoSecret},
		{"an empty secret beside another", "", meta.Sign(nil, ""), []string{"appsecret", ""}, meta.ErrBadSignature},
		{"no secret at all", "{}", emptyObject, nil, meta.ErrNoSecret},
		{"no header", "{}", "", []string{"appsecret"}, meta.ErrNoSignature},
		{"upper-case digits", "{}", "sha256=" + strings.ToUpper(hexed), []string{"appsecret"}, meta.ErrMalformedSignature},
		{"upper-case name", "{}", "SHA256=" + hexed, []string{"appsecret"}, meta.ErrMalformedSignature},
		{"bare digits", "{}", hexed, []string{"appsecret"}, meta.ErrMalformedSignature},
		{"the old algorithm", "{}", "sha1=" + hexed[:40], []string{"appsecret"}, meta.ErrMalformedSignature},
		{"two headers joined", "{}", emptyObject + "," + emptyObject, []string{"appsecret"}, meta.ErrMalformedSignature},
		{"a space before", "{}", " " + emptyObject, []string{"appsecret"}, meta.ErrMalformedSignature},
		{"a line break after", "{}", emptyObject + "\n", []string{"appsecret"}, meta.ErrMalformedSignature},
		{"one digit short", "{}", emptyObject[:len(emptyObject)-1], []string{"appsecret"}, meta.ErrMalformedSignature},
		{"not hexadecimal", "{}", "sha256=" + strings.Repeat("g", 64), []string{"appsecret"}, meta.ErrMalformedSignature},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := meta.Verify([]byte(c.body), c.header, c.secrets...)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if c.want != nil && !fault.Is(err, fault.Denied) {
				t.Errorf("kind is %v, want denied", fault.Of(err))
			}
		})
	}
}

// The bytes on the wire count, not what they mean: Meta escapes letters and slashes, and an encoder would not.
func TestVerify_escapedBody(t *testing.T) {
	wire := []byte(`{"message":"a\u00f1o http:\/\/x"}`)
	header := meta.Sign(wire, "appsecret")
	if err := meta.Verify(wire, header, "appsecret"); err != nil {
		t.Errorf("the bytes as received: %v", err)
	}
	if err := meta.Verify([]byte(`{"message":"año http://x"}`), header, "appsecret"); !errors.Is(err, meta.ErrBadSignature) {
		t.Errorf("the same text encoded again: %v", err)
	}
}

func FuzzVerify_flippedBit(f *testing.F) {
	f.Add([]byte(`{"object":"page"}`), "appsecret", uint(3))
	f.Add([]byte{}, "s", uint(100))
	f.Fuzz(func(t *testing.T, body []byte, secret string, at uint) {
		if secret == "" {
			secret = "appsecret"
		}
		header := meta.Sign(body, secret)
		if err := meta.Verify(body, header, "another", secret); err != nil {
			t.Fatalf("refused our own signature: %v", err)
		}
		altered := append(append([]byte{}, body...), header...)
		bit := at % uint(8*len(altered))
		altered[bit/8] ^= 1 << (bit % 8)
		if err := meta.Verify(altered[:len(body)], string(altered[len(body):]), secret); !fault.Is(err, fault.Denied) {
			t.Errorf("accepted with bit %d flipped", bit)
		}
	})
}

func FuzzVerify_header(f *testing.F) {
	f.Add(emptyObject)
	f.Add("sha256=")
	f.Add(emptyObject + "," + emptyObject)
	f.Fuzz(func(t *testing.T, header string) {
		err := meta.Verify([]byte("{}"), header, "appsecret")
		if (err == nil) != (header == emptyObject) {
			t.Errorf("header %q gives %v", header, err)
		}
	})
}

func TestHandshake(t *testing.T) {
	good := url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {"tok"}, "hub.challenge": {"1158201444"}}
	with := func(name string, values ...string) url.Values {
		query := url.Values{}
		for k, v := range good {
			query[k] = v
		}
		query[name] = values
		return query
	}
	cases := []struct {
		name  string
		query url.Values
		token string
		want  string
		err   error
	}{
		{"as Meta sends it", good, "tok", "1158201444", nil},
		{"a word, as test tools send", with("hub.challenge", "CHALLENGE_accepted-1"), "tok", "CHALLENGE_accepted-1", nil},
		{"64 characters", with("hub.challenge", strings.Repeat("a", 64)), "tok", strings.Repeat("a", 64), nil},
		{"65 characters", with("hub.challenge", strings.Repeat("a", 65)), "tok", "", meta.ErrHandshake},
		{"no token configured", with("hub.verify_token", ""), "", "", meta.ErrNoSecret},
		{"wrong token", with("hub.verify_token", "tok2"), "tok", "", meta.ErrHandshake},
		{"token twice", with("hub.verify_token", "tok", "tok"), "tok", "", meta.ErrHandshake},
		{"no token", with("hub.verify_token"), "tok", "", meta.ErrHandshake},
		{"no mode", with("hub.mode"), "tok", "", meta.ErrHandshake},
		{"another mode", with("hub.mode", "unsubscribe"), "tok", "", meta.ErrHandshake},
		{"no challenge", with("hub.challenge"), "tok", "", meta.ErrHandshake},
		{"an empty challenge", with("hub.challenge", ""), "tok", "", meta.ErrHandshake},
		{"markup", with("hub.challenge", "<script>"), "tok", "", meta.ErrHandshake},
		{"a body to be signed", with("hub.challenge", `{"a":1}`), "tok", "", meta.ErrHandshake},
		{"a line break", with("hub.challenge", "1\n2"), "tok", "", meta.ErrHandshake},
		{"a letter outside ASCII", with("hub.challenge", "ñ"), "tok", "", meta.ErrHandshake},
		{"nothing", nil, "tok", "", meta.ErrHandshake},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := meta.Handshake(c.query, c.token)
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, c.want, c.err)
			}
		})
	}
}

func FuzzHandshake(f *testing.F) {
	f.Add("hub.mode=subscribe&hub.verify_token=tok&hub.challenge=1")
	f.Add("hub.mode=subscribe&hub.verify_token=tok&hub.challenge=%3Cb%3E&hub.challenge=1")
	f.Fuzz(func(t *testing.T, raw string) {
		query, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		got, err := meta.Handshake(query, "tok")
		if err != nil {
			if got != "" {
				t.Errorf("refused and still answered %q", got)
			}
			return
		}
		if query.Get("hub.verify_token") != "tok" || query.Get("hub.mode") != "subscribe" || got != query.Get("hub.challenge") {
			t.Errorf("accepted %q", raw)
		}
		if len(got) == 0 || len(got) > 64 || strings.Trim(got, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
			t.Errorf("echoes %q", got)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	body := []byte(strings.Repeat("a", 783))
	header := meta.Sign(body, "appsecret")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := meta.Verify(body, header, "appsecret", "previous"); err != nil {
			b.Fatal(err)
		}
	}
}
