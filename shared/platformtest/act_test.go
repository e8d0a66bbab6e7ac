package platformtest

import (
	"net/http"
	"testing"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

func toyDoing(mistake string) Doing {
	asked := func(path string) func(*http.Request, []byte) string {
		return func(r *http.Request, _ []byte) string {
			if r.Method != http.MethodPut || r.URL.Path != path {
				return "asked for " + r.Method + " " + r.URL.Path
			}
			return ""
		}
	}
	return Doing{
		New:     func(base string) (Platform, error) { return toy{base: base, mistake: mistake}, nil },
		Account: "1",
		Deeds: []Deed{
			{
				Act: post.Act{Account: "1", Target: "2", Verb: post.Hide}, Done: Answer{Status: 200, Body: `{"id":"2"}`},
				Asked: asked("/things/2/hide"),
			},
			{
				Act: post.Act{Account: "1", Target: "3", Verb: post.Remove}, Done: Answer{Status: 200, Body: `{"id":"3"}`},
				Again: Answer{Status: 404, Body: `{"error":"CANARY"}`}, Asked: asked("/things/3/remove"),
			},
		},
		Told: []Told{{Name: "in hundredths", Header: []string{"X-Used", "30"}, Want: channel.Usage{Share: 0.3, At: SaidAt()}}},
		Refusals: []Refusal{
			{Name: "content", Answer: Answer{Status: 400, Body: `{"error":"CANARY"}`}, Kind: fault.Permanent, Reason: "content"},
		},
	}
}

func TestRunActs(t *testing.T) { RunActs(t, toyDoing("")) }

func TestRunActs_PlantedMistakes(t *testing.T) {
	for mistake, where := range map[string]string{
		"acts on something else":       "hide: done",
		"keeps its connections":        "hide: done",
		"cannot do it twice":           "remove: done twice",
		"acts again":                   "hide: done, and said to have failed",
		"gives up in doubt":            "hide: a 503 in HTML",
		"takes anything":               "hide: a success of nothing",
		"follows":                      "remove: a 302 to another host",
		"doubts everything":            "hide: nobody listens",
		"acts on nothing":              "hide: to nothing",
		"tries what is not there":      "there is no like",
		"quotes":                       "hide: refused: content",
		"no reasons":                   "hide: not let in",
		"does not wait":                "hide: too many calls",
		"stops for ever":               "hide: too many calls, without a time",
		"sees no use":                  "hide: what is used up: in hundredths",
		"forgets the use of a refusal": "hide: what is used up, in a refusal: in hundredths",
	} {
		t.Run(mistake, func(t *testing.T) {
			d := toyDoing(mistake)
			found := false
			for _, c := range actCases(d) {
				if c.name == where {
					found = true
					complained(t, where, c.complaints(t.Context(), d))
				}
			}
			if !found {
				t.Errorf("no case %q", where)
			}
		})
	}
}

func TestRunActs_HalfDescribed(t *testing.T) {
	for name, spoil := range map[string]func(*Doing){
		"no account":        func(d *Doing) { d.Account = "" },
		"no refusals":       func(d *Doing) { d.Refusals = nil },
		"a silent refusal":  func(d *Doing) { d.Refusals[0].Answer.Body = `{"error":"x"}` },
		"nobody looks":      func(d *Doing) { d.Deeds[0].Asked = nil },
		"another's account": func(d *Doing) { d.Deeds[0].Act.Account = "7" },
	} {
		d := toyDoing("")
		spoil(&d)
		if len(d.described()) == 0 {
			t.Errorf("%s passes", name)
		}
	}
}
