package desk

import (
	"net/http"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// rulesJSON is what one network allows: each answer with its limit, each act; what it does not allow says why in None.
type rulesJSON struct {
	Network mention.Network               `json:"network"`
	Answers map[post.Visibility]limitJSON `json:"answers"`
	Acts    map[post.Verb]noneJSON        `json:"acts"`
}

type limitJSON struct {
	Limit int       `json:"limit,omitempty"`
	Unit  post.Unit `json:"unit,omitempty"`
	None  string    `json:"none,omitempty"`
}

type noneJSON struct {
	None string `json:"none,omitempty"`
}

// rules gives the table of what each network allows, as everybody of the desk may know it.
func (d *Desk) rules(w http.ResponseWriter, req *http.Request) {
	_, err := d.caller(req)
	if !d.admit(w, req, err, true) {
		return
	}
	out := page[rulesJSON]{Items: []rulesJSON{}}
	for _, n := range mention.Networks() {
		line := rulesJSON{Network: n, Answers: map[post.Visibility]limitJSON{}, Acts: map[post.Verb]noneJSON{}}
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
