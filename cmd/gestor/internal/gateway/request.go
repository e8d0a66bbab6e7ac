package gateway

import (
	"encoding/base64"
	"encoding/json"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// request is everything an event is made of.
type request struct {
	r          *http.Request
	body       []byte
	route      Route
	parameters map[string]string
	claims     *claims
	id         string
	at         time.Time
}

// buildEvent writes the event of payload format 2.0. rawPath is the decoded path, as HTTP APIs deliver it; the query
// string stays as it came.
func buildEvent(q request) ([]byte, error) {
	body, encoded := encodeBody(q.r.Header.Get("Content-Type"), q.body)
	source, _, err := net.SplitHostPort(q.r.RemoteAddr)
	if err != nil {
		source = q.r.RemoteAddr
	}
	host, _, err := net.SplitHostPort(q.r.Host)
	if err != nil {
		host = q.r.Host
	}
	prefix, _, _ := strings.Cut(host, ".")
	event := events.APIGatewayV2HTTPRequest{
		Version:               "2.0",
		RouteKey:              q.route.Key,
		RawPath:               q.r.URL.Path,
		RawQueryString:        q.r.URL.RawQuery,
		Cookies:               cookies(q.r.Header),
		Headers:               headers(q.r, source),
		QueryStringParameters: query(q.r.URL.RawQuery),
		PathParameters:        q.parameters,
		Body:                  body,
		IsBase64Encoded:       encoded,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: q.route.Key, AccountID: "000000000000", Stage: "$default", RequestID: q.id,
			APIID: "local", DomainName: host, DomainPrefix: prefix,
			Time: q.at.UTC().Format("02/Jan/2006:15:04:05 +0000"), TimeEpoch: q.at.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: q.r.Method, Path: q.r.URL.Path, Protocol: q.r.Proto, SourceIP: source, UserAgent: q.r.UserAgent(),
			},
		},
	}
	if q.claims != nil {
		event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: q.claims.text, Scopes: q.claims.scopes},
		}
	}
	return json.Marshal(event)
}

// encodeBody gives text as it is and everything else in base64. What an HTTP API takes for text is measured, not
// documented: text/*, JSON, XML and JavaScript; forms and bodies without a type count as binary. Text that is not
// UTF-8 could not pass through JSON unchanged, and signatures are made over the bytes, so it goes as base64 too.
func encodeBody(contentType string, body []byte) (string, bool) {
	if len(body) == 0 {
		return "", false
	}
	if isText(contentType) && utf8.Valid(body) {
		return string(body), false
	}
	return base64.StdEncoding.EncodeToString(body), true
}

func isText(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(strings.ToLower(contentType), ";")
		media = strings.TrimSpace(media)
	}
	switch media {
	case "application/json", "application/xml", "application/javascript":
		return true
	default:
		return strings.HasPrefix(media, "text/")
	}
}

// headers gives lower-case names, repeated values joined by commas, and those the gateway adds. Cookies travel apart.
func headers(r *http.Request, source string) map[string]string {
	out := make(map[string]string, len(r.Header)+4)
	for name, values := range r.Header {
		switch name {
		case "Cookie", "Connection", "Transfer-Encoding", "Keep-Alive", "Te", "Upgrade", "Proxy-Connection":
			continue
		}
		out[strings.ToLower(name)] = strings.Join(values, ",")
	}
	out["host"] = r.Host
	forwarded := source
	if before := out["x-forwarded-for"]; before != "" {
		forwarded = before + ", " + source
	}
	out["x-forwarded-for"] = forwarded
	out["x-forwarded-proto"] = "http"
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		out["x-forwarded-port"] = port
	}
	return out
}

func cookies(h http.Header) []string {
	var out []string
	for _, line := range h.Values("Cookie") {
		for cookie := range strings.SplitSeq(line, ";") {
			if c := strings.TrimSpace(cookie); c != "" {
				out = append(out, c)
			}
		}
	}
	return out
}

// query decodes the parameters, repeated ones joined by commas. What cannot be decoded stays as it is: unlike
// net/url's parser this one drops nothing.
func query(raw string) map[string]string {
	out := map[string]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, value = unescape(name), unescape(value)
		if before, ok := out[name]; ok {
			value = before + "," + value
		}
		out[name] = value
	}
	return out
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
