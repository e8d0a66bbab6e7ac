package platformtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

// toy is a way out to a network that has one address, and a switch for each mistake.
type toy struct {
	base    string
	mistake string
}

// reasoned carries a reason code.
type reasoned struct{ code string }

func (r reasoned) Error() string { return r.code }

func failure(kind fault.Kind, code string) *fault.Error {
	return fault.New(kind, "toy", reasoned{code})
}

func (y toy) Reason(err error) string {
	var r reasoned
	if errors.As(err, &r) && y.mistake != "no reasons" {
		return r.code
	}
	return ""
}

func (y toy) Send(ctx context.Context, o post.Outgoing) (post.Receipt, error) {
	text := o.Text
	if y.mistake == "trims" {
		text = strings.TrimSpace(strings.ReplaceAll(text, "\n", " "))
	}
	id, use, err := y.call(ctx, http.MethodPost, "/things", text)
	switch {
	case y.mistake == "tries again" && fault.Is(err, fault.Uncertain):
		id, use, err = y.call(ctx, http.MethodPost, "/things", text)
	case y.mistake == "says what it said" && err != nil:
		err = fault.New(fault.Of(err), o.Text, err)
	case y.mistake == "forgets the use of a refusal" && err != nil:
		use = channel.Usage{}
	}
	return post.Receipt{ID: id, Usage: use}, err
}

// Act hides, and takes away what may be gone already.
func (y toy) Act(ctx context.Context, a post.Act) (post.Receipt, error) {
	path := "/things/" + a.Target + "/" + string(a.Verb)
	switch {
	case a.Verb != post.Hide && a.Verb != post.Remove && (a.Verb != post.Like || y.mistake != "tries what is not there"):
		return post.Receipt{}, failure(fault.Permanent, "unsupported")
	case a.Target == "" && y.mistake != "acts on nothing":
		return post.Receipt{}, failure(fault.Invalid, "input")
	case y.mistake == "acts on something else":
		path += "x"
	}
	_, use, err := y.call(ctx, http.MethodPut, path, "")
	switch {
	case y.mistake == "acts again" && fault.Is(err, fault.Uncertain):
		_, use, err = y.call(ctx, http.MethodPut, path, "")
	case y.mistake == "gives up in doubt" && fault.Is(err, fault.Uncertain):
		err = failure(fault.Permanent, "unknown_outcome")
	case a.Verb == post.Remove && y.Reason(err) == "gone" && y.mistake != "cannot do it twice":
		err = nil
	case y.mistake == "forgets the use of a refusal" && err != nil:
		use = channel.Usage{}
	}
	return post.Receipt{Usage: use}, err
}

func (y toy) Find(ctx context.Context, o post.Outgoing, since time.Time) (string, bool, error) {
	if y.mistake == "finds what it wants" {
		return "9", true, nil
	}
	if y.mistake == "never looks" {
		return "", false, nil
	}
	body, _, err := y.call(ctx, http.MethodGet, "/things", "")
	if err != nil {
		if y.mistake == "takes a failed look for an absence" {
			return "", false, nil
		}
		if fault.Is(err, fault.Uncertain) {
			return "", false, failure(fault.Transient, "unknown_outcome")
		}
		return "", false, err
	}
	if body == "never" {
		return "", false, nil
	}
	at, err := time.Parse(time.RFC3339, body)
	if err != nil {
		return "", false, failure(fault.Transient, "unknown_outcome")
	}
	if y.mistake != "finds what is old or other" && (at.Before(since) || o.Text != Text) {
		return "", false, nil
	}
	return "9", true, nil
}

// call makes one request: a write gives the id, a look the instant of what is there.
func (y toy) call(ctx context.Context, method, path, text string) (string, channel.Usage, error) {
	if ctx.Err() != nil {
		return "", channel.Usage{}, failure(fault.Transient, "unreachable")
	}
	var asked, connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) }, GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	if !strings.HasPrefix(path, "http") {
		path = y.base + path
	}
	req, err := http.NewRequestWithContext(ctx, method, path, bytes.NewBufferString(text))
	if err != nil {
		return "", channel.Usage{}, failure(fault.Invalid, "input")
	}
	req.GetBody, req.Close = nil, y.mistake != "keeps its connections"
	req.Header.Set("Authorization", "Bearer "+Token)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		if y.mistake == "follows" {
			return nil
		}
		return http.ErrUseLastResponse
	}}
	resp, err := client.Do(req)
	if err != nil {
		if y.mistake == "says where" {
			return "", channel.Usage{}, fault.New(fault.Uncertain, "toy", errors.Join(reasoned{"unreachable"}, err))
		}
		if asked.Load() && !connected.Load() && y.mistake != "doubts everything" {
			return "", channel.Usage{}, failure(fault.Transient, "unreachable")
		}
		return "", channel.Usage{}, failure(fault.Uncertain, "unknown_outcome")
	}
	defer func() { _ = resp.Body.Close() }()
	limit := int64(1 << 20)
	if y.mistake == "reads without end" {
		limit = 1 << 30
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit))
	if err != nil || int64(len(body)) == limit {
		return "", channel.Usage{}, failure(fault.Uncertain, "unknown_outcome")
	}
	id, err := y.read(resp, body)
	return id, y.use(resp, err), err
}

// use reads how much is used up: a header in hundredths, or all of it for as long as it says to wait.
func (y toy) use(resp *http.Response, err error) channel.Usage {
	var u channel.Usage
	if share, failed := strconv.Atoi(resp.Header.Get("X-Used")); failed == nil && y.mistake != "sees no use" {
		u.Share = float64(share) / 100
	}
	if y.Reason(err) == "throttle" {
		u.Share = 1
		u.Until = SaidAt().Add(max(fault.RetryAfter(err), time.Minute))
		if y.mistake == "stops for ever" {
			u.Until = time.Time{}
		}
	}
	if u.Share > 0 {
		u.At = SaidAt()
	}
	return u
}

