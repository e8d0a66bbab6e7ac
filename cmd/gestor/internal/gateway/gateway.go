// Package gateway plays an API Gateway HTTP API with payload format 2.0 in front of the local functions: routes, JWT
// authorizers, limits and the translation of requests and answers.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

const (
	// maxPayload is what an HTTP API takes (API Gateway quotas: 10 MB).
	maxPayload = 10 << 20
	// maxEvent is what a synchronous invocation of Lambda takes, envelope and base64 included (Lambda quotas: 6 MB).
	maxEvent = 6 << 20
	// drain is how much of a refused body is still read, so that the client gets to see the answer.
	drain = 32 << 20
)

// ErrSaturated is what an Invoker answers when the function has no capacity left: the gateway's 503.
var ErrSaturated = errors.New("gateway: the function is saturated")

// Invoker runs a function synchronously. failed tells that the function itself failed (error, crash or time-out).
type Invoker func(ctx context.Context, function string, payload []byte) (answer []byte, failed bool, err error)

// Route is one route; Key is "GET /path/{variable}", "ANY /path/{proxy+}" or "$default".
type Route struct {
	Key      string
	Function string
	// Timeout bounds the wait for the function.
	Timeout    time.Duration
	Authorizer *Authorizer
	// Scopes are those a token must carry at least one of; empty means none.
	Scopes []string
}

// Authorizer is a JWT authorizer: tokens of Issuer for one of Audience.
type Authorizer struct {
	Issuer   string
	Audience []string
}

// Config is what a gateway needs. All fields are required.
type Config struct {
	Routes []Route
	Invoke Invoker
	// Now is the local clock: it stamps requestContext.timeEpoch, which is what functions take for now.
	Now func() time.Time
	// Wall is the real clock: it judges the age of tokens, which other parties issue.
	Wall func() time.Time
	// Client fetches the issuers' keys.
	Client *http.Client
	// NewID makes request ids.
	NewID func() string
	Log   *slog.Logger
}

// Gateway is the HTTP handler.
type Gateway struct {
	cfg    Config
	router *router
	keys   *keyring
}

// New checks the routes; the error names the wrong one.
func New(cfg Config) (*Gateway, error) {
	r, err := newRouter(cfg.Routes)
	if err != nil {
		return nil, err
	}
	return &Gateway{cfg: cfg, router: r, keys: newKeyring(cfg.Client, cfg.Wall)}, nil
}

// ServeHTTP answers one request as API Gateway would.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := g.cfg.NewID()
	w.Header().Set("Apigw-Requestid", id)
	route, parameters, ok := g.router.match(r.Method, r.URL.Path)
	if !ok {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	var claims *claims
	if route.Authorizer != nil {
		c, err := g.authorize(r, *route)
		if err != nil {
			g.cfg.Log.LogAttrs(r.Context(), slog.LevelInfo, "token refused", slog.String("route", route.Key), slog.Any("error", err))
			refuseToken(w, err)
			return
		}
		claims = c
	}
	body, err := readBody(r)
	if err != nil {
		refuseBody(w, r, err)
		return
	}
	event, err := buildEvent(request{r: r, body: body, route: *route, parameters: parameters, claims: claims, id: id, at: g.cfg.Now()})
	if err != nil || len(event) > maxEvent {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	g.invoke(w, r, *route, event)
}

func (g *Gateway) invoke(w http.ResponseWriter, r *http.Request, route Route, event []byte) {
	// The function goes on when the client leaves, as in the cloud; only the time-out ends the wait.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), route.Timeout)
	defer cancel()
	payload, failed, err := g.cfg.Invoke(ctx, route.Function, event)
	if errors.Is(err, ErrSaturated) {
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
		return
	}
	if err == nil && failed {
		err = errors.New("the function failed")
	}
	var a answer
	if err == nil {
		a, err = parseAnswer(payload)
	}
	if err != nil {
		g.cfg.Log.LogAttrs(r.Context(), slog.LevelWarn, "request failed", slog.String("function", route.Function),
			slog.String("route", route.Key), slog.Any("error", err))
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	a.write(w, r)
}

// errTooLarge is a body above maxPayload, announced or found.
var errTooLarge = errors.New("body too large")

func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength > maxPayload {
		return nil, errTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	if err != nil {
		return nil, fmt.Errorf("body cut short: %w", err)
	}
	if len(body) > maxPayload {
		return nil, errTooLarge
	}
	return body, nil
}

func refuseBody(w http.ResponseWriter, r *http.Request, err error) {
	if !errors.Is(err, errTooLarge) {
		refuse(w, http.StatusBadRequest, "Bad Request")
		return
	}
	// A client that is still writing sees a reset instead of the answer unless its bytes are taken.
	_, _ = io.CopyN(io.Discard, r.Body, drain)
	w.Header().Set("Connection", "close")
	refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
}

// refuse writes one of API Gateway's own answers.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"message":"`+message+`"}`)
}

func refuseToken(w http.ResponseWriter, err error) {
	if errors.Is(err, errScope) {
		refuse(w, http.StatusForbidden, "Forbidden")
		return
	}
	w.Header().Set("WWW-Authenticate", "Bearer")
	refuse(w, http.StatusUnauthorized, "Unauthorized")
}
