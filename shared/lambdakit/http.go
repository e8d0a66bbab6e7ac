package lambdakit

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/unit"
)

// arrival is the key of a unit of work's instant in its context.
type arrival struct{}

// claims is the key of a verified token's claims in a request's context.
type claims struct{}

// At gives the instant of the unit of work in hand, in UTC: when the gateway took the request, the instant the schedule's
// event stands for, or the invocation's start; the zero time outside of one.
func At(ctx context.Context) time.Time {
	at, _ := ctx.Value(arrival{}).(time.Time)
	return at
}

// Claims gives what the gateway's authorizer verified of the caller's token; nil when the route has no authorizer.
func Claims(ctx context.Context) map[string]string {
	c, _ := ctx.Value(claims{}).(map[string]string)
	return c
}

// HTTP makes the handler of an HTTP API source (payload format 2.0) around an ordinary http.Handler.
func (k *Kit) HTTP(name string, h http.Handler) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return func(ctx context.Context, in events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		at := time.UnixMilli(in.RequestContext.TimeEpoch).UTC()
		ctx, work := unit.Begin(ctx, in.RequestContext.RequestID)
		req, err := request(ctx, in, at)
		if err != nil {
			k.report(ctx, name, at, work, fault.New(fault.Invalid, "lambdakit.request", err))
			return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusBadRequest}, nil
		}
		w := &response{header: http.Header{}, status: http.StatusOK}
		err = k.guard(ctx, name, func() error {
			h.ServeHTTP(w, req)
			return nil
		})
		switch {
		case err != nil:
			w = &response{header: http.Header{}, status: http.StatusInternalServerError}
		case w.status >= http.StatusInternalServerError:
			err = fault.New(fault.Transient, "lambdakit.HTTP", fmt.Errorf("answered %d", w.status))
		}
		k.report(ctx, name, at, work, err, slog.String("method", req.Method), slog.String("route", in.RouteKey),
			slog.Int("status", w.status), slog.Int("bytes", w.body.Len()))
		return w.answer(), nil
	}
}

func request(ctx context.Context, in events.APIGatewayV2HTTPRequest, at time.Time) (*http.Request, error) {
	body := []byte(in.Body)
	if in.IsBase64Encoded {
		raw, err := base64.StdEncoding.DecodeString(in.Body)
		if err != nil {
			return nil, err
		}
		body = raw
	}
	ctx = context.WithValue(ctx, arrival{}, at)
	if a := in.RequestContext.Authorizer; a != nil && a.JWT != nil {
		ctx = context.WithValue(ctx, claims{}, a.JWT.Claims)
	}
	// The gateway gives rawPath decoded. Decoding it again would let a path mean one thing to the authorizer's routes and
	// another to ours.
	target := &url.URL{Path: in.RawPath, RawQuery: in.RawQueryString}
	req, err := http.NewRequestWithContext(ctx, in.RequestContext.HTTP.Method, "/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.URL = target
	req.RequestURI = target.RequestURI()
	for name, value := range lower(in.Headers) {
		req.Header.Set(name, value)
	}
	if len(in.Cookies) > 0 {
		req.Header.Set("Cookie", strings.Join(in.Cookies, "; "))
	}
	req.Host = req.Header.Get("Host")
	req.ContentLength = int64(len(body))
	return req, nil
}

// response collects what a handler writes.
type response struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func (w *response) Header() http.Header { return w.header }

func (w *response) WriteHeader(status int) {
	if !w.wrote {
		w.status, w.wrote = status, true
	}
}

func (w *response) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

func (w *response) answer() events.APIGatewayV2HTTPResponse {
	out := events.APIGatewayV2HTTPResponse{StatusCode: w.status, Headers: map[string]string{}}
	for name, values := range w.header {
		if name == "Set-Cookie" {
			out.Cookies = values
			continue
		}
		out.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	if utf8.Valid(w.body.Bytes()) && w.header.Get("Content-Encoding") == "" {
		out.Body = w.body.String()
		return out
	}
	out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(w.body.Bytes()), true
	return out
}
