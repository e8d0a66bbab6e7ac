// Package linkedin checks and decodes what LinkedIn delivers: the notifications of what people do on our page.
package linkedin

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"sence.gob.cl/gestor/shared/fault"
)

// SignatureHeader carries the signature of a delivery.
const SignatureHeader = "X-LI-Signature"

// Why a delivery or a check of the address is refused. All but ErrChallenge are fault.Denied, and none says what would
// have been right.
var (
	ErrNoSignature        error = fault.New(fault.Denied, "linkedin.Verify", errors.New("no signature"))
	ErrMalformedSignature error = fault.New(fault.Denied, "linkedin.Verify", errors.New("malformed signature"))
	ErrBadSignature       error = fault.New(fault.Denied, "linkedin.Verify", errors.New("signature does not match"))
	ErrNoSecret           error = fault.New(fault.Denied, "linkedin.Verify", errors.New("no secret configured"))
	// ErrBareBody refuses a signature that would be right if LinkedIn signed the body alone, as some readers of its page
	// understand it. If real deliveries meet it, the page was misread here: change what is signed, and not before.
	ErrBareBody error = fault.New(fault.Denied, "linkedin.Verify", errors.New("signature of the body without its prefix"))
	// ErrChallenge (fault.Invalid) refuses to sign what is not a challenge of LinkedIn.
	ErrChallenge error = fault.New(fault.Invalid, "linkedin.Handshake", errors.New("not a challenge"))
)

// Secret is what the LinkedIn app shares with us: the client secret it signs with, and the one before it while it is being
// changed.
type Secret struct {
	ClientSecret string `json:"clientSecret"`
	Previous     string `json:"clientSecretPrevious"`
}

// Inbound checks what claims to come from LinkedIn.
type Inbound struct {
	secret func(context.Context) (Secret, error)
}

// NewInbound makes the check; secret reads the app's secret, which the caller may cache.
func NewInbound(secret func(context.Context) (Secret, error)) Inbound {
	return Inbound{secret: secret}
}

// signedPrefix stands before the body in what is signed, and in some deliveries before the signature.
const signedPrefix = "hmacsha256="

// Sign gives the value of the header X-LI-Signature for body: the HMAC-SHA256 of "hmacsha256=" and the body, in
// hexadecimal (learn.microsoft.com, LinkedIn, "Webhook validation").
func Sign(body []byte, clientSecret string) string {
	return hex.EncodeToString(sum(clientSecret, []byte(signedPrefix), body))
}

func sum(secret string, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	for _, part := range parts {
		_, _ = mac.Write(part) // a hash never fails to write
	}
	return mac.Sum(nil)
}

// Verify refuses (Denied) a body that the app did not sign, over the bytes exactly as received. The present and the
// previous secret are both good; each is tried in constant time, and an empty one matches nothing. What is not signed at
// all costs no read of the secret.
func (in Inbound) Verify(ctx context.Context, header http.Header, body []byte) error {
	signature := strings.Join(header.Values(SignatureHeader), ",")
	if signature == "" {
		return ErrNoSignature
	}
	given, ok := parseSignature(signature)
	if !ok {
		return ErrMalformedSignature
	}
	s, err := in.secret(ctx)
	if err != nil {
		return err
	}
	usable, matches, bare := false, 0, 0
	for _, secret := range []string{s.ClientSecret, s.Previous} {
		if secret == "" {
			continue
		}
		usable = true
		matches |= subtle.ConstantTimeCompare(sum(secret, []byte(signedPrefix), body), given)
		bare |= subtle.ConstantTimeCompare(sum(secret, body), given)
	}
	switch {
	case !usable:
		return ErrNoSecret
	case matches == 1:
		return nil
	case bare == 1:
		return ErrBareBody
	}
	return ErrBadSignature
}

// parseSignature reads 64 hexadecimal digits, with or without the prefix, and nothing else.
func parseSignature(header string) ([]byte, bool) {
	digits := strings.TrimPrefix(header, signedPrefix)
	if len(digits) != hex.EncodedLen(sha256.Size) {
		return nil, false
	}
	given, err := hex.DecodeString(digits)
	return given, err == nil
}

// Handshake answers the check by which LinkedIn makes sure, every two hours, that the address is ours:
// {"challengeCode":…,"challengeResponse":…}, the response being the HMAC-SHA256 of the code in hexadecimal. Whoever asks
// gets an answer, and the key is the one that signs deliveries, so that only a UUID of version 4 is signed: else
// ErrChallenge.
func (in Inbound) Handshake(ctx context.Context, rawQuery string) (contentType, answer string, err error) {
	query, err := url.ParseQuery(rawQuery)
	codes := query["challengeCode"]
	if err != nil || len(codes) != 1 || !isUUID4(codes[0]) {
		return "", "", ErrChallenge
	}
	s, err := in.secret(ctx)
	if err != nil {
		return "", "", err
	}
	if s.ClientSecret == "" {
		return "", "", ErrNoSecret
	}
	response := hex.EncodeToString(sum(s.ClientSecret, []byte(codes[0])))
	// Nothing in a UUID or in a signature needs escaping in JSON.
	return "application/json", `{"challengeCode":"` + codes[0] + `","challengeResponse":"` + response + `"}`, nil
}

// isUUID4 reports a UUID of version 4 in its usual spelling (RFC 9562).
func isUUID4(text string) bool {
	const shape = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx"
	if len(text) != len(shape) {
		return false
	}
	for i := range len(shape) {
		allowed := shape[i : i+1]
		switch shape[i] {
		case 'x':
			allowed = "0123456789abcdefABCDEF"
		case 'y':
			allowed = "89abAB"
		}
		if strings.IndexByte(allowed, text[i]) < 0 {
			return false
		}
	}
	return true
}
