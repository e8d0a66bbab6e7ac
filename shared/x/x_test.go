package x_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/x"
)

const secret, former = "secreto-ficticio", "secreto-anterior-ficticio"

// inbound is a check with the given secrets.
func inbound(now, before string) x.Inbound {
	return x.NewInbound(func(context.Context) (x.Secret, error) {
		return x.Secret{ConsumerSecret: now, Previous: before}, nil
	})
}

func signed(signatures ...string) http.Header {
	h := http.Header{}
	for _, s := range signatures {
		h.Add("x-twitter-webhooks-signature", s) // in any case
	}
	return h
}

func TestVerify(t *testing.T) {
	body := `{"data":{"text":"a\u00f1o http:\/\/x"}}`
	good := x.Sign([]byte(body), secret)
	cases := []struct {
		name, body  string
		header      http.Header
		now, before string
		want        error
	}{
		{"the present secret", body, signed(good), secret, "", nil},
		{"the previous secret", body, signed(good), "otro", secret, nil},
		{"nothing, signed", "", signed(x.Sign(nil, secret)), secret, former, nil},
		{"no JSON, signed", "{ no", signed(x.Sign([]byte("{ no"), secret)), secret, former, nil},
		{"another secret", body, signed(good), former, "otro", x.ErrBadSignature},
		{"the same text encoded again", `{"data":{"text":"año http://x"}}`, signed(good), secret, "", x.ErrBadSignature},
		{"no secret", body, signed(good), "", "", x.ErrNoSecret},
		{"signed with an empty secret", body, signed(x.Sign([]byte(body), "")), "", "", x.ErrNoSecret},
		{"signed with an empty secret beside another", body, signed(x.Sign([]byte(body), "")), secret, "", x.ErrBadSignature},
		{"no header", body, signed(), secret, "", x.ErrNoSignature},
		{"an empty header", body, signed(""), secret, "", x.ErrNoSignature},
		{"two headers", body, signed(good, good), secret, "", x.ErrMalformedSignature},
		{"no algorithm", body, signed(good[7:]), secret, "", x.ErrMalformedSignature},
		{"another algorithm", body, signed("sha1=" + good[7:]), secret, "", x.ErrMalformedSignature},
		{"without its end", body, signed(good[:len(good)-1]), secret, "", x.ErrMalformedSignature},
		{"in hexadecimal", body, signed("sha256=" + strings.Repeat("0", 64)), secret, "", x.ErrMalformedSignature},
		{"in the other alphabet", body, signed("sha256=" + strings.Repeat("_", 43) + "="), secret, "", x.ErrMalformedSignature},
		{"with bits left over", body, signed("sha256=" + strings.Repeat("A", 42) + "B="), secret, "", x.ErrMalformedSignature},
		{"a line break inside", body, signed(good[:20] + "\n" + good[20:]), secret, "", x.ErrMalformedSignature},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := inbound(c.now, c.before).Verify(t.Context(), c.header, []byte(c.body))
			if !errors.Is(err, c.want) || c.want != nil && !fault.Is(err, fault.Denied) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// What is not signed at all costs no read of the secret, and a secret that cannot be read is no verdict.
func TestInbound_secretUnread(t *testing.T) {
	reads := 0
	in := x.NewInbound(func(context.Context) (x.Secret, error) {
		reads++
		return x.Secret{}, fault.New(fault.Transient, "test", errors.New("no answer"))
	})
	if err := in.Verify(t.Context(), signed("sha256=zz"), []byte("{}")); !fault.Is(err, fault.Denied) || reads != 0 {
		t.Errorf("malformed: %v after %d reads", err, reads)
	}
	if _, _, err := in.Handshake(t.Context(), "crc_token=a%7Bb"); !fault.Is(err, fault.Invalid) || reads != 0 {
		t.Errorf("not a token: %v after %d reads", err, reads)
	}
	if err := in.Verify(t.Context(), signed(x.Sign([]byte("{}"), secret)), []byte("{}")); !fault.Is(err, fault.Transient) {
		t.Errorf("signed: %v", err)
	}
	if _, _, err := in.Handshake(t.Context(), "crc_token=a"); !fault.Is(err, fault.Transient) || reads != 2 {
		t.Errorf("a token: %v after %d reads", err, reads)
	}
}

// ask gives the response_token for a query, or the error.
func ask(t testing.TB, in x.Inbound, query string) (string, error) {
	t.Helper()
	contentType, answer, err := in.Handshake(t.Context(), query)
	if err != nil {
		if answer != "" || contentType != "" {
			t.Errorf("an answer with %v: %q", err, answer)
		}
		return "", err
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(answer), &got); err != nil || len(got) != 1 || contentType != "application/json" {
		t.Errorf("%s %q: %v", contentType, answer, err)
	}
	return got["response_token"], nil
}

func TestHandshake(t *testing.T) {
	vector := "sha256=v1WdiCVwy17uGTMWveHGlqQXN/qW1bQraNXXByRO2YA=" // of "challenge_string" under "consumer_secret", computed apart from this code
	if got, err := ask(t, inbound("consumer_secret", former), "crc_token=challenge_string&nonce=x"); got != vector || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	good := map[string]string{ // query → what was signed
		"crc_token=a":                                    "a",
		"a=b&crc_token=Zm9v&c":                           "Zm9v",
		"crc_token=ab+c/d==":                             "ab+c/d==",
		"crc_token=ab%2Bc%2Fd%3D%3D":                     "ab+c/d==",
		"crc_token=890e4665-4dfe-4ab1-b689-ed553bceeed0": "890e4665-4dfe-4ab1-b689-ed553bceeed0",
		"crc_token=" + strings.Repeat("A", 256):          strings.Repeat("A", 256),
	}
	for query, token := range good {
		if got, err := ask(t, inbound(secret, former), query); got != x.Sign([]byte(token), secret) || err != nil {
			t.Errorf("%s: %s, %v", query, got, err)
		}
	}
	for _, query := range []string{
		"", "crc_token", "crc_token=", "token=a", "crc_token=a&crc_token=a", "crc_token=a%20b", "crc_token=%7B%7D", "crc_token=a%22", "crc_token=a:b",
		"crc_token=%zz", "crc_token=a%00", "crc_token=a%0a", "crc_token=%C3%B1", "crc_token=a.b", "crc_token={}", "crc_token=" + strings.Repeat("A", 257),
	} {
		if got, err := ask(t, inbound(secret, former), query); !errors.Is(err, x.ErrToken) || !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %s, %v", query, got, err)
		}
	}
	if _, err := ask(t, inbound("", former), "crc_token=a"); !errors.Is(err, x.ErrNoSecret) {
		t.Errorf("without a secret: %v", err)
	}
}

// The attack: have the check sign a delivery, then deliver it.
func TestHandshake_isNoOracle(t *testing.T) {
	in := inbound(secret, former)
	forged := [][]byte{
		[]byte(`{"data":{"event_type":"oauth.revoke","payload":{"user_id":"` + us + `"}}}`), []byte(`{"for_user_id":"1"}`), []byte(`{}`),
		[]byte(`[]`), []byte(`"a"`), []byte(`1.5`), []byte(" 1"), []byte("12"), []byte("null"), []byte("true"), []byte("Zm9v"),
	}
	for _, body := range forged {
		signature, refused := ask(t, in, "crc_token="+url.QueryEscape(string(body)))
		if refused == nil && !fault.Is(in.Verify(t.Context(), signed(signature), body), fault.Denied) {
			t.Errorf("%s: signed by the check and accepted as a delivery", body)
		}
	}
}

// No text at all may go both ways.
func FuzzOracle(f *testing.F) {
	f.Add("{}")
	f.Add("Zm9v")
	f.Add("a+b/c==")
	f.Fuzz(func(t *testing.T, text string) {
		in := inbound(secret, former)
		for _, query := range []string{"crc_token=" + url.QueryEscape(text), "crc_token=" + url.PathEscape(text), "crc_token=" + text} {
			signature, err := ask(t, in, query)
			if err != nil {
				continue
			}
			for _, body := range []string{text, strings.ReplaceAll(text, " ", "+"), strings.ReplaceAll(text, "+", " ")} {
				if in.Verify(t.Context(), signed(signature), []byte(body)) == nil {
					t.Errorf("%q is signed for anybody and is a delivery", body)
				}
			}
		}
	})
}

func FuzzVerify_flippedBit(f *testing.F) {
	f.Add([]byte(`{"data":{}}`), uint(3))
	f.Add([]byte(`{"data":{}}`), uint(150))
	f.Fuzz(func(t *testing.T, body []byte, at uint) {
		body = append([]byte("{"), body...)
		in, header := inbound(former, secret), x.Sign(body, secret)
		if err := in.Verify(t.Context(), signed(header), body); err != nil {
			t.Fatalf("refused our own signature: %v", err)
		}
		altered := append(bytes.Clone(body), header...)
		at %= uint(8 * len(altered))
		altered[at/8] ^= 1 << (at % 8)
		if err := in.Verify(t.Context(), signed(string(altered[len(body):])), altered[:len(body)]); !fault.Is(err, fault.Denied) {
			t.Errorf("accepted with bit %d flipped: %v", at, err)
		}
	})
}
