package meta

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

type canned func(*http.Request) (*http.Response, error)

func (f canned) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestExchange checks the guard by itself: whatever the library asks for, nothing leaves for another host, nothing leaves
// twice, and no answer that is not one reaches it.
func TestExchange(t *testing.T) {
	sent := 0
	answer := func(status int, body string) *exchange {
		sent = 0
		next := canned(func(r *http.Request) (*http.Response, error) {
			sent++
			if r.GetBody != nil {
				t.Error("the body could be sent again")
			}
			return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
		})
		return &exchange{next: next, scheme: "https", host: "graph.facebook.com"}
	}
	ask := func(x *exchange, url string) error {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, strings.NewReader("message=x"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := x.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	const home = "https://graph.facebook.com/v25.0/1/comments"

	for _, url := range []string{"https://example.com/", "http://graph.facebook.com/", "https://graph.facebook.com:444/", "https://graph.facebook.com.example.com/"} {
		if err := ask(answer(200, `{}`), url); !errors.Is(err, errForeignHost) || sent != 0 {
			t.Errorf("%s: %v, %d sent", url, err, sent)
		}
	}
	x := answer(200, `{}`)
	if err := ask(x, home); err != nil {
		t.Error(err)
	}
	if err := ask(x, home); !errors.Is(err, errNoSecond) || sent != 1 {
		t.Errorf("the second time: %v, %d sent", err, sent)
	}
	for _, refused := range []struct {
		status int
		body   string
	}{
		{500, `{"id":"1"}`},
		{503, `<html>`},
		{307, `{}`},
		{200, `<html>`},
		{200, ``},
		{200, `true`},
		{200, `[]`},
		{200, `{}x`},
		{400, `no`},
		{200, `{}` + strings.Repeat(" ", maxAnswer)},
	} {
		if err := ask(answer(refused.status, refused.body), home); !errors.Is(err, errUnreadable) {
			t.Errorf("%d %.20s: %v", refused.status, refused.body, err)
		}
	}
	if err := ask(answer(400, ` {"error":{}} `), home); err != nil {
		t.Errorf("a refusal in JSON: %v", err)
	}
}
