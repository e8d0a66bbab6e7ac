package gateway

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

func localNow() time.Time { return time.Date(2027, 3, 1, 12, 0, 0, 5_000_000, time.UTC) }

// recorder is a function that keeps its last event and gives a set answer.
type recorder struct {
	name   string
	event  events.APIGatewayV2HTTPRequest
	answer string
	failed bool
	err    error
}

func (f *recorder) invoke(_ context.Context, name string, payload []byte) ([]byte, bool, error) {
	f.name = name
	f.event = events.APIGatewayV2HTTPRequest{}
	if err := json.Unmarshal(payload, &f.event); err != nil {
		return nil, false, err
	}
	return []byte(f.answer), f.failed, f.err
}

func config(invoke Invoker, routes ...Route) Config {
	for i := range routes {
		if routes[i].Timeout == 0 {
			routes[i].Timeout = time.Minute
		}
	}
	return Config{
		Routes: routes, Invoke: invoke, Now: localNow, Wall: wall, Client: http.DefaultClient,
		NewID: func() string { return "req-1" }, Log: slog.New(slog.DiscardHandler),
	}
}

func serve(t *testing.T, cfg Config) *httptest.Server {
	t.Helper()
	g, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(g)
	t.Cleanup(s.Close)
	return s
}

// do sends a request and gives status, headers and body.
func do(t *testing.T, req *http.Request) (int, http.Header, string) {
	t.Helper()
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(body)
}

func newRequest(t *testing.T, method, url string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestServe_Event(t *testing.T) {
	f := &recorder{answer: `{"statusCode":204}`}
	s := serve(t, config(f.invoke, Route{Key: "POST /webhooks/{network}", Function: "webhook"}))
	req := newRequest(t, "POST", s.URL+"/webhooks/face%62ook?a=1&b=x%20y&a=2&crc_token=a+b%2B&bad=%zz", strings.NewReader("{}"))
	req.Header = http.Header{
		"Content-Type": {"application/json"}, "X-Twice": {"one", "two"}, "Cookie": {"c1=a; c2=b"},
		"X-Forwarded-For": {"10.0.0.9"}, "User-Agent": {"prueba/1"},
	}
	status, h, _ := do(t, req)
	if status != 204 || h.Get("Apigw-Requestid") != "req-1" {
		t.Errorf("got status %d and request id %q", status, h.Get("Apigw-Requestid"))
	}
	if f.name != "webhook" {
		t.Errorf("function: got %q", f.name)
	}
	e := f.event
	host := strings.TrimPrefix(s.URL, "http://")
	want := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "POST /webhooks/{network}", RawPath: "/webhooks/facebook",
		RawQueryString: "a=1&b=x%20y&a=2&crc_token=a+b%2B&bad=%zz",
		Cookies:        []string{"c1=a", "c2=b"},
		Headers: map[string]string{
			"content-type": "application/json", "x-twice": "one,two", "x-forwarded-for": "10.0.0.9, 127.0.0.1",
			"x-forwarded-proto": "http", "x-forwarded-port": host[strings.LastIndex(host, ":")+1:], "host": host,
			"content-length": "2", "user-agent": "prueba/1", "accept-encoding": "gzip",
		},
		QueryStringParameters: map[string]string{"a": "1,2", "b": "x y", "crc_token": "a b+", "bad": "%zz"},
		PathParameters:        map[string]string{"network": "facebook"},
		Body:                  "{}",
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: "POST /webhooks/{network}", AccountID: "000000000000", Stage: "$default", RequestID: "req-1",
			APIID: "local", DomainName: "127.0.0.1", DomainPrefix: "127",
			Time: "01/Mar/2027:12:00:00 +0000", TimeEpoch: localNow().UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: "POST", Path: "/webhooks/facebook", Protocol: "HTTP/1.1", SourceIP: "127.0.0.1", UserAgent: "prueba/1",
			},
		},
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func TestServe_BodyReachesTheFunctionByteForByte(t *testing.T) {
	f := &recorder{answer: `{"statusCode":200}`}
	s := serve(t, config(f.invoke, Route{Key: "$default", Function: "webhook"}))
	cases := []struct {
		name, contentType string
		body              []byte
		encoded           bool
	}{
		{"json", "application/json", []byte("{ \"a\":\t\"\\u00f1\", \"b\": \"ñ<>&\u2028\" }\n"), false},
		{"json with charset", "application/json; charset=utf-8", []byte(`{"a":"é"}`), false},
		{"odd content type", "Application/JSON;;", []byte(`{}`), false},
		{"text", "text/plain", []byte("hola\r\n"), false},
		{"json with latin-1 bytes", "application/json", []byte{'"', 0xf1, '"'}, true},
		{"form", "application/x-www-form-urlencoded", []byte("a=b"), true},
		{"no type", "", []byte("{}"), true},
		{"image", "image/png", []byte{0x89, 'P', 0, 0xff}, true},
		{"empty", "application/json", nil, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			req := newRequest(t, "POST", s.URL+"/", bytes.NewReader(c.body))
			req.Header["Content-Type"] = []string{c.contentType}
			do(t, req)
			got := []byte(f.event.Body)
			if f.event.IsBase64Encoded {
				var err error
				if got, err = base64.StdEncoding.DecodeString(f.event.Body); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, c.body) || f.event.IsBase64Encoded != c.encoded {
				t.Errorf("got %q (base64 %v), want %q (%v)", got, f.event.IsBase64Encoded, c.body, c.encoded)
			}
		})
	}
}

