package meta

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// SignatureHeader carries the signature of a delivery.
const SignatureHeader = "X-Hub-Signature-256"

// AppSecret is what the Meta app shares with us: the secret it signs with, the one before it while it is being rotated,
// and the word its subscription check must bring. AppID is the app's number, with which it asks about keys and lets people
// connect accounts; LoginConfig, which may be empty, the number of the login that was put together in Meta's console.
type AppSecret struct {
	AppSecret   string `json:"appSecret"`
	Previous    string `json:"appSecretPrevious"`
	VerifyToken string `json:"verifyToken"`
	AppID       string `json:"appId"`
	LoginConfig string `json:"loginConfig"`
}

// Inbound checks what claims to come from Meta.
type Inbound struct {
	secret func(context.Context) (AppSecret, error)
}

// NewInbound makes the check; secret reads the app's secret, which the caller may cache.
func NewInbound(secret func(context.Context) (AppSecret, error)) Inbound {
	return Inbound{secret: secret}
}

// Verify refuses (Denied) a body that the app did not sign. The signature's shape is looked at first: what is not signed
// at all costs no read of the secret.
func (in Inbound) Verify(ctx context.Context, header http.Header, body []byte) error {
	signature := strings.Join(header.Values(SignatureHeader), ",")
	if _, ok := parseSignature(signature); !ok {
		return Verify(body, signature)
	}
	s, err := in.secret(ctx)
	if err != nil {
		return err
	}
	return Verify(body, signature, s.AppSecret, s.Previous)
}

// Handshake answers the subscription check with its challenge, as plain text, or refuses it.
func (in Inbound) Handshake(ctx context.Context, rawQuery string) (contentType, answer string, err error) {
	s, err := in.secret(ctx)
	if err != nil {
		return "", "", err
	}
	query, _ := url.ParseQuery(rawQuery) // what cannot be read is not there
	answer, err = Handshake(query, s.VerifyToken)
	return "text/plain; charset=utf-8", answer, err
}
