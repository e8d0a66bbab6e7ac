package lambdakit_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/lambdakit"
)

// gateway makes the event of an HTTP API, payload format 2.0.
func gateway(method, path string, with ...func(*events.APIGatewayV2HTTPRequest)) events.APIGatewayV2HTTPRequest {
	in := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: method + " /ruta", RawPath: path, Headers: map[string]string{"host": "gestor.example"},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RequestID: "peticion-1", TimeEpoch: noon().UnixMilli(), HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: method, Path: path},
		},
	}
	for _, f := range with {
		f(&in)
	}
	return in
}

// serve gives one event to a handler.
func serve(t *testing.T, h http.HandlerFunc, in events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, *logbook) {
	t.Helper()
	kit, book := newKit()
	out, err := kit.HTTP("desk", h)(t.Context(), in)
	if err != nil {
		t.Fatalf("an HTTP function failed instead of answering: %v", err)
	}
	return out, book
}

// seen is what a handler saw of a request.
type seen struct {
	Method, Host, Path, Escaped, Query, URI, Body, Cookie string
	Length                                                int64
}

func look(r *http.Request) seen {
	body, _ := io.ReadAll(r.Body)
	cookie := ""
	for _, c := range r.Cookies() {
		cookie += c.Name + "=" + c.Value + ";"
	}
	return seen{
		Method: r.Method, Host: r.Host, Path: r.URL.Path, Escaped: r.URL.EscapedPath(), Query: r.URL.RawQuery, URI: r.RequestURI,
		Body: string(body), Cookie: cookie, Length: r.ContentLength,
	}
}

func TestHTTP_Request(t *testing.T) {
	raw := []byte{0xff, 0x00, '\\', 'u', '0', '0', 'f', '1', '\r', '\n'}
	plain := seen{Method: "POST", Host: "gestor.example", Path: "/a", Escaped: "/a", URI: "/a"}
	with := func(change func(*seen)) seen {
		s := plain
		change(&s)
		return s
	}
	tests := []struct {
		name string
		in   events.APIGatewayV2HTTPRequest
		want seen
	}{
		{"nothing but a path", gateway("POST", "/a"), plain},
		{
			"a text", gateway("POST", "/a", func(in *events.APIGatewayV2HTTPRequest) { in.Body = `{"a":"\u00f1"}` }),
			with(func(s *seen) { s.Body, s.Length = `{"a":"\u00f1"}`, 14 }),
		},
		{"a base64 body is its bytes", gateway("POST", "/a", func(in *events.APIGatewayV2HTTPRequest) {
			in.Body, in.IsBase64Encoded = base64.StdEncoding.EncodeToString(raw), true
		}), with(func(s *seen) { s.Body, s.Length = string(raw), int64(len(raw)) })},
		{
			"what looks like base64 and is not said to be", gateway("POST", "/a", func(in *events.APIGatewayV2HTTPRequest) { in.Body = "aG9sYQ==" }),
			with(func(s *seen) { s.Body, s.Length = "aG9sYQ==", 8 }),
		},
		{"the gateway's path is decoded, and not decoded again", gateway("POST", "/t/a%2Fb"), with(func(s *seen) {
			s.Path, s.Escaped, s.URI = "/t/a%2Fb", "/t/a%252Fb", "/t/a%252Fb"
		})},
		{"a path that is no escape", gateway("POST", "/t/100%"), with(func(s *seen) {
			s.Path, s.Escaped, s.URI = "/t/100%", "/t/100%25", "/t/100%25"
		})},
		{"a path given decoded", gateway("POST", "/t/ñ b"), with(func(s *seen) {
			s.Path, s.Escaped, s.URI = "/t/ñ b", "/t/%C3%B1%20b", "/t/%C3%B1%20b"
		})},
		{
			"a query", gateway("POST", "/a", func(in *events.APIGatewayV2HTTPRequest) { in.RawQueryString = "q=%C3%B1+x&q=2" }),
			with(func(s *seen) { s.Query, s.URI = "q=%C3%B1+x&q=2", "/a?q=%C3%B1+x&q=2" }),
		},
		{
			"cookies", gateway("POST", "/a", func(in *events.APIGatewayV2HTTPRequest) { in.Cookies = []string{"a=1", "b=2"} }),
			with(func(s *seen) { s.Cookie = "a=1;b=2;" }),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got seen
			out, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = look(r) }, tt.in)
			if out.StatusCode != 200 {
				t.Errorf("status %d", out.StatusCode)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever case a front gives header names, a handler finds them.
func TestHTTP_HeaderCase(t *testing.T) {
	for _, name := range []string{"x-hub-signature-256", "X-Hub-Signature-256", "X-HUB-SIGNATURE-256"} {
		in := gateway("POST", "/a", func(in *events.APIGatewayV2HTTPRequest) { in.Headers[name] = "sha256=ab, sha256=cd" })
		serve(t, func(_ http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("X-Hub-Signature-256"); got != "sha256=ab, sha256=cd" {
				t.Errorf("%s: %q", name, got)
			}
		}, in)
	}
}

// What was escaped twice stays one segment for the router: it means here what it meant to the gateway's routes.
func TestHTTP_EscapedSegment(t *testing.T) {
	mux := http.NewServeMux()
	got := ""
	mux.HandleFunc("GET /t/{id}/{action}", func(_ http.ResponseWriter, r *http.Request) { got = r.PathValue("id") + " " + r.PathValue("action") })
	serve(t, mux.ServeHTTP, gateway("GET", "/t/a%2Fb/claim"))
	if got != "a%2Fb claim" {
		t.Errorf("segments %q", got)
	}
}

func TestHTTP_ClaimsAndArrival(t *testing.T) {
	claims := map[string]string{"sub": "ejecutivo1", "cognito:groups": "[community_manager]"}
	for name, tt := range map[string]struct {
		authorizer *events.APIGatewayV2HTTPRequestContextAuthorizerDescription
		want       map[string]string
	}{
		"no authorizer":      {nil, nil},
		"another authorizer": {&events.APIGatewayV2HTTPRequestContextAuthorizerDescription{}, nil},
		"a verified token": {&events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claims},
		}, claims},
	} {
		t.Run(name, func(t *testing.T) {
			in := gateway("GET", "/a", func(in *events.APIGatewayV2HTTPRequest) {
				in.RequestContext.Authorizer = tt.authorizer
				in.Headers["authorization"] = "Bearer whatever" // what the caller says of itself is not a claim
				in.Headers["sub"] = "supervisor"
			})
			serve(t, func(_ http.ResponseWriter, r *http.Request) {
				if diff := cmp.Diff(tt.want, lambdakit.Claims(r.Context())); diff != "" {
					t.Errorf("claims (-want +got):\n%s", diff)
				}
				if at := lambdakit.At(r.Context()); !at.Equal(noon()) || at.Location() != time.UTC {
					t.Errorf("arrived at %s", at)
				}
			}, in)
		})
	}
	if !lambdakit.At(t.Context()).IsZero() || lambdakit.Claims(t.Context()) != nil {
		t.Error("outside a request there is neither an arrival nor a claim")
	}
}

