// Package meta speaks with Meta: it checks and decodes what Facebook and Instagram deliver, and calls the Graph API to answer.
package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"

	"sence.gob.cl/gestor/shared/fault"
)

// Why a delivery or a handshake is refused; all but the last are fault.Denied, and none says what would have been right.
var (
	ErrNoSignature        error = fault.New(fault.Denied, "meta.Verify", errors.New("no signature"))
	ErrMalformedSignature error = fault.New(fault.Denied, "meta.Verify", errors.New("malformed signature"))
	ErrBadSignature       error = fault.New(fault.Denied, "meta.Verify", errors.New("signature does not match"))
	ErrNoSecret           error = fault.New(fault.Denied, "meta.Verify", errors.New("no secret configured"))
	ErrHandshake          error = fault.New(fault.Denied, "meta.Handshake", errors.New("refused"))
	// ErrChallenge (fault.Invalid, around ErrHandshake) tells who knew the word that its challenge will not be repeated.
	ErrChallenge error = fault.New(fault.Invalid, "meta.Handshake: challenge", ErrHandshake)
)

// signaturePrefix names the only algorithm accepted. Meta still sends a SHA-1 header too, which nobody should read.
const signaturePrefix = "sha256="

// Sign gives the value of the header X-Hub-Signature-256 for body: "sha256=" and the HMAC-SHA256 in lower-case
// hexadecimal (developers.facebook.com, "Getting started" of Webhooks).
func Sign(body []byte, secret string) string {
	return signaturePrefix + hex.EncodeToString(sum(body, secret))
}

// Verify checks the header X-Hub-Signature-256 over the bytes exactly as received, before anything is parsed: the MAC of a
// body that was decoded and encoded again differs. Any of the secrets may match, so that the present and the previous one
// are both good while they are being changed; an empty secret matches nothing. Every secret is tried, in constant time.
func Verify(body []byte, header string, secrets ...string) error {
	if header == "" {
		return ErrNoSignature
	}
	given, ok := parseSignature(header)
	if !ok {
		return ErrMalformedSignature
	}
	usable, matches := false, 0
	for _, secret := range secrets {
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

// parseSignature reads "sha256=" and 64 lower-case hexadecimal digits and nothing else: two headers joined by a comma, a
// space or upper-case digits are not what Meta sends.
func parseSignature(header string) ([]byte, bool) {
	digits, ok := strings.CutPrefix(header, signaturePrefix)
	if !ok || len(digits) != hex.EncodedLen(sha256.Size) || strings.ToLower(digits) != digits {
		return nil, false
	}
	given, err := hex.DecodeString(digits)
	return given, err == nil
}

func sum(body []byte, secret string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write(body) // a hash never fails to write
	return mac.Sum(nil)
}

// maxChallenge is the longest challenge that is echoed; Meta's is a number of about ten digits.
const maxChallenge = 64

// Handshake answers the GET with which Meta confirms the address: the challenge to send back as the whole body, as
// text/plain, or ErrHandshake (ErrNoSecret when verifyToken is empty). The challenge is only echoed when it is made of
// letters, digits, "_" and "-", because whoever knows the token could otherwise have us say anything: else ErrChallenge.
func Handshake(query url.Values, verifyToken string) (string, error) {
	if verifyToken == "" {
		return "", ErrNoSecret
	}
	mode, okMode := only(query, "hub.mode")
	token, okToken := only(query, "hub.verify_token")
	challenge, okChallenge := only(query, "hub.challenge")
	// Sums of equal length are compared, so that the time says nothing about the length of the token either.
	want, got := sha256.Sum256([]byte(verifyToken)), sha256.Sum256([]byte(token))
	same := subtle.ConstantTimeCompare(want[:], got[:]) == 1
	switch {
	case !okMode || !okToken || !same || mode != "subscribe":
		return "", ErrHandshake
	case !okChallenge || !echoable(challenge):
		return "", ErrChallenge
	}
	return challenge, nil
}

// only gives a parameter that is there exactly once.
func only(query url.Values, name string) (string, bool) {
	values := query[name]
	if len(values) != 1 {
		return "", false
	}
	return values[0], true
}

func echoable(challenge string) bool {
	return challenge != "" && len(challenge) <= maxChallenge && !strings.ContainsFunc(challenge, func(r rune) bool { return !wordRune(r) })
}

// wordRune reports an ASCII letter or digit, "_" or "-".
func wordRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
}
