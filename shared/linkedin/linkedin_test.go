package linkedin_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/linkedin"
)

const (
	secret, former = "secreto-ficticio", "secreto-anterior-ficticio"
	code           = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
)

// inbound is a check with the given secrets.
func inbound(now, before string) linkedin.Inbound {
	return linkedin.NewInbound(func(context.Context) (linkedin.Secret, error) {
		return linkedin.Secret{ClientSecret: now, Previous: before}, nil
	})
}

func signed(signatures ...string) http.Header {
	h := http.Header{}
	for _, s := range signatures {
		h.Add("x-li-signature", s) // in any case
	}
	return h
}

func TestVerify(t *testing.T) {
	// Computed apart from this code, under "clientsecret".
	const body, vector = `{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[]}`, "81600dd4315cc08597e9a5addc941ad353db1388c871a1dcad409911f503985d"
	const key = "clientsecret"
	if got := linkedin.Sign([]byte(body), key); got != vector {
		t.Errorf("signed as %s", got)
	}
	cases := []struct {
		name, body  string
		header      http.Header
		now, before string
		want        error
	}{
		{"the present secret", body, signed(vector), key, "", nil},
		{"the previous secret", body, signed(vector), "otro", key, nil},
		{"with the prefix in the header", body, signed("hmacsha256=" + vector), key, "", nil},
		{"in capitals", body, signed(strings.ToUpper(vector)), key, "", nil},
		{"nothing, signed", "", signed(linkedin.Sign(nil, key)), key, "", nil},
		{"no JSON, signed", "no", signed(linkedin.Sign([]byte("no"), key)), key, "", nil},
		{"another secret", body, signed(vector), former, "otro", linkedin.ErrBadSignature},
		{"another body", body + " ", signed(vector), key, "", linkedin.ErrBadSignature},
		{"no secret", body, signed(vector), "", "", linkedin.ErrNoSecret},
		{"signed with an empty secret", body, signed(linkedin.Sign([]byte(body), "")), "", "", linkedin.ErrNoSecret},
		{"signed with an empty secret beside another", body, signed(linkedin.Sign([]byte(body), "")), key, "", linkedin.ErrBadSignature},
		{"no header", body, signed(), key, "", linkedin.ErrNoSignature},
		{"an empty header", body, signed(""), key, "", linkedin.ErrNoSignature},
		{"two headers", body, signed(vector, vector), key, "", linkedin.ErrMalformedSignature},
		{"the prefix twice", body, signed("hmacsha256=hmacsha256=" + vector), key, "", linkedin.ErrMalformedSignature},
		{"another prefix", body, signed("sha256=" + vector), key, "", linkedin.ErrMalformedSignature},
		{"without its end", body, signed(vector[:63]), key, "", linkedin.ErrMalformedSignature},
		{"no hexadecimal", body, signed(strings.Repeat("g", 64)), key, "", linkedin.ErrMalformedSignature},
		{"a space before", body, signed(" " + vector), key, "", linkedin.ErrMalformedSignature},
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

// The body alone, signed: refused, and told apart from every other refusal, so that it can be seen if LinkedIn does it.
func TestVerify_bareBody(t *testing.T) {
	body := []byte(`{"notifications":[]}`)
	mac := hmac.New(sha256.New, []byte(former))
	mac.Write(body)
	bare := hex.EncodeToString(mac.Sum(nil))
	for _, header := range []string{bare, "hmacsha256=" + bare} {
		err := inbound(secret, former).Verify(t.Context(), signed(header), body)
		if !errors.Is(err, linkedin.ErrBareBody) || !fault.Is(err, fault.Denied) || errors.Is(err, linkedin.ErrBadSignature) {
			t.Errorf("%s: %v", header, err)
		}
	}
}

// What is not signed at all costs no read of the secret, and a secret that cannot be read is no verdict.
func TestInbound_secretUnread(t *testing.T) {
	reads := 0
	in := linkedin.NewInbound(func(context.Context) (linkedin.Secret, error) {
		reads++
		return linkedin.Secret{}, fault.New(fault.Transient, "test", errors.New("no answer"))
	})
	if err := in.Verify(t.Context(), signed("zz"), []byte("{}")); !fault.Is(err, fault.Denied) || reads != 0 {
		t.Errorf("malformed: %v after %d reads", err, reads)
	}
	if _, _, err := in.Handshake(t.Context(), "challengeCode=a"); !fault.Is(err, fault.Invalid) || reads != 0 {
		t.Errorf("not a challenge: %v after %d reads", err, reads)
	}
	if err := in.Verify(t.Context(), signed(linkedin.Sign(nil, secret)), nil); !fault.Is(err, fault.Transient) {
		t.Errorf("signed: %v", err)
	}
	if _, _, err := in.Handshake(t.Context(), "challengeCode="+code); !fault.Is(err, fault.Transient) || reads != 2 {
		t.Errorf("a challenge: %v after %d reads", err, reads)
	}
}

// ask gives the challengeResponse for a query, or the error.
func ask(t testing.TB, in linkedin.Inbound, query string) (string, error) {
	t.Helper()
	contentType, answer, err := in.Handshake(t.Context(), query)
	if err != nil {
		if answer != "" || contentType != "" {
			t.Errorf("an answer with %v: %q", err, answer)
		}
		return "", err
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(answer), &got); err != nil || len(got) != 2 || contentType != "application/json" {
		t.Errorf("%s %q: %v", contentType, answer, err)
	}
	if asked, _ := url.ParseQuery(query); got["challengeCode"] != asked.Get("challengeCode") {
		t.Errorf("%s came back as %s", query, got["challengeCode"])
	}
	return got["challengeResponse"], nil
}

func TestHandshake(t *testing.T) {
	const vector = "ebf4fec8571554825bd6f1b20abd13323589a32bbc5963c57eafe6e4f58e981a" // under "clientsecret", computed apart from this code
	for _, query := range []string{"challengeCode=" + code, "applicationId=77&challengeCode=" + code} {
		if got, err := ask(t, inbound("clientsecret", former), query); got != vector || err != nil {
			t.Errorf("%s: %s, %v", query, got, err)
		}
	}
	if _, err := ask(t, inbound(secret, ""), "challengeCode="+strings.ToUpper(code)); err != nil {
		t.Errorf("in capitals: %v", err)
	}
	for _, query := range []string{
		"", "challengeCode", "challengeCode=", "challengecode=" + code, "challengeCode=" + code + "&challengeCode=" + code, "challengeCode=" + code + "&%zz",
		"challengeCode=890e4665-4dfe-1ab1-b689-ed553bceeed0", // version 1
		"challengeCode=890e4665-4dfe-4ab1-7689-ed553bceeed0", // another variant
		"challengeCode=890e46654dfe4ab1b689ed553bceeed0", "challengeCode=%7B" + code + "%7D", "challengeCode=" + code + "0", "challengeCode=" + code[1:],
		"challengeCode=g90e4665-4dfe-4ab1-b689-ed553bceeed0", "challengeCode=%1090e4665-4dfe-4ab1-b689-ed553bceeed0",
		"challengeCode=" + code + "%0a", "challengeCode=urn:uuid:" + code, "challengeCode=hmacsha256%3D%7B%7D",
	} {
		if got, err := ask(t, inbound(secret, former), query); !errors.Is(err, linkedin.ErrChallenge) || !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %s, %v", query, got, err)
		}
	}
	if _, err := ask(t, inbound("", former), "challengeCode="+code); !errors.Is(err, linkedin.ErrNoSecret) {
		t.Errorf("without a secret: %v", err)
	}
}

// The attack: have the check sign a delivery, in either reading of what LinkedIn signs, then deliver it.
func TestHandshake_isNoOracle(t *testing.T) {
	in := inbound(secret, former)
	body := `{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"action":"COMMENT"}]}`
	for _, asked := range []string{body, "hmacsha256=" + body, code, "hmacsha256=" + code} {
		signature, refused := ask(t, in, "challengeCode="+url.QueryEscape(asked))
		if refused != nil {
			continue
		}
		for _, delivered := range []string{asked, strings.TrimPrefix(asked, "hmacsha256=")} {
			for _, header := range []string{signature, "hmacsha256=" + signature} {
				if err := in.Verify(t.Context(), signed(header), []byte(delivered)); !fault.Is(err, fault.Denied) {
					t.Errorf("%s: signed by the check and accepted as a delivery", delivered)
				}
			}
		}
	}
}

func FuzzOracle(f *testing.F) {
	f.Add("{}")
	f.Add(code)
	f.Add("hmacsha256={}")
	f.Fuzz(func(t *testing.T, text string) {
		in := inbound(secret, former)
		signature, err := ask(t, in, "challengeCode="+url.QueryEscape(text))
		if err != nil {
			return
		}
		for _, body := range []string{text, strings.TrimPrefix(text, "hmacsha256=")} {
			if in.Verify(t.Context(), signed(signature), []byte(body)) == nil {
				t.Errorf("%q is signed for anybody and is a delivery", body)
			}
		}
	})
}

func FuzzVerify_flippedBit(f *testing.F) {
	f.Add([]byte(`{"type":""}`), uint(3))
	f.Add([]byte(`{"type":""}`), uint(150))
	f.Fuzz(func(t *testing.T, body []byte, at uint) {
		in, header := inbound(former, secret), linkedin.Sign(body, secret)
		if err := in.Verify(t.Context(), signed(header), body); err != nil {
			t.Fatalf("refused our own signature: %v", err)
		}
		altered := append(bytes.Clone(body), header...)
		at %= uint(8 * len(altered))
		altered[at/8] ^= 1 << (at % 8)
		if strings.EqualFold(string(altered[len(body):]), header) && bytes.Equal(altered[:len(body)], body) {
			return // the same digits in capitals
		}
		if err := in.Verify(t.Context(), signed(string(altered[len(body):])), altered[:len(body)]); !fault.Is(err, fault.Denied) {
			t.Errorf("accepted with bit %d flipped: %v", at, err)
		}
	})
}
