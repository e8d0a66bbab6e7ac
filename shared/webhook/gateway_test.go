package webhook_test

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/meta"
)

// Through the gateway: base64 bodies are signed as the bytes they stand for, and headers come in lower case.
func TestGateway(t *testing.T) {
	text, binary := []byte(`{"message":"a\u00f1o"}`), []byte{0xff, 0x00, 0xc3, 0x28}
	tests := []struct {
		name   string
		event  events.APIGatewayV2HTTPRequest
		want   int
		stored []byte
	}{
		{"text", delivery(string(text), false, meta.Sign(text, secret)), 200, text},
		{"text as base64", delivery(base64.StdEncoding.EncodeToString(text), true, meta.Sign(text, secret)), 200, text},
		{"bytes as base64", delivery(base64.StdEncoding.EncodeToString(binary), true, meta.Sign(binary, secret)), 200, binary},
		{"the base64 itself was signed", delivery(base64.StdEncoding.EncodeToString(text), true, meta.Sign([]byte(base64.StdEncoding.EncodeToString(text)), secret)), 403, nil},
		{"two headers, joined by the gateway", delivery(string(text), false, meta.Sign(text, secret)+","+meta.Sign(text, secret)), 403, nil},
		{"broken base64", delivery("no-base64!", true, meta.Sign(text, secret)), 400, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			handle := lambdakit.New(slog.New(slog.DiscardHandler), time.Second).HTTP("webhook", w)
			out, err := handle(t.Context(), tt.event)
			if err != nil || out.StatusCode != tt.want {
				t.Fatalf("status %d, %v; want %d", out.StatusCode, err, tt.want)
			}
			if tt.stored == nil {
				if got := w.calls(); got.Inbox+got.Blobs != 0 {
					t.Errorf("touched %+v", got)
				}
				return
			}
			if _, raw := w.delivered(t); !bytes.Equal(raw, tt.stored) {
				t.Errorf("kept %q", raw)
			}
		})
	}
}

func delivery(body string, encoded bool, signature string) events.APIGatewayV2HTTPRequest {
	return events.APIGatewayV2HTTPRequest{
		RouteKey: "POST /webhooks/{network}", RawPath: "/webhooks/facebook", Body: body, IsBase64Encoded: encoded,
		Headers: map[string]string{"x-hub-signature-256": signature, "content-type": "application/json"},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			TimeEpoch: noon().UnixMilli(), HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: "POST"},
		},
	}
}
