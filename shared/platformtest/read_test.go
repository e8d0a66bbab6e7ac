package platformtest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

// toyReader reads the toy's network.
type toyReader struct{ toy }

// look makes one request; an unknown outcome of a look is only something to try again.
func (y toyReader) look(ctx context.Context, a channel.Access, path string) (string, channel.Usage, error) {
	switch {
	case a.Token == "" && y.mistake != "asks without a key":
		return "", channel.Usage{}, failure(fault.Denied, "auth")
	case y.mistake == "shows its key":
		path += "?key=" + a.Token
	case y.mistake == "does not look at the clock":
		ctx = context.WithoutCancel(ctx)
	}
	id, use, err := y.call(ctx, http.MethodGet, path, "")
	if fault.Is(err, fault.Uncertain) && y.mistake != "doubts a look" && y.mistake != "quotes" && y.mistake != "says where" {
		err = failure(fault.Transient, "unknown_outcome")
	}
	return id, use, err
}

func (y toyReader) Item(ctx context.Context, a channel.Access, e mention.Event) (mention.Event, channel.Usage, error) {
	text, use, err := y.look(ctx, a, "/items/"+e.Key)
	if err != nil {
		if y.mistake == "says something all the same" {
			return e, use, err
		}
		return mention.Event{}, use, err
	}
	author, more, err := y.look(ctx, a, "/items/"+e.Key+"/author")
	if err != nil && y.mistake != "leaves half of it out" {
		return mention.Event{}, more, err
	}
	e.Text, e.Author, e.Outcome = text, &mention.Author{ID: author}, mention.Interaction
	if y.mistake == "reads it wrong" {
		e.Text += "."
	}
	return e, use, nil
}

func (y toyReader) List(ctx context.Context, a channel.Access, q channel.ListQuery) (channel.Page, error) {
	path := "/lists/" + q.List + "?after=" + strings.ReplaceAll(q.Cursor, "/", "")
	if y.mistake == "goes where the cursor says" && q.Cursor != "" {
		path = q.Cursor
	}
	id, use, err := y.look(ctx, a, path)
	if err != nil {
		return channel.Page{Usage: use}, err
	}
	if at, found := strings.CutPrefix(id, "next:"); found {
		if y.mistake != "goes where it is sent" {
			return channel.Page{Usage: use}, failure(fault.Permanent, "foreign_host")
		}
		id, _, _ = y.look(ctx, a, at)
	}
	return channel.Page{Events: []mention.Event{{Key: id}}, Cursor: "c", Usage: use}, nil
}

func (y toyReader) Media(_ context.Context, _ channel.Access, m mention.Attachment) (channel.Download, error) {
	if y.mistake == "has no address" {
		return channel.Download{}, nil
	}
	return channel.Download{URL: m.URL}, nil
}

func (y toyReader) Check(ctx context.Context, a channel.Access, _ string, _ time.Time) (channel.Health, error) {
	name, use, err := y.look(ctx, a, "/me")
	if err != nil {
		name = ""
	}
	return channel.Health{Name: name, Usage: use}, err
}

func toyReading(mistake string) Reading {
	show := func(r *http.Request, _ string) Answer {
		id, _ := json.Marshal(map[string]string{"id": r.URL.Path})
		return Answer{Status: 200, Body: string(id)}
	}
	item := mention.Event{Key: "5", Account: "1"}
	whole := item
	whole.Text, whole.Author, whole.Outcome = "/items/5", &mention.Author{ID: "/items/5/author"}, mention.Interaction
	return Reading{
		New:    func(base string) (Reader, error) { return toyReader{toy{base: base, mistake: mistake}}, nil },
		Access: channel.Access{Account: "1", Token: Token},
		Looks: []Look{
			{Name: "item", Item: &item, Show: show, Want: []mention.Event{whole}, Refusals: []Refusal{
				{Name: "gone", Answer: Answer{Status: 404, Body: `{"error":"CANARY"}`}, Kind: fault.Permanent, Reason: "gone"},
			}},
			{Name: "list", List: &channel.ListQuery{List: "feed"}, Show: show, Want: []mention.Event{{Key: "/lists/feed"}},
				Elsewhere: func(_ *http.Request, foreign string) Answer {
					return Answer{Status: 200, Body: `{"id":"next:` + foreign + `/x"}`}
				}},
			{Name: "media", Media: &mention.Attachment{URL: "https://example.com/a"}, Show: show},
			{Name: "check", Callback: "https://example.com/webhooks/toy", Show: show},
		},
		Told: []Told{{Name: "in hundredths", Header: []string{"X-Used", "30"}, Want: channel.Usage{Share: 0.3, At: SaidAt()}}},
	}
}

func TestRunReader(t *testing.T) { RunReader(t, toyReading("")) }

func TestRunReader_PlantedMistakes(t *testing.T) {
	for mistake, where := range map[string]string{
		"reads it wrong":              "item: seen",
		"keeps its connections":       "item: seen",
		"shows its key":               "check: seen",
		"has no address":              "media: seen",
		"says where":                  "list: nobody listens",
		"doubts everything":           "list: nobody listens",
		"does not look at the clock":  "check: too late before it began",
		"asks without a key":          "item: without a key",
		"doubts a look":               "item: the connection breaks",
		"no reasons":                  "list: not let in",
		"does not wait":               "list: too many calls",
		"stops for ever":              "list: too many calls, without a time",
		"reads without end":           "list: more than anybody sends",
		"takes anything":              "item: a success in HTML",
		"takes a 500":                 "check: a 500 without an error object",
		"follows":                     "list: a 302 to another host",
		"leaves half of it out":       "item: each request fails in turn",
		"quotes":                      "item: refused: gone",
		"says something all the same": "item: refused: gone",
		"goes where it is sent":       "list: goes on at another host",
		"goes where the cursor says":  "list: a cursor of another host",
		"sees no use":                 "check: what is used up: in hundredths",
	} {
		t.Run(mistake, func(t *testing.T) {
			r := toyReading(mistake)
			found := false
			for _, c := range readCases(r) {
				if c.name == where {
					found = true
					complained(t, where, c.complaints(t.Context(), r))
				}
			}
			if !found {
				t.Errorf("no case %q", where)
			}
		})
	}
}

func TestRunReader_HalfDescribed(t *testing.T) {
	for name, spoil := range map[string]func(*Reading){
		"another key":      func(r *Reading) { r.Access.Token = "x" },
		"no looks":         func(r *Reading) { r.Looks = nil },
		"nothing is shown": func(r *Reading) { r.Looks[3].Show = nil },
		"nothing is given": func(r *Reading) { r.Looks[1].Want = nil },
		"a silent refusal": func(r *Reading) { r.Looks[0].Refusals[0].Answer.Body = `{"error":"x"}` },
	} {
		r := toyReading("")
		spoil(&r)
		if len(r.described()) == 0 {
			t.Errorf("%s passes", name)
		}
	}
}