func (y toy) read(resp *http.Response, body []byte) (string, error) {
	var a struct{ ID, At, Error string }
	switch {
	case y.mistake == "quotes" && resp.StatusCode >= 400:
		return "", fault.New(fault.Uncertain, "toy", errors.Join(reasoned{"unknown_outcome"}, errors.New(string(body))))
	case resp.StatusCode == 401:
		return "", failure(fault.Denied, "auth")
	case resp.StatusCode == 429:
		f := failure(fault.Transient, "throttle")
		if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && y.mistake != "does not wait" {
			f.RetryAfter = time.Duration(seconds) * time.Second
		}
		return "", f
	case resp.StatusCode == 404:
		return "", failure(fault.Permanent, "gone")
	case resp.StatusCode == 400:
		return "", failure(fault.Permanent, "content")
	case resp.StatusCode == 500 && y.mistake == "takes a 500":
		return "x", nil
	case resp.StatusCode != 200 && (y.mistake != "believes a 500" || resp.StatusCode != 500):
		return "", failure(fault.Uncertain, "unknown_outcome")
	case y.mistake == "believes a 500" && resp.StatusCode == 500:
		return "", failure(fault.Transient, "throttle")
	case y.mistake == "takes anything":
		return "x", nil
	case json.Unmarshal(body, &a) != nil || a.ID+a.At == "":
		return "", failure(fault.Uncertain, "unknown_outcome")
	}
	return a.ID + a.At, nil
}

func toyWay(mistake string) Way {
	return Way{
		New:  func(base string) (Platform, error) { return toy{base: base, mistake: mistake}, nil },
		Out:  post.Outgoing{Account: "1", Target: "2", Visibility: post.Public, Text: Text},
		Sent: Answer{Status: 200, Body: `{"id":"9"}`},
		ID:   "9",
		Said: func(_ *http.Request, body []byte) string { return string(body) },
		Read: func(_ *http.Request, said bool) Answer {
			if !said {
				return Answer{Status: 200, Body: `{"at":"never"}`}
			}
			return Answer{Status: 200, Body: fmt.Sprintf(`{"at":%q}`, SaidAt().Format(time.RFC3339))}
		},
		Told: []Told{{Name: "in hundredths", Header: []string{"X-Used", "30"}, Want: channel.Usage{Share: 0.3, At: SaidAt()}}},
		Refusals: []Refusal{
			{Name: "denied", Answer: Answer{Status: 401}, Kind: fault.Denied, Reason: "auth"},
			{Name: "throttled", Answer: Answer{Status: 429}, Kind: fault.Transient, Reason: "throttle"},
			{Name: "content", Answer: Answer{Status: 400, Body: `{"error":"CANARY"}`}, Kind: fault.Permanent, Reason: "content"},
			{Name: "broken", Answer: Answer{Status: 500, Body: `{"error":"CANARY"}`}, Kind: fault.Uncertain},
		},
	}
}

func TestRun(t *testing.T) { Run(t, toyWay("")) }

// A suite that cannot fail proves nothing: each mistake must be complained of, in the case made for it.
func TestRun_PlantedMistakes(t *testing.T) {
	for mistake, where := range map[string]string{
		"trims":                              "said once and whole",
		"keeps its connections":              "said once and whole",
		"tries again":                        "a 503 in HTML",
		"follows":                            "a 302 to another host",
		"believes a 500":                     "a 500 without an error object",
		"doubts everything":                  "nobody listens",
		"says where":                         "nobody listens",
		"says what it said":                  "not let in",
		"quotes":                             "refused: broken",
		"does not wait":                      "too many calls",
		"no reasons":                         "not let in",
		"sees no use":                        "what is used up: in hundredths",
		"forgets the use of a refusal":       "what is used up, in a refusal: in hundredths",
		"stops for ever":                     "too many calls, without a time",
		"finds what it wants":                "not found when it was not said",
		"finds what is old or other":         "not found when it was not said",
		"never looks":                        "found after a 500 that was said",
		"takes a failed look for an absence": "a look at a 500",
	} {
		t.Run(mistake, func(t *testing.T) {
			w := toyWay(mistake)
			found := false
			for _, c := range cases(w) {
				if c.name == where {
					found = true
					complained(t, where, c.complaints(t.Context(), w))
				}
			}
			if !found {
				t.Errorf("no case %q", where)
			}
		})
	}
}

func complained(t *testing.T, where string, complaints []string) {
	t.Helper()
	if len(complaints) == 0 {
		t.Errorf("%q passes", where)
	}
}

// A way that cannot be read back must say so, and one described by half is refused.
func TestRun_WithoutReading(t *testing.T) {
	w := toyWay("never looks")
	w.Read = nil
	for _, c := range findCases(w) {
		if got := c.complaints(t.Context(), w); len(got) == 0 {
			t.Errorf("%q passes", c.name)
		}
	}
	for name, spoil := range map[string]func(*Way){
		"no text":        func(w *Way) { w.Out.Text = "" },
		"no account":     func(w *Way) { w.Out.Account = "" },
		"no id":          func(w *Way) { w.ID = "" },
		"few refusals":   func(w *Way) { w.Refusals = w.Refusals[:2] },
		"silent refusal": func(w *Way) { w.Refusals[2].Answer.Body = `{"error":"x"}` },
	} {
		w := toyWay("")
		spoil(&w)
		if got := described(t.Context(), w, nil); len(got) == 0 {
			t.Errorf("%s passes", name)
		}
	}
}
