// Package x checks and decodes what X delivers: the events of the X Activity API, and those of its predecessor.
//
// X publishes no Go library for its webhooks. The structs of github.com/dghubble/go-twitter describe the posts and direct
// messages of the old Account Activity API, and here they decode those and nothing else: the library was archived in 2022,
// it calls v1.1 addresses which X switched off, it hands a refusal of X (403) on as success, and its number ids cannot read
// the string ids of API v2. Nothing is sent with it, and ids are read by types of our own.
package x

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"sence.gob.cl/gestor/shared/fault"
)

// SignatureHeader carries the signature of a delivery.
const SignatureHeader = "X-Twitter-Webhooks-Signature"

// Why a delivery or a check of the address is refused. All but ErrToken are fault.Denied, and none says what would have
// been right.
var (
	ErrNoSignature        error = fault.New(fault.Denied, "x.Verify", errors.New("no signature"))
	ErrMalformedSignature error = fault.New(fault.Denied, "x.Verify", errors.New("malformed signature"))
	ErrBadSignature       error = fault.New(fault.Denied, "x.Verify", errors.New("signature does not match"))
	ErrNoSecret           error = fault.New(fault.Denied, "x.Verify", errors.New("no secret configured"))
	// ErrSignable refuses a body that our own answer to a check would sign for anybody: its signature proves nothing.
	ErrSignable error = fault.New(fault.Denied, "x.Verify", errors.New("a body that anybody may have signed"))
	// ErrToken (fault.Invalid) refuses to sign what is not a token of X.
	ErrToken error = fault.New(fault.Invalid, "x.Handshake", errors.New("not a token"))
)

// Secret is what the X app shares with us: the consumer secret it signs with, and the one before it while it is being
// changed.
type Secret struct {
	ConsumerSecret string `json:"consumerSecret"`
	Previous       string `json:"consumerSecretPrevious"`
}

// Inbound checks what claims to come from X.
type Inbound struct {
	secret func(context.Context) (Secret, error)
}

// NewInbound makes the check; secret reads the app's secret, which the caller may cache.
func NewInbound(secret func(context.Context) (Secret, error)) Inbound {
	return Inbound{secret: secret}
}

const prefix = "sha256="

// Sign gives the signature of a body, and of a token, which X signs with the same key in the same way: "sha256=" and the
// HMAC-SHA256 in base64 (docs.x.com, "Webhooks", "Securing webhooks").
func Sign(text []byte, consumerSecret string) string {
	return prefix + base64.StdEncoding.EncodeToString(sum(text, consumerSecret))
}

func sum(text []byte, secret string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write(text) // a hash never fails to write
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
	switch {
	case !ok:
		return ErrMalformedSignature
	case isToken(string(body)):
		return ErrSignable
	}
	s, err := in.secret(ctx)
	if err != nil {
		return err
	}
	usable, matches := false, 0
	for _, secret := range []string{s.ConsumerSecret, s.Previous} {
		if secret == "" {
			continue
		}
		usable = true
		matches |= subtle.ConstantTimeCompare(sum(body, secret), given)
	}
	switch {
	case !usable:
		return ErrNoSecret
	case matches != 1:
		return ErrBadSignature
	}
	return nil
}

// parseSignature reads "sha256=" and the base64 of 32 bytes in its one spelling, and nothing else.
func parseSignature(header string) ([]byte, bool) {
	digits, ok := strings.CutPrefix(header, prefix)
	if !ok || len(digits) != base64.StdEncoding.EncodedLen(sha256.Size) {
		return nil, false
	}
	given, err := base64.StdEncoding.Strict().DecodeString(digits)
	return given, err == nil && len(given) == sha256.Size
}

// Handshake answers the check by which X makes sure that the address is ours: {"response_token":"sha256=…"}, the signature
// of the token it sends. Whoever asks gets an answer, and the key is the one that signs deliveries, so that only what can
// be a token and never a delivery is signed: else ErrToken.
func (in Inbound) Handshake(ctx context.Context, rawQuery string) (contentType, answer string, err error) {
	token, ok := tokenOf(rawQuery)
	if !ok {
		return "", "", ErrToken
	}
	s, err := in.secret(ctx)
	if err != nil {
		return "", "", err
	}
	if s.ConsumerSecret == "" {
		return "", "", ErrNoSecret
	}
	// Nothing in a signature needs escaping in JSON.
	return "application/json", `{"response_token":"` + Sign([]byte(token), s.ConsumerSecret) + `"}`, nil
}

// tokenOf finds the one crc_token of a query. Tokens are base64, and X does not escape them: "+" is a letter of theirs and
// no space, as it would be in a form.
func tokenOf(rawQuery string) (string, bool) {
	token, found := "", false
	for pair := range strings.SplitSeq(rawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name != "crc_token" {
			continue
		}
		value, err := url.PathUnescape(value)
		if err != nil || found {
			return "", false
		}
		token, found = value, true
	}
	return token, isToken(token)
}

// maxToken is the longest token that is signed.
const maxToken = 256

// isToken reports a text made of the letters of base64, in both alphabets, and of UUIDs. No JSON object is.
func isToken(text string) bool {
	return text != "" && len(text) <= maxToken && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("+/=-_", r)
	})
}