func TestServe_OwnAnswers(t *testing.T) {
	cases := []struct {
		name, path string
		f          recorder
		status     int
		body       string
	}{
		{"no route", "/nada", recorder{}, 404, `{"message":"Not Found"}`},
		{"function error", "/f", recorder{failed: true, answer: `{"errorMessage":"boom"}`}, 500, `{"message":"Internal Server Error"}`},
		{"no answer", "/f", recorder{err: context.DeadlineExceeded}, 500, `{"message":"Internal Server Error"}`},
		{"saturated", "/f", recorder{err: errors.Join(ErrSaturated)}, 503, `{"message":"Service Unavailable"}`},
		{"not json", "/f", recorder{answer: `<html>`}, 500, `{"message":"Internal Server Error"}`},
		{"empty", "/f", recorder{answer: ``}, 500, `{"message":"Internal Server Error"}`},
		{"status out of range", "/f", recorder{answer: `{"statusCode":99}`}, 500, `{"message":"Internal Server Error"}`},
		{"status no number", "/f", recorder{answer: `{"statusCode":"200"}`}, 500, `{"message":"Internal Server Error"}`},
		{"body no text", "/f", recorder{answer: `{"statusCode":200,"body":{}}`}, 500, `{"message":"Internal Server Error"}`},
		{"header no text", "/f", recorder{answer: `{"statusCode":200,"headers":{"a":["b"]}}`}, 500, `{"message":"Internal Server Error"}`},
		{"wrong base64", "/f", recorder{answer: `{"statusCode":200,"body":"%","isBase64Encoded":true}`}, 500, `{"message":"Internal Server Error"}`},
		{"inferred object", "/f", recorder{answer: `{"a":1}`}, 200, `{"a":1}`},
		{"inferred list", "/f", recorder{answer: `[1]`}, 200, `[1]`},
		{"inferred text", "/f", recorder{answer: `"hola"`}, 200, `hola`},
		{"base64", "/f", recorder{answer: `{"statusCode":201,"body":"AAH/","isBase64Encoded":true}`}, 201, "\x00\x01\xff"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, config(c.f.invoke, Route{Key: "GET /f", Function: "f"}))
			status, h, body := do(t, newRequest(t, "GET", s.URL+c.path, nil))
			if status != c.status || body != c.body {
				t.Errorf("got %d %q, want %d %q", status, body, c.status, c.body)
			}
			if strings.HasPrefix(c.body, "{") && h.Get("Content-Type") != "application/json" {
				t.Errorf("content type: got %q", h.Get("Content-Type"))
			}
		})
	}
}

func TestServe_HeadersAndCookiesOfTheAnswer(t *testing.T) {
	f := recorder{answer: `{"statusCode":200,"headers":{"X-Number":7,"Cache-Control":"no-store","Content-Length":"9000"},` +
		`"cookies":["a=1; Path=/","b=2"],"body":"<b>no soy html</b>"}`}
	s := serve(t, config(f.invoke, Route{Key: "GET /f", Function: "f"}))
	_, h, body := do(t, newRequest(t, "GET", s.URL+"/f", nil))
	if body != "<b>no soy html</b>" {
		t.Errorf("body: got %q", body)
	}
	if got := h.Get("Content-Type"); got != "text/plain;charset=utf-8" {
		t.Errorf("content type without one: got %q", got)
	}
	if h.Get("X-Number") != "7" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("headers: got %v", h)
	}
	if diff := cmp.Diff([]string{"a=1; Path=/", "b=2"}, h.Values("Set-Cookie")); diff != "" {
		t.Errorf("cookies (-want +got):\n%s", diff)
	}
}

func TestServe_TimeoutReachesTheFunction(t *testing.T) {
	wait := func(ctx context.Context, _ string, _ []byte) ([]byte, bool, error) {
		<-ctx.Done()
		return nil, false, ctx.Err()
	}
	s := serve(t, config(wait, Route{Key: "GET /f", Function: "f", Timeout: time.Millisecond}))
	if status, _, body := do(t, newRequest(t, "GET", s.URL+"/f", nil)); status != 500 {
		t.Errorf("got %d %q", status, body)
	}
}

func TestServe_TooLarge(t *testing.T) {
	f := &recorder{answer: `{"statusCode":200}`}
	s := serve(t, config(f.invoke, Route{Key: "POST /f", Function: "f"}))
	text := func(n int) []byte { return bytes.Repeat([]byte("a"), n) }
	cases := []struct {
		name   string
		body   io.Reader
		status int
	}{
		{"5 MiB of text", bytes.NewReader(text(5 << 20)), 200},
		{"what no invocation takes", bytes.NewReader(text(6 << 20)), 413},
		{"over 10 MB, announced", bytes.NewReader(text(maxPayload + 1)), 413},
		// A reader of unknown length is sent in chunks.
		{"over 10 MB, in chunks", io.MultiReader(bytes.NewReader(text(maxPayload + 1))), 413},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f.name = ""
			req := newRequest(t, "POST", s.URL+"/f", c.body)
			req.Header.Set("Content-Type", "application/json")
			status, _, body := do(t, req)
			if status != c.status {
				t.Errorf("got %d %q, want %d", status, body, c.status)
			}
			if reached := f.name != ""; reached != (c.status == 200) {
				t.Errorf("the function was reached: %v", reached)
			}
		})
	}
}
