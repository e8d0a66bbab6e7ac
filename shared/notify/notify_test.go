package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/notify"
)

const sender = "gestor@sence.example"

func letter() notify.Notice {
	return notify.Notice{
		To: []string{"supervisora@sence.example", "ti@sence.example"}, Subject: "RS-2026-0000001-1: no salió", Text: "Revísalo mañana.\n",
	}
}

// ses is a server that counts, and the real SDK client on it with the SDK's own retries left on.
func ses(t *testing.T, answer http.HandlerFunc) (*sesv2.Client, *httptest.Server, *atomic.Int32) {
	t.Helper()
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return sesv2.New(sesv2.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 3,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}), server, &calls
}

// refuse answers as SES refuses; its words quote an address, as SES's do.
func refuse(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Errortype", code)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"message":"Email address is not verified: supervisora@sence.example"}`)
	}
}

func TestSend(t *testing.T) {
	type content struct{ Data, Charset string }
	var got struct {
		FromEmailAddress string
		Destination      struct{ ToAddresses, CcAddresses, BccAddresses []string }
		Content          struct {
			Simple struct {
				Subject content
				Body    struct{ Text, HTML content }
			}
		}
	}
	path := ""
	client, _, calls := ses(t, func(w http.ResponseWriter, r *http.Request) {
		path = r.Method + " " + r.URL.Path
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, `{"MessageId":"ses-1"}`)
	})
	if err := notify.New(client, sender).Send(t.Context(), letter()); err != nil {
		t.Fatalf("Send: %v", err)
	}
	want := got
	want.FromEmailAddress, want.Destination.ToAddresses = sender, letter().To
	want.Destination.CcAddresses, want.Destination.BccAddresses = nil, nil
	want.Content.Simple.Subject = content{"RS-2026-0000001-1: no salió", "UTF-8"}
	want.Content.Simple.Body.Text, want.Content.Simple.Body.HTML = content{"Revísalo mañana.\n", "UTF-8"}, content{}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("SES was told (-want +got):\n%s", diff)
	}
	if path != "POST /v2/email/outbound-emails" || calls.Load() != 1 {
		t.Errorf("%s, %d calls", path, calls.Load())
	}
}

// Whatever goes wrong, SES is asked once: a second call could be a second letter.
func TestSend_Kinds(t *testing.T) {
	broken := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = connection.Close()
	}
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   fault.Kind
	}{
		{"too many a second", refuse(429, "TooManyRequestsException"), fault.Transient},
		{"a quota", refuse(400, "LimitExceededException"), fault.Transient},
		{"sending is paused", refuse(400, "SendingPausedException"), fault.Transient},
		{"throttled by the front", refuse(400, "ThrottlingException"), fault.Transient},
		{"a permission is missing", refuse(403, "AccessDeniedException"), fault.Transient},
		{"an old token", refuse(403, "ExpiredTokenException"), fault.Transient},
		{"rejected", refuse(400, "MessageRejected"), fault.Permanent},
		{"the sender is not verified", refuse(400, "MailFromDomainNotVerifiedException"), fault.Permanent},
		{"an address is none", refuse(400, "BadRequestException"), fault.Permanent},
		{"the account is suspended", refuse(400, "AccountSuspendedException"), fault.Permanent},
		{"a fault of the service", refuse(500, "InternalServiceErrorException"), fault.Uncertain},
		{"unavailable", refuse(503, "ServiceUnavailable"), fault.Uncertain},
		{"no word at all", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, fault.Uncertain},
		{"the connection breaks", broken, fault.Uncertain},
		{"an answer that is none", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, fault.Uncertain},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client, _, calls := ses(t, tt.answer)
			err := notify.New(client, sender).Send(t.Context(), letter())
			if fault.Of(err) != tt.want {
				t.Errorf("err = %v, want kind %v", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "@") {
				t.Errorf("the error holds an address: %v", err)
			}
			if n := calls.Load(); n != 1 {
				t.Errorf("%d calls, want 1", n)
			}
		})
	}
}

func TestSend_NoConnection(t *testing.T) {
	client, server, _ := ses(t, refuse(500, "never"))
	server.Close()
	if err := notify.New(client, sender).Send(t.Context(), letter()); fault.Of(err) != fault.Transient {
		t.Errorf("err = %v, want Transient: nobody was reached", err)
	}
}

func TestSend_NobodyWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	client, _, _ := ses(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-done
		_, _ = io.Copy(io.Discard, r.Body)
	})
	err := notify.New(client, sender).Send(ctx, letter())
	close(done)
	if fault.Of(err) != fault.Uncertain {
		t.Errorf("err = %v, want Uncertain: SES had the letter in its hands", err)
	}
}

func TestSend_Incomplete(t *testing.T) {
	client, _, calls := ses(t, refuse(500, "never"))
	nobody := letter()
	nobody.To = nil
	for name, err := range map[string]error{
		"no sender":     notify.New(client, "").Send(t.Context(), letter()),
		"no recipients": notify.New(client, sender).Send(t.Context(), nobody),
	} {
		if fault.Of(err) != fault.Permanent {
			t.Errorf("%s: %v, want Permanent", name, err)
		}
	}
	if calls.Load() != 0 {
		t.Error("SES was asked")
	}
}

// deaf is a client that fails before it connects anywhere, as one without credentials does.
type deaf struct{}

func (deaf) SendEmail(context.Context, *sesv2.SendEmailInput, ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error) {
	return nil, errors.New("no credentials for supervisora@sence.example")
}

func TestSend_NoCredentials(t *testing.T) {
	err := notify.New(deaf{}, sender).Send(t.Context(), letter())
	if fault.Of(err) != fault.Transient || strings.Contains(err.Error(), "@") {
		t.Errorf("err = %v, want Transient without an address", err)
	}
}

// A connection kept from the last letter may be dead by the next one, and then nobody knows what became of it.
func TestSend_OwnConnection(t *testing.T) {
	var from []string
	client, _, _ := ses(t, func(w http.ResponseWriter, r *http.Request) {
		from = append(from, r.RemoteAddr)
		_, _ = io.WriteString(w, `{"MessageId":"ses-1"}`)
	})
	m := notify.New(client, sender)
	for range 2 {
		if err := m.Send(t.Context(), letter()); err != nil {
			t.Fatalf("Send: %v", err)
		}
	}
	if len(from) != 2 || from[0] == from[1] {
		t.Errorf("letters came over %v, want two connections", from)
	}
}
