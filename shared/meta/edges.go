package meta

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/fault"
)

// SignatureHeader carries the signature of a delivery.
const SignatureHeader = "X-Hub-Signature-256"

// AppSecret is what the Meta app shares with us: the secret it signs with, the one before it while it is being rotated,
// and the word its subscription check must bring.
type AppSecret struct {
	AppSecret   string `json:"appSecret"`
	Previous    string `json:"appSecretPrevious"`
	VerifyToken string `json:"verifyToken"`
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

// Handshake answers the subscription check with its challenge, or refuses it.
func (in Inbound) Handshake(ctx context.Context, query map[string][]string) (string, error) {
	s, err := in.secret(ctx)
	if err != nil {
		return "", err
	}
	return Handshake(url.Values(query), s.VerifyToken)
}

// Outbound says our replies on the pages whose tokens it can read.
type Outbound struct {
	cfg    Config
	app    func(context.Context) (AppSecret, error)
	tokens func(context.Context) (map[string]string, error)
}

// NewOutbound makes the way out. Config's AppSecret is read anew for each call, so a rotation needs no restart; tokens
// maps page ids to page tokens.
func NewOutbound(cfg Config, app func(context.Context) (AppSecret, error), tokens func(context.Context) (map[string]string, error)) Outbound {
	return Outbound{cfg: cfg, app: app, tokens: tokens}
}

// Reply says text under target as the page account; one call at most.
func (o Outbound) Reply(ctx context.Context, account, target, text string) (string, error) {
	c, token, err := o.client(ctx, account)
	if err != nil {
		return "", err
	}
	return c.Reply(ctx, token, target, text)
}

// Find looks for text said by the page account under target, at or after since.
func (o Outbound) Find(ctx context.Context, account, target, text string, since time.Time) (string, bool, error) {
	c, token, err := o.client(ctx, account)
	if err != nil {
		return "", false, err
	}
	return c.Find(ctx, token, target, account, text, since)
}

// Reason gives the short code of an error.
func (o Outbound) Reason(err error) string { return Reason(err) }

// client gives a caller for the page and its token; a page without one is an authorisation fault, proven not to be sent.
func (o Outbound) client(ctx context.Context, account string) (*Client, string, error) {
	app, err := o.app(ctx)
	if err != nil {
		return nil, "", err
	}
	tokens, err := o.tokens(ctx)
	if err != nil {
		return nil, "", err
	}
	token := tokens[account]
	if token == "" {
		return nil, "", fault.New(fault.Denied, "meta.Outbound", &Failure{Reason: ReasonAuth})
	}
	cfg := o.cfg
	cfg.AppSecret = app.AppSecret
	c, err := New(cfg)
	return c, token, err
}
