package desk

import (
	"net/http"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// rulesJSON is what one network allows: each answer with its limit, each act, posts of ours; what it does not allow says why in
// None.
type rulesJSON struct {
	Network mention.Network               `json:"network"`
	Answers map[post.Visibility]limitJSON `json:"answers"`
	Acts    map[post.Verb]noneJSON        `json:"acts"`
	Posts   postsJSON                     `json:"posts"`
}

type limitJSON struct {
	Limit int       `json:"limit,omitempty"`
	Unit  post.Unit `json:"unit,omitempty"`
	None  string    `json:"none,omitempty"`
}

type noneJSON struct {
	None string `json:"none,omitempty"`
}

// postsJSON is what one network takes as a post of ours; what is absent has no limit there.
type postsJSON struct {
	Limit      int         `json:"limit"`
	Unit       post.Unit   `json:"unit"`
	Hashtags   int         `json:"hashtags,omitempty"`
	Advised    int         `json:"hashtagsAdvised,omitempty"`
	Cashtags   int         `json:"cashtags,omitempty"`
	NeedsMedia bool        `json:"needsMedia"`
	ByTemplate bool        `json:"byTemplate"`
	LinkApart  bool        `json:"linkApart"`
	AltLimit   int         `json:"altLimit"`
	Media      []mediaRule `json:"media"`
}

// mediaRule is what a network takes of one sort of file; two of them are never mixed in a post.
type mediaRule struct {
	Kinds     []string `json:"kinds"`
	Types     []string `json:"types"`
	Most      int      `json:"most"`
	MinSize   int64    `json:"minSize,omitempty"`
	MaxSize   int64    `json:"maxSize,omitempty"`
	MinRatio  float64  `json:"minRatio,omitempty"`
	MaxRatio  float64  `json:"maxRatio,omitempty"`
	MinMillis int64    `json:"minMillis,omitempty"`
	MaxMillis int64    `json:"maxMillis,omitempty"`
	MaxPixels int64    `json:"maxPixels,omitempty"`
}

func postsOf(n mention.Network) postsJSON {
	r, _ := post.PublicationRuleOf(n)
	out := postsJSON{
		Limit: r.Max, Unit: r.Unit, Hashtags: r.Hashtags, Advised: r.Advised, Cashtags: r.Cashtags, NeedsMedia: r.NeedsMedia,
		ByTemplate: r.ByTemplate, LinkApart: r.LinkApart, AltLimit: post.MaxAlt, Media: []mediaRule{},
	}
	for _, m := range r.Media {
		out.Media = append(out.Media, mediaRule(m))
	}
	return out
}

// rules gives the table of what each network allows, as everybody of the desk may know it.
func (d *Desk) rules(w http.ResponseWriter, req *http.Request) {
	_, err := d.caller(req)
	if !d.admit(w, req, err, true) {
		return
	}
	out := page[rulesJSON]{Items: []rulesJSON{}}
	for _, n := range mention.Networks() {
		line := rulesJSON{Network: n, Answers: map[post.Visibility]limitJSON{}, Acts: map[post.Verb]noneJSON{}, Posts: postsOf(n)}
		for _, v := range []post.Visibility{post.Public, post.Private} {
			r := post.Of(n, v)
			line.Answers[v] = limitJSON{Limit: r.Max, Unit: r.Unit, None: r.None}
		}
		for _, v := range post.Verbs() {
			line.Acts[v] = noneJSON{None: post.ActOf(n, v).None}
		}
		out.Items = append(out.Items, line)
	}
	d.json(w, http.StatusOK, out)
}
