package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/webhook"
	"sence.gob.cl/gestor/shared/x"
)

// newSigned is a receiver of the two networks that have the address sign something.
func newSigned() *world {
	w := newWorld()
	w.Receiver = webhook.New(webhook.Config{
		Networks: map[mention.Network]webhook.Verifier{
			mention.X: x.NewInbound(func(context.Context) (x.Secret, error) {
				return x.Secret{ConsumerSecret: "consumer_secret", Previous: previous}, nil
			}),
			mention.LinkedIn: linkedin.NewInbound(func(context.Context) (linkedin.Secret, error) {
				return linkedin.Secret{ClientSecret: "clientsecret", Previous: previous}, nil
			}),
		},
		Inbox: inbox{w}, Blobs: blobs{w}, Arrived: func(context.Context) time.Time { return noon() },
	})
	return w
}

// Through the gateway, which hands the query on as it was sent.
func TestHandshake_Signed(t *testing.T) {
	const code = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
	tests := []struct {
		name, network, query string
		want                 int
		body                 string
	}{
		{"X", "x", "crc_token=challenge_string", 200, `{"response_token":"sha256=v1WdiCVwy17uGTMWveHGlqQXN/qW1bQraNXXByRO2YA="}`},
		{"X, with a plus", "x", "crc_token=a+b/c=", 200, `{"response_token":"` + x.Sign([]byte("a+b/c="), "consumer_secret") + `"}`},
		{"X, with an escaped plus", "x", "crc_token=a%2Bb%2Fc%3D", 200, `{"response_token":"` + x.Sign([]byte("a+b/c="), "consumer_secret") + `"}`},
		{"X, with a space", "x", "crc_token=a%20b", 400, ""},
		{"X, asked to sign a delivery", "x", "crc_token=%7B%7D", 400, ""},
		{"X, asked nothing", "x", "", 400, ""},
		{"LinkedIn", "linkedin", "challengeCode=" + code, 200, `{"challengeCode":"` + code + `","challengeResponse":"ebf4fec8571554825bd6f1b20abd13323589a32bbc5963c57eafe6e4f58e981a"}`},
		{"LinkedIn, asked to sign a delivery", "linkedin", "challengeCode=hmacsha256%3D%7B%7D", 400, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			handle := lambdakit.New(slog.New(slog.DiscardHandler), time.Second).HTTP("webhook", newSigned())
			out, err := handle(t.Context(), events.APIGatewayV2HTTPRequest{
				RouteKey: "GET /webhooks/{network}", RawPath: "/webhooks/" + tt.network, RawQueryString: tt.query,
				RequestContext: events.APIGatewayV2HTTPRequestContext{
					TimeEpoch: noon().UnixMilli(), HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: "GET"},
				},
			})
			if err != nil || out.StatusCode != tt.want || out.Body != tt.body || out.IsBase64Encoded {
				t.Fatalf("status %d, %q, %v", out.StatusCode, out.Body, err)
			}
			if tt.want == 200 && out.Headers["content-type"] != "application/json" {
				t.Errorf("headers %v", out.Headers)
			}
		})
	}
}

// The bytes as X and LinkedIn sign them, in a header of any case.
func TestDeliver_Signed(t *testing.T) {
	body := `{"message":"a\u00f1o"}`
	tests := []struct {
		name, network, header, signature string
		want                             int
	}{
		{"X", "x", "x-twitter-webhooks-signature", x.Sign([]byte(body), "consumer_secret"), 200},
		{"X, the previous secret", "x", "X-TWITTER-WEBHOOKS-SIGNATURE", x.Sign([]byte(body), previous), 200},
		{"X, another secret", "x", "x-twitter-webhooks-signature", x.Sign([]byte(body), "otro"), 403},
		{"X, unsigned", "x", "x-other", "", 403},
		{"LinkedIn", "linkedin", "x-li-signature", linkedin.Sign([]byte(body), "clientsecret"), 200},
		{"LinkedIn, the previous secret", "linkedin", "X-LI-SIGNATURE", linkedin.Sign([]byte(body), previous), 200},
		{"LinkedIn, another secret", "linkedin", "x-li-signature", linkedin.Sign([]byte(body), "otro"), 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newSigned()
			event := delivery(body, false, "")
			event.RawPath = "/webhooks/" + tt.network
			event.Headers = map[string]string{tt.header: tt.signature}
			out, err := lambdakit.New(slog.New(slog.DiscardHandler), time.Second).HTTP("webhook", w)(t.Context(), event)
			if err != nil || out.StatusCode != tt.want {
				t.Fatalf("status %d, %v", out.StatusCode, err)
			}
			if got := w.calls().Inbox; got != (map[int]int{200: 1})[tt.want] {
				t.Errorf("%d deliveries kept", got)
			}
		})
	}
}

// LinkedIn's page can be read as if it signed the body alone. Such a signature is refused and nothing is kept, and the log tells
// it from a wrong secret: should real deliveries carry it, the page was misread here.
func TestDeliver_BareBody(t *testing.T) {
	body := `{"message":"a\u00f1o"}`
	for secret, want := range map[string]string{
		"clientsecret": "signature of the body without its prefix", previous: "signature of the body without its prefix", "otro": "signature does not match",
	} {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(body))
		for _, signature := range []string{hex.EncodeToString(mac.Sum(nil)), "hmacsha256=" + hex.EncodeToString(mac.Sum(nil))} {
			var log bytes.Buffer
			w := newSigned()
			event := delivery(body, false, "")
			event.RawPath = "/webhooks/linkedin"
			event.Headers = map[string]string{"x-li-signature": signature}
			out, err := lambdakit.New(slog.New(slog.NewJSONHandler(&log, nil)), time.Second).HTTP("webhook", w)(t.Context(), event)
			if err != nil || out.StatusCode != 403 || w.calls().Inbox != 0 || !strings.Contains(log.String(), want) || strings.Contains(log.String(), signature[20:]) {
				t.Errorf("status %d, %v, %d kept, logged %s", out.StatusCode, err, w.calls().Inbox, log.String())
			}
		}
	}
}
