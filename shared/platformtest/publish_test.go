package platformtest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

// toyPublisher brings one picture a call, asks whether the network has seen to it, and says the words with one more.
type toyPublisher struct{ toy }

func (y toyPublisher) PostURL(_, id string) string {
	if y.mistake == "knows no address" {
		return ""
	}
	return "https://toy.example/" + id
}

func (y toyPublisher) Prepare(ctx context.Context, b post.Broadcast, _ time.Time) (post.Prepared, error) {
	p := post.Prepared{Has: map[string]string{}, Wait: time.Second}
	for name, id := range b.Prepared.Has {
		p.Has[name] = id
	}
	if y.mistake == "forgets how far it came" {
		p.Has = nil
	}
	for _, m := range b.Media {
		if p.Has[m.ID] != "" {
			continue
		}
		path := "/files?alt=" + url.QueryEscape(m.Alt)
		switch y.mistake {
		case "leaves the words out":
			path = "/files"
		case "says it too early":
			path = "/things"
		}
		id, use, err := y.call(ctx, http.MethodPost, path, "")
		if fault.Is(err, fault.Uncertain) && y.mistake != "doubts what nobody sees" {
			err = failure(fault.Transient, "unknown_outcome")
		}
		if err != nil {
			return post.Prepared{Has: p.Has, Usage: use}, err
		}
		if y.mistake == "does not say when" {
			p.Wait = 0
		}
		if p.Has != nil {
			p.Has[m.ID] = id
		}
		return p, nil
	}
	if len(b.Media) == 0 && y.mistake == "brings nothing" {
		_, _, _ = y.call(ctx, http.MethodGet, "/files", "")
	}
	return post.Prepared{Ready: true, Has: p.Has}, nil
}

func (y toyPublisher) Publish(ctx context.Context, b post.Broadcast) (post.Receipt, error) {
	if len(b.Prepared.Has) < len(b.Media) && y.mistake != "goes without" {
		return post.Receipt{}, failure(fault.Invalid, "input")
	}
	if y.mistake == "looks first" {
		_, _, _ = y.call(ctx, http.MethodGet, "/things", "")
	}
	return y.Send(ctx, post.Outgoing{Text: b.Text})
}

func (y toyPublisher) Published(ctx context.Context, b post.Broadcast, since time.Time) (string, bool, error) {
	return y.Find(ctx, post.Outgoing{Text: b.Text}, since)
}

func toyPublishing(mistake string) Publishing {
	way := toyWay("")
	words := Shape{
		Name: "words", Post: post.Broadcast{Account: "1", Text: Text}, ID: "9", URL: "https://toy.example/9", Sent: way.Sent,
		Publishes: func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Path == "/things" },
		Heard: func(r *http.Request, body []byte) Heard {
			return Heard{Text: string(body), Alts: r.URL.Query()["alt"]}
		},
		Show: func(r *http.Request, published bool, _ string) Answer {
			if strings.HasPrefix(r.URL.Path, "/files") {
				return Answer{Status: 200, Body: fmt.Sprintf(`{"id":"f%d"}`, len(r.URL.RawQuery))}
			}
			return way.Read(r, published)
		},
		Refusals: way.Refusals,
	}
	picture := words
	picture.Name = "pictures"
	picture.Post.Media = []post.Attached{
		{ID: "a", Alt: "una sala", File: post.File{Kind: post.Image}}, {ID: "b", Alt: "una mesa", File: post.File{Kind: post.Image}},
	}
	picture.Unprepared = []Refusal{
		{Name: "content", Answer: Answer{Status: 400, Body: `{"error":"CANARY"}`}, Kind: fault.Permanent, Reason: "content"},
	}
	return Publishing{
		New: func(base string) (Publisher, error) {
			return toyPublisher{toy{base: base, mistake: mistake}}, nil
		},
		Shapes: []Shape{words, picture},
		Told:   []Told{{Name: "in hundredths", Header: []string{"X-Used", "30"}, Want: channel.Usage{Share: 0.3, At: SaidAt()}}},
	}
}

func TestRunPublisher(t *testing.T) { RunPublisher(t, toyPublishing("")) }

func TestRunPublisher_PlantedMistakes(t *testing.T) {
	for mistake, where := range map[string]string{
		"trims":                              "words: said once and whole",
		"keeps its connections":              "words: said once and whole",
		"knows no address":                   "words: said once and whole",
		"looks first":                        "words: said once and whole",
		"leaves the words out":               "pictures: said once and whole",
		"says it too early":                  "pictures: said once and whole",
		"does not say when":                  "pictures: said once and whole",
		"forgets how far it came":            "pictures: said once and whole",
		"brings nothing":                     "words: prepared again",
		"goes without":                       "pictures: published before it was prepared",
		"doubts what nobody sees":            "pictures: preparing meets a 503 in HTML",
		"tries again":                        "pictures: a 503 in HTML",
		"follows":                            "words: a 302 to another host",
		"doubts everything":                  "pictures: nobody listens",
		"says what it said":                  "words: not let in",
		"quotes":                             "pictures: not taken: content",
		"does not wait":                      "words: too many calls",
		"no reasons":                         "words: not let in",
		"stops for ever":                     "words: too many calls, without a time",
		"takes a 500":                        "pictures: each request of preparing fails in turn",
		"sees no use":                        "words: what is used up: in hundredths",
		"forgets the use of a refusal":       "words: what is used up: in hundredths, in a refusal",
		"finds what it wants":                "words: not found when it was not said",
		"finds what is old or other":         "words: not found when it was not said",
		"never looks":                        "pictures: found after the connection broke",
		"takes a failed look for an absence": "words: a look breaks off",
	} {
		t.Run(mistake, func(t *testing.T) {
			p := toyPublishing(mistake)
			found := false
			for _, c := range publishCases(p) {
				if c.name == where {
					found = true
					complained(t, where, c.complaints(t.Context(), p))
				}
			}
			if !found {
				t.Errorf("no case %q", where)
			}
		})
	}
}

// What cannot be read back must say so.
func TestRunPublisher_Blind(t *testing.T) {
	p := toyPublishing("never looks")
	p.Shapes[0].Blind = true
	for _, c := range publishedCases(p.Shapes[0]) {
		c.shape = p.Shapes[0]
		complained(t, c.name, c.complaints(t.Context(), p))
	}
}

func TestRunPublisher_HalfDescribed(t *testing.T) {
	for name, spoil := range map[string]func(*Publishing){
		"no publisher":     func(p *Publishing) { p.New = nil },
		"no shapes":        func(p *Publishing) { p.Shapes = nil },
		"no account":       func(p *Publishing) { p.Shapes[0].Post.Account = "" },
		"another text":     func(p *Publishing) { p.Shapes[0].Post.Text = "hola" },
		"no words for it":  func(p *Publishing) { p.Shapes[1].Post.Media[0].Alt = "" },
		"no refusals":      func(p *Publishing) { p.Shapes[0].Refusals = nil },
		"a silent refusal": func(p *Publishing) { p.Shapes[1].Unprepared[0].Answer.Body = `{"error":"x"}` },
	} {
		p := toyPublishing("")
		spoil(&p)
		if len(p.described()) == 0 {
			t.Errorf("%s passes", name)
		}
	}
}
