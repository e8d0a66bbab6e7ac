package sim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
)

// acted gives what was done to texts of a network, without the instants.
func (r *rig) acted(network string) []actItem {
	r.t.Helper()
	list := calls[[]actItem](r, 200, http.MethodGet, "/sim/"+network+"/acts", "")
	for i := range list {
		if !list[i].At.Equal(r.clock.now()) {
			r.t.Errorf("act %d at %v, want now", i, list[i].At)
		}
		list[i].At = r.clock.now()
	}
	return list
}

func (r *rig) wantsActs(network string, want ...actItem) {
	r.t.Helper()
	for i := range want {
		want[i].At = r.clock.now()
		if want[i].By == "" {
			want[i].By = byGestor
		}
	}
	if diff := cmp.Diff(want, r.acted(network)); diff != "" {
		r.t.Errorf("acts of %s (-want +got):\n%s", network, diff)
	}
}

func TestFacebookActs(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	m := r.write(`{"text":"miren","kind":"mention"}`)
	r.delivered(facebookPath, 2)
	ours := mention.Accounts{mention.Facebook: {DefaultPageID}}
	for i, step := range []struct {
		method, path, form string
		outcome            mention.Outcome
		hidden             bool
	}{
		{http.MethodPost, c.ID, "is_hidden=true", mention.Moderation, true},
		{http.MethodPost, c.ID, "is_hidden=true", "", true}, // twice is once
		{http.MethodPost, c.ID, "is_hidden=false", mention.Moderation, false},
		{http.MethodPost, c.ID + "/likes", "", "", false},
		{http.MethodPost, c.ID + "/likes", "method=DELETE", "", false},
		{http.MethodPost, c.ID, "method=delete", mention.Delete, false},
	} {
		before := len(r.gestor.deliveries(facebookPath))
		if status, v := r.graph(step.method, "/graph/v25.0/"+step.path, step.form); status != http.StatusOK || v["success"] != true {
			t.Fatalf("step %d: %d %v", i, status, v)
		}
		if step.outcome != "" {
			d := r.delivered(facebookPath, before+1)
			e := listeners()["facebook"].decode(d.body, ours)[0]
			if e.Outcome != step.outcome || e.Key != c.ID || e.Flag(mention.FlagHidden) != step.hidden {
				t.Errorf("step %d: told %+v", i, e)
			}
		}
		if i < 5 {
			if _, v := r.graph(http.MethodGet, "/graph/v25.0/"+c.ID+"?fields=is_hidden", ""); v["is_hidden"] != step.hidden {
				t.Errorf("step %d: read back %v", i, v)
			}
		}
	}
	r.wantsActs(targetFacebook, actItem{Verb: actHide, Target: c.ID}, actItem{Verb: actUnhide, Target: c.ID},
		actItem{Verb: actLike, Target: c.ID, Reaction: "LIKE"}, actItem{Verb: actUnlike, Target: c.ID}, actItem{Verb: actRemove, Target: c.ID})
	for name, q := range map[string]struct {
		path, form string
		status     int
		code       float64
	}{
		"deleted":         {c.ID, "is_hidden=true", 400, 100},
		"on another wall": {m.ID, "is_hidden=true", 403, 200},
		"nothing said":    {c.ID, "", 400, 100},
		"unknown":         {"1_2", "method=DELETE", 400, 100},
	} {
		status, v := r.graph(http.MethodPost, "/graph/v25.0/"+q.path, q.form)
		if code, _ := graphCode(v); status != q.status || code != q.code {
			t.Errorf("%s: %d %v", name, status, v)
		}
	}
	if got := len(r.gestor.deliveries(facebookPath)); got != 5 {
		t.Errorf("%d deliveries, want 5", got)
	}
}

func TestInstagramActs(t *testing.T) {
	r := newRig(t)
	c := r.on(targetInstagram, `{"text":"uno"}`)
	m := r.on(targetInstagram, `{"text":"dos","kind":"mention"}`)
	path := "/graph/v25.0/" + c.ID
	for _, form := range []string{"hide=true", "hide=false", "hide=true", "method=DELETE"} {
		if status, v := r.graph(http.MethodPost, path, form); status != http.StatusOK || v["success"] != true {
			t.Fatalf("%s: %d %v", form, status, v)
		}
		if form == "hide=true" {
			if _, v := r.graph(http.MethodGet, path+"?fields=hidden", ""); v["hidden"] != true {
				t.Errorf("hidden: %v", v)
			}
			if status, _ := r.graph(http.MethodPost, path+"/replies", "message=a"); status != http.StatusBadRequest {
				t.Errorf("an answer to a hidden comment: %d, want 400", status)
			}
		}
	}
	r.wantsActs(targetInstagram, actItem{Verb: actHide, Target: c.ID}, actItem{Verb: actUnhide, Target: c.ID}, actItem{Verb: actHide, Target: c.ID}, actItem{Verb: actRemove, Target: c.ID})
	for p, form := range map[string]string{m.ID: "hide=true", path[len("/graph/v25.0/"):]: "hide=true", c.Thread + "/likes": ""} {
		if status, v := r.graph(http.MethodPost, "/graph/v25.0/"+p, form); status == http.StatusOK {
			t.Errorf("%s %s: %v", p, form, v)
		}
	}
}