func TestHTTP_Answer(t *testing.T) {
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    events.APIGatewayV2HTTPResponse
	}{
		{"nothing", func(http.ResponseWriter, *http.Request) {}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{}}},
		{
			"a status alone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) },
			events.APIGatewayV2HTTPResponse{StatusCode: 403, Headers: map[string]string{}},
		},
		{"the first status counts", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(201)
			w.WriteHeader(500)
		}, events.APIGatewayV2HTTPResponse{StatusCode: 201, Headers: map[string]string{}}},
		{"a status after words is too late", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "hola")
			w.WriteHeader(500)
		}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{}, Body: "hola"}},
		{"a text", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.Header().Add("Vary", "Accept")
			w.Header().Add("Vary", "Origin")
			_, _ = io.WriteString(w, `{"a":"ñ`)
			_, _ = io.WriteString(w, `👍"}`)
		}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: `{"a":"ñ👍"}`, Headers: map[string]string{
			"content-type": "application/json; charset=utf-8", "vary": "Accept,Origin",
		}}},
		{"cookies", func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
			http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
		}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{}, Cookies: []string{"a=1", "b=2"}}},
		{
			"bytes that are no text", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte{0xff, 0xfe}) },
			events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{}, Body: "//4=", IsBase64Encoded: true},
		},
		{"compressed, whatever it looks like", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			_, _ = io.WriteString(w, "abc")
		}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"content-encoding": "br"}, Body: "YWJj", IsBase64Encoded: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := serve(t, tt.handler, gateway("GET", "/a"))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

// Every byte a handler writes arrives.
func TestHTTP_AnswerKeepsBytes(t *testing.T) {
	for _, body := range [][]byte{nil, []byte("hola"), {0}, bytes.Repeat([]byte{0xc3}, 3), []byte("ñ\r\n\x00")} {
		got, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }, gateway("GET", "/a"))
		back := []byte(got.Body)
		if got.IsBase64Encoded {
			var err error
			if back, err = base64.StdEncoding.DecodeString(got.Body); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(back, body) {
			t.Errorf("%q arrived as %q", body, back)
		}
	}
}

func TestHTTP_RefusesWhatIsNoRequest(t *testing.T) {
	never := func(http.ResponseWriter, *http.Request) { t.Error("handled") }
	for name, in := range map[string]events.APIGatewayV2HTTPRequest{
		"broken base64": gateway("POST", "/a", func(in *events.APIGatewayV2HTTPRequest) { in.Body, in.IsBase64Encoded = "no-base64!", true }),
		"no method":     gateway("GET /", "/a"),
	} {
		if out, book := serve(t, never, in); out.StatusCode != http.StatusBadRequest || strings.Contains(book.text(), "no-base64!") {
			t.Errorf("%s: %d, log %s", name, out.StatusCode, book.text())
		}
	}
}

// The line of a request names its route, never what was asked for: tokens and citizens' words travel there.
func TestHTTP_LogLine(t *testing.T) {
	in := gateway("POST", "/t/01SECRETO/reply", func(in *events.APIGatewayV2HTTPRequest) {
		in.RouteKey = "ANY /api/v1/{proxy+}"
		in.RawQueryString, in.Body = "hub.verify_token=ficticio", `{"text":"palabras"}`
		in.Headers["authorization"], in.Cookies = "Bearer ficticio", []string{"a=ficticio"}
		in.RequestContext.HTTP.SourceIP = "192.0.2.77"
	})
	_, book := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(422)
		_, _ = io.WriteString(w, "respuesta")
	}, in)
	lines := book.lines(t)
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	want := map[string]any{
		"level": "INFO", "msg": "unit", "unit": "desk", "method": "POST", "route": "ANY /api/v1/{proxy+}", "status": 422.0,
		"outcome": "ok", "trace": "peticion-1", "bytes": 9.0,
	}
	delete(lines[0], "time")
	if diff := cmp.Diff(want, lines[0]); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
	for _, secret := range []string{"SECRETO", "ficticio", "palabras", "respuesta", "192.0.2.77"} {
		if strings.Contains(fmt.Sprint(lines[0]), secret) {
			t.Errorf("the log says %q", secret)
		}
	}
}
