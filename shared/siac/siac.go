// Package siac files cases in SIAC, the institution's system of record for citizens' requests, and finds them again by our
// own number.
//
// A case filed twice is a person answered twice, so File makes exactly one HTTP request and says plainly whether it may
// have been carried out: Transient means surely not, Uncertain perhaps. What is uncertain is looked up with Find and may
// then be filed again under the same Idempotency-Key.
package siac

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/unit"
)

const (
	channel     = "redes_sociales"   // SIAC's name for where the case came in
	defaultZone = "America/Santiago" // the seat of the service
	longestKey  = 128
	longestID   = 64
	// answerLimit is how much of an answer is read, in bytes.
	answerLimit = 1 << 20
	// defaultTimeout leaves the function time to record an outcome that never came.
	defaultTimeout = 10 * time.Second
)

// Config is what a Client needs. Token gives the bearer token for each request. HTTP may be nil; its redirects are never
// followed. Zone is the zone of the unit that answers, America/Santiago when empty.
type Config struct {
	BaseURL string
	Token   func(context.Context) (string, error)
	HTTP    *http.Client
	Zone    string
}

// Case is a case to file. IdempotencyKey is red:tipo:id_mensaje, at most 128 characters; ExternalRef our ticket number;
// Network the network's name; Type the tipo_solicitud; Description what the citizen wrote; EnteredAt when; Region a code
// from 01 to 16 and PersonType the kind of person, each empty when unknown.
type Case struct {
	IdempotencyKey string
	ExternalRef    string
	Network        string
	Type           string
	Description    string
	EnteredAt      time.Time
	Region         string
	PersonType     string
}

// Filed is a case as SIAC knows it. Folio is opaque, at most 64 characters; DueDate is SIAC's own date as it wrote it.
type Filed struct {
	Folio   string
	State   string
	DueDate string
}

// Client talks to one SIAC. It may be shared.
type Client struct {
	base  string
	zone  string
	token func(context.Context) (string, error)
	http  *http.Client
}

// New gives a client.
func New(cfg Config) *Client {
	c := http.Client{Timeout: defaultTimeout}
	if cfg.HTTP != nil {
		c = *cfg.HTTP
	}
	// A redirect could carry the token and the citizen's words to another host.
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	zone := cfg.Zone
	if zone == "" {
		zone = defaultZone
	}
	return &Client{base: strings.TrimRight(cfg.BaseURL, "/"), zone: zone, token: cfg.Token, http: &c}
}

// filing is the body of POST /v1/casos.
type filing struct {
	Channel     string `json:"canal"`
	Network     string `json:"red"`
	Type        string `json:"tipo_solicitud"`
	Description string `json:"descripcion"`
	EnteredAt   string `json:"fecha_ingreso"`
	Zone        string `json:"zona"`
	Key         string `json:"clave_idempotencia"`
	ExternalRef string `json:"ref_externa"`
	Region      string `json:"region,omitempty"`
	PersonType  string `json:"tipo_persona,omitempty"`
}

// answer is what SIAC says of a case.
type answer struct {
	Folio       string `json:"folio"`
	State       string `json:"estado"`
	Due         string `json:"vence_el"`
	ExternalRef string `json:"ref_externa"`
}

func (a answer) filed() Filed { return Filed{Folio: a.Folio, State: a.State, DueDate: a.Due} }

