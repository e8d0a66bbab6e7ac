// Package webhook takes the networks' deliveries: it verifies the signature over the raw bytes, puts the bytes into the
// inbox, and answers. It parses nothing and decides nothing else.
package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/unit"
)

// MaxBody is the largest delivery taken, in bytes (platforms.md §1: WhatsApp publishes 3 MB, nobody more).
const MaxBody = 4 << 20

// maxInline is the largest envelope that goes through the queue itself (SQS takes 1 MiB); larger bodies go to the store.
const maxInline = 900 << 10

// Verifier knows one network's handshake and signature.
type Verifier interface {
	// Verify refuses a body whose signature is missing or wrong (kind Denied); Transient when the secret cannot be read.
	Verify(ctx context.Context, header http.Header, body []byte) error
	// Handshake answers the network's subscription check, or refuses it (Denied; Invalid when all is right but what it
	// asks to have repeated or signed). The query comes as it was sent: "+" is a letter to some networks and a space to
	// others.
	Handshake(ctx context.Context, rawQuery string) (contentType, answer string, err error)
}

// Inbox keeps a delivery until it is understood.
type Inbox interface {
	// Put stores the delivery durably before it returns.
	Put(ctx context.Context, delivery string) error
}

// Blobs keeps bodies too large for the inbox.
type Blobs interface {
	Put(ctx context.Context, key string, body []byte) error
}

// Config is what the receiver needs. Arrived tells when the gateway took the request.
type Config struct {
	Networks map[mention.Network]Verifier
	Inbox    Inbox
	Blobs    Blobs
	Arrived  func(context.Context) time.Time
}

// Receiver answers GET and POST /webhooks/{network}.
type Receiver struct {
	cfg Config
	mux *http.ServeMux
}

// New makes the receiver.
func New(cfg Config) *Receiver {
	r := &Receiver{cfg: cfg, mux: http.NewServeMux()}
	r.mux.HandleFunc("GET /webhooks/{network}", r.handshake)
	r.mux.HandleFunc("POST /webhooks/{network}", r.deliver)
	return r
}

// ServeHTTP answers one request by the failure table of platforms.md §1.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.mux.ServeHTTP(w, req) }

func (r *Receiver) handshake(w http.ResponseWriter, req *http.Request) {
	v, known := r.cfg.Networks[mention.Network(req.PathValue("network"))]
	if !known {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	contentType, answer, err := v.Handshake(req.Context(), req.URL.RawQuery)
	if err != nil {
		w.WriteHeader(statusOf(err))
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, answer)
}

func (r *Receiver) deliver(w http.ResponseWriter, req *http.Request) {
	network := mention.Network(req.PathValue("network"))
	v, known := r.cfg.Networks[network]
	if !known {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, MaxBody+1))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if len(body) > MaxBody {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	work := unit.Of(req.Context())
	work.Network(string(network))
	if err := v.Verify(req.Context(), req.Header, body); err != nil {
		work.Count(unit.Refused, 1)
		work.Refuse(err)
		w.WriteHeader(statusOf(err))
		return
	}
	if err := r.keep(req.Context(), network, body); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	work.Count(unit.Acked, 1)
	w.WriteHeader(http.StatusOK)
}

// keep puts the delivery into the inbox. Only when it returns nil may the network be told 200.
func (r *Receiver) keep(ctx context.Context, network mention.Network, body []byte) error {
	const op = "webhook.keep"
	packed, err := mention.Pack(body)
	if err != nil {
		return fault.New(fault.Transient, op, err)
	}
	d := mention.Inline(network, r.cfg.Arrived(ctx), packed)
	d.Trace = unit.Of(ctx).Trace()
	if len(d.Body) > maxInline {
		sum := sha256.Sum256(body)
		d.Body = ""
		d.Blob = string(network) + "/" + d.Received.Format("2006-01-02") + "/" + hex.EncodeToString(sum[:])
		if err := r.cfg.Blobs.Put(ctx, d.Blob, packed); err != nil {
			return err
		}
	}
	text, err := json.Marshal(d)
	if err != nil {
		return fault.New(fault.Transient, op, err)
	}
	return r.cfg.Inbox.Put(ctx, string(text))
}

// statusOf maps a refusal to the network's answer: 403 for a signature or token that is not right, 500 for what may work
// when tried again.
func statusOf(err error) int {
	switch fault.Of(err) {
	case fault.Denied:
		return http.StatusForbidden
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Duplicate, fault.Conflict, fault.Transient, fault.Permanent, fault.Poison, fault.Uncertain, fault.NotFound:
		return http.StatusInternalServerError
	default:
		return http.StatusInternalServerError
	}
}
