package linkedin_test

import (
	"fmt"
	"net/http"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
)

const actor = "?actor=urn%3Ali%3Aorganization%3A5000001"

func deed(verb post.Verb, target, asked string, done platformtest.Answer) platformtest.Deed {
	return platformtest.Deed{
		Act:  post.Act{Account: us, Target: target, Verb: verb},
		Done: done,
		Asked: func(r *http.Request, body []byte) string {
			if got := r.Method + " " + r.RequestURI + " " + string(body); got != asked || r.Header.Get("Linkedin-Version") != "202607" {
				return fmt.Sprintf("asked %s", got)
			}
			return ""
		},
	}
}

func TestOutbound_acts(t *testing.T) {
	remove := deed(post.Remove, oursThere, "DELETE /rest/socialActions/urn%3Ali%3Aactivity%3A6641861161010679808/comments/6643206422739898368"+actor+" ", platformtest.Answer{Status: 204})
	remove.Again = problem(404, "Could not find comment")
	like := deed(post.Like, theirs, "POST /rest/reactions"+actor+` {"root":"`+theirs+`","reactionType":"LIKE"}`, platformtest.Answer{Status: 201})
	like.Again = problem(409, "Conflict")
	platformtest.RunActs(t, platformtest.Doing{
		New: func(base string) (platformtest.Platform, error) { return wayOut(base) }, Account: us, Deeds: []platformtest.Deed{remove, like}, Told: waits(),
		Refusals: []platformtest.Refusal{
			refusal("role lost", problem(403, "Not enough permissions"), fault.Denied, once.ReasonPermission, 0),
			refusal("not valid", problem(422, "ERROR"), fault.Permanent, once.ReasonContent, 0),
			refusal("a wall in HTML", platformtest.Answer{Status: 403, Body: "<html>CANARY"}, fault.Uncertain, once.ReasonUnknown, 0),
			refusal("a conflict in HTML", platformtest.Answer{Status: 409, Body: "<html>CANARY"}, fault.Uncertain, once.ReasonUnknown, 0),
		},
	})
}

func TestAct_edges(t *testing.T) {
	for _, c := range []struct {
		name    string
		verb    post.Verb
		account string
		target  string
		answer  platformtest.Answer
		kind    fault.Kind
		reason  string
		calls   int
	}{
		{"a like of a post, by our number", post.Like, "5000001", "share:7", platformtest.Answer{Status: 201, Body: `{"id":"1"}`}, 0, "", 1},
		{"liked before", post.Like, us, theirs, problem(422, "Duplicate reaction"), 0, "", 1},
		{"a like of nothing that is there", post.Like, us, theirs, problem(404, "Not found"), fault.Permanent, once.ReasonGone, 1},
		{"removed by a wall", post.Remove, us, oursThere, platformtest.Answer{Status: 404, Body: "<html>"}, fault.Permanent, once.ReasonGone, 1},
		{"removed, says a wall", post.Remove, us, oursThere, platformtest.Answer{Status: 200, Body: "<html>"}, fault.Uncertain, once.ReasonUnknown, 1},
		{"a post is not ours to remove", post.Remove, us, aPost, platformtest.Answer{Status: 204}, fault.Invalid, once.ReasonInput, 0},
		{"a path", post.Like, us, "urn:li:share:1/../2", platformtest.Answer{Status: 201}, fault.Invalid, once.ReasonInput, 0},
		{"a person for an account", post.Like, "urn:li:person:1", theirs, platformtest.Answer{Status: 201}, fault.Invalid, once.ReasonInput, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, all := recorder(t, c.answer)
			p, err := wayOut(base)
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Act(t.Context(), post.Act{Account: c.account, Target: c.target, Verb: c.verb})
			if fault.Of(err) != c.kind || p.Reason(err) != c.reason || len(*all) != c.calls {
				t.Errorf("%v after %d requests", err, len(*all))
			}
		})
	}
}