func TestXActs(t *testing.T) {
	r := newRig(t)
	reply := r.on(targetX, `{"text":"uno","kind":"comment"}`)
	elsewhere := r.on(targetX, `{"text":"dos"}`)
	_, v := r.asX(http.MethodPost, "/2/tweets", `{"text":"Te respondo","reply":{"in_reply_to_tweet_id":"`+reply.ID+`"}}`)
	own, _ := at(v, "data", "id").(string)
	r.delivered("/webhooks/x", 3)
	for _, hidden := range []string{"true", "false"} {
		if status, v := r.asX(http.MethodPut, "/2/tweets/"+reply.ID+"/hidden", `{"hidden":`+hidden+`}`); status != http.StatusOK || at(v, "data", "hidden") != (hidden == "true") {
			t.Errorf("hide: %d %v", status, v)
		}
	}
	if status, v := r.asX(http.MethodDelete, "/2/tweets/"+own, ""); status != http.StatusOK || at(v, "data", "deleted") != true {
		t.Errorf("delete: %d %v", status, v)
	}
	if e := r.heard(targetX, 4); e.Outcome != mention.Delete || e.Key != own {
		t.Errorf("our deleted post came as %+v", e)
	}
	r.wantsActs(targetX, actItem{Verb: actHide, Target: reply.ID}, actItem{Verb: actUnhide, Target: reply.ID}, actItem{Verb: actRemove, Target: own})
	for name, q := range map[string]struct {
		method, path, body string
		status             int
	}{
		"in no conversation of ours": {http.MethodPut, "/2/tweets/" + elsewhere.ID + "/hidden", `{"hidden":true}`, 403},
		"nothing said":               {http.MethodPut, "/2/tweets/" + reply.ID + "/hidden", `{}`, 400},
		"somebody else's":            {http.MethodDelete, "/2/tweets/" + reply.ID, "", 403},
		"gone":                       {http.MethodDelete, "/2/tweets/" + own, "", 404},
	} {
		if status, v := r.asX(q.method, q.path, q.body); status != q.status {
			t.Errorf("%s: %d %v, want %d", name, status, v, q.status)
		}
	}
}

// rest calls LinkedIn's API as our system does.
func (r *rig) rest(method, path, body string, extra ...header) (int, map[string]any) {
	r.t.Helper()
	headers := append([]header{{"Authorization", "Bearer cualquiera"}, {"Linkedin-Version", "202607"}}, extra...)
	status, raw := r.call(method, "/linkedin-api/rest/"+path, body, headers...)
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil && len(raw) > 0 {
		r.t.Fatalf("%s %s: %v in %q", method, path, err, raw)
	}
	return status, v
}

func TestLinkedInActs(t *testing.T) {
	r := newRig(t)
	us := networkAccount(targetLinkedIn)
	c := r.on(targetLinkedIn, `{"text":"uno"}`)
	r.delivered("/webhooks/linkedin", 1)
	actor := "?actor=" + url.QueryEscape(us)
	key := "(actor:" + url.QueryEscape(us) + ",entity:" + url.QueryEscape(c.ID) + ")"
	comment := "socialActions/" + url.QueryEscape(c.Thread) + "/comments/" + lastNumber(c.ID)
	for i, step := range []struct {
		method, path, body string
		status             int
	}{
		{http.MethodPost, "reactions" + actor, `{"root":"` + c.ID + `","reactionType":"LIKE"}`, 201},
		{http.MethodPost, "reactions" + actor, `{"root":"` + c.ID + `","reactionType":"ABRAZO"}`, 422},
		{http.MethodPost, "reactions", `{"root":"` + c.ID + `","reactionType":"LIKE"}`, 403},
		{http.MethodDelete, "reactions/" + key, "", 204},
		{http.MethodDelete, comment, "", 403},
		{http.MethodDelete, comment + actor, "", 204},
		{http.MethodDelete, comment + actor, "", 404},
		{http.MethodGet, "nada", "", 404},
	} {
		if status, v := r.rest(step.method, step.path, step.body); status != step.status {
			t.Errorf("step %d: %d %v, want %d", i, status, v, step.status)
		}
	}
	if e := r.heard(targetLinkedIn, 2); e.Outcome != mention.Delete || e.Key != c.ID {
		t.Errorf("the deleted comment came as %+v", e)
	}
	r.wantsActs(targetLinkedIn, actItem{Verb: actLike, Target: c.ID, Reaction: "LIKE"}, actItem{Verb: actUnlike, Target: c.ID}, actItem{Verb: actRemove, Target: c.ID})
}

// What our people do in a network's own application reaches our system where the network tells, and a restart remembers it.
func TestActsInTheNetworksOwnApplication(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	r.delivered(facebookPath, 1)
	order := func(network, id, verb string, want int) {
		t.Helper()
		if status, raw := r.call(http.MethodPost, "/sim/"+network+"/acts", `{"id":"`+id+`","verb":"`+verb+`"}`); status != want {
			t.Errorf("%s %s: %d %s, want %d", network, verb, status, raw, want)
		}
	}
	order(targetFacebook, c.ID, actHide, 200)
	if _, v, _ := r.change(2); v["verb"] != "hide" {
		t.Errorf("told %v", v)
	}
	order(targetFacebook, c.ID, "abrazar", 400)
	order(targetX, c.ID, actHide, 404)
	dm := r.on(targetWhatsApp, `{"text":"hola"}`)
	order(targetWhatsApp, dm.ID, actHide, 400)
	r.wantsActs(targetFacebook, actItem{Verb: actHide, Target: c.ID, By: byNative})
	again := r.again()
	again.wantsActs(targetFacebook, actItem{Verb: actHide, Target: c.ID, By: byNative})
	if _, v := again.graph(http.MethodGet, "/graph/v25.0/"+c.ID+"?fields=is_hidden", ""); v["is_hidden"] != true {
		t.Errorf("after a restart: %v", v)
	}
}