// File posts the case with exactly one request. The same case always makes the same body, so that SIAC knows a repetition
// for what it is. Kinds: Invalid and Denied before anything was sent or when SIAC refuses us; Transient when it was surely
// not carried out; Permanent when it never will be; Uncertain for everything else, an answer that cannot be trusted
// included.
func (c *Client) File(ctx context.Context, filed Case) (Filed, error) {
	const op = "siac.File"
	if !validKey(filed.IdempotencyKey) || filed.ExternalRef == "" || filed.EnteredAt.IsZero() {
		return Filed{}, fault.New(fault.Invalid, op, errors.New("a case without key, reference or date of entry"))
	}
	body, err := json.Marshal(filing{
		Channel: channel, Network: filed.Network, Type: filed.Type, Description: filed.Description,
		EnteredAt: filed.EnteredAt.UTC().Format(time.RFC3339), Zone: c.zone, Key: filed.IdempotencyKey,
		ExternalRef: filed.ExternalRef, Region: filed.Region, PersonType: filed.PersonType,
	})
	if err != nil {
		return Filed{}, fault.New(fault.Invalid, op, errors.New("a case that is no JSON"))
	}
	req, err := c.request(ctx, op, http.MethodPost, "/v1/casos", bytes.NewReader(body))
	if err != nil {
		return Filed{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", filed.IdempotencyKey)
	var a answer
	if err := c.do(req, op, fault.Uncertain, &a); err != nil {
		return Filed{}, err
	}
	if a.ExternalRef != "" && a.ExternalRef != filed.ExternalRef {
		return Filed{}, fault.New(fault.Uncertain, op, errors.New("the answer names another ticket"))
	}
	if !validFolio(a.Folio) {
		return Filed{}, fault.New(fault.Uncertain, op, errors.New("the answer has no usable folio"))
	}
	return a.filed(), nil
}

// Find looks a case up by our own number. It believes only what names that number: a case whose reference SIAC does not
// say may be anybody's. Two folios for one number are Permanent: a person must decide.
func (c *Client) Find(ctx context.Context, externalRef string) (Filed, bool, error) {
	const op = "siac.Find"
	if externalRef == "" {
		return Filed{}, false, fault.New(fault.Invalid, op, errors.New("no reference"))
	}
	req, err := c.request(ctx, op, http.MethodGet, "/v1/casos?ref_externa="+url.QueryEscape(externalRef), http.NoBody)
	if err != nil {
		return Filed{}, false, err
	}
	var list struct {
		Items *[]answer `json:"items"`
		Next  string    `json:"next"`
	}
	if err := c.do(req, op, fault.Transient, &list); err != nil {
		return Filed{}, false, err
	}
	if list.Items == nil {
		return Filed{}, false, fault.New(fault.Transient, op, errors.New("the answer is no list"))
	}
	var found Filed
	for _, a := range *list.Items {
		if a.ExternalRef != externalRef || !validFolio(a.Folio) {
			continue
		}
		if found.Folio != "" && found.Folio != a.Folio {
			return Filed{}, false, fault.New(fault.Permanent, op, errors.New("two folios for one number"))
		}
		found = a.filed()
	}
	if found.Folio == "" && list.Next != "" {
		// SIAC did not filter by our number, so the case may stand on a page we do not read: that is no proof of absence.
		return Filed{}, false, fault.New(fault.Transient, op, errors.New("the list goes on without our number"))
	}
	return found, found.Folio != "", nil
}

// request builds a request that is sent at most once: without GetBody the transport cannot repeat a body by itself, and on
// a connection of its own it does not meet one the server has just closed.
func (c *Client) request(ctx context.Context, op, method, path string, body io.Reader) (*http.Request, error) {
	token, err := c.token(ctx)
	if err != nil {
		return nil, err
	}
	if token == "" {
		return nil, fault.New(fault.Denied, op, errors.New("no token"))
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fault.New(fault.Permanent, op, errors.New("the base address is no URL"))
	}
	req.GetBody = nil
	req.Close = true
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	if trace := unit.Of(ctx).Trace(); trace != "" {
		req.Header.Set("X-Correlation-Id", trace)
	}
	return req, nil
}

// do sends the request and reads a 2xx answer into v. doubt is the kind of what may or may not have happened. No error
// carries anything the other side wrote.
func (c *Client) do(req *http.Request, op string, doubt fault.Kind, v any) error {
	var asked, connected atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	work := unit.Of(req.Context())
	work.Network("siac")
	work.Count(unit.NetworkCalls, 1)
	resp, err := c.http.Do(req)
	if err != nil {
		// Only a transport that reports its connections can prove that there was none.
		if asked.Load() && !connected.Load() {
			return fault.New(fault.Transient, op, because("no connection", err))
		}
		return fault.New(doubt, op, because("no answer", err))
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return refusal(resp, op, doubt)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil {
		return fault.New(doubt, op, because("the answer broke off", err))
	}
	if json.Unmarshal(body, v) != nil {
		return fault.New(doubt, op, errors.New("the answer is not the JSON it should be"))
	}
	return nil
}

// because gives an error that says what is missing and, as far as it quotes nothing SIAC wrote, why.
func because(what string, err error) error {
	var (
		timeout   interface{ Timeout() bool }
		dial      *net.OpError
		untrusted *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", what, context.Canceled)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("%s: %w", what, context.DeadlineExceeded)
	case errors.As(err, &dial) && dial.Op == "dial":
		return fmt.Errorf("%s: %w", what, dial)
	case errors.As(err, &untrusted):
		return fmt.Errorf("%s: the certificate is not trusted", what)
	default:
		return errors.New(what)
	}
}

// refusal gives the fault of an answer that is no success. Only the refusals SIAC documents prove that nothing was done.
func refusal(resp *http.Response, op string, doubt fault.Kind) error {
	err := errors.New("status " + strconv.Itoa(resp.StatusCode))
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault.New(fault.Denied, op, err)
	case http.StatusTooManyRequests:
		f := fault.New(fault.Transient, op, err)
		f.RetryAfter = retryAfter(resp.Header)
		return f
	case http.StatusConflict:
		return fault.New(fault.Conflict, op, err)
	case http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
		http.StatusUnprocessableEntity:
		return fault.New(fault.Permanent, op, err)
	default:
		return fault.New(doubt, op, err)
	}
}
