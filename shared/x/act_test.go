package x_test

import (
	"fmt"
	"net/http"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/x"
)

// deed describes one verb: the request that must be made for it, and what X answers.
func deed(verb post.Verb, method, path, sent, answered string) platformtest.Deed {
	return platformtest.Deed{
		Act:  post.Act{Account: ourID, Target: theirPost, Parent: "1", Verb: verb},
		Done: platformtest.Answer{Status: 200, Body: answered},
		Asked: func(r *http.Request, body []byte) string {
			if got := r.Method + " " + r.RequestURI + " " + string(body); got != method+" "+path+" "+sent {
				return fmt.Sprintf("asked %s", got)
			}
			return ""
		},
	}
}

func TestOutbound_acts(t *testing.T) {
	remove := deed(post.Remove, http.MethodDelete, "/2/tweets/"+theirPost, "", `{"data":{"deleted":true}}`)
	remove.Again = problem(404, types+"resource-not-found", "…")
	for name, key := range map[string]func(base string) (*x.Outbound, error){
		"oauth1": func(base string) (*x.Outbound, error) { return wayOut(base, signing()) },
		"oauth2": func(base string) (*x.Outbound, error) { return wayOut(base, bearing()) },
	} {
		t.Run(name, func(t *testing.T) {
			platformtest.RunActs(t, platformtest.Doing{
				New:     func(base string) (platformtest.Platform, error) { return key(base) },
				Account: ourID,
				Secrets: []string{"llave-ficticia", "oauth_"},
				Told:    told(),
				Deeds: []platformtest.Deed{
					deed(post.Hide, http.MethodPut, "/2/tweets/"+theirPost+"/hidden", `{"hidden":true}`, `{"data":{"hidden":true}}`),
					deed(post.Unhide, http.MethodPut, "/2/tweets/"+theirPost+"/hidden", `{"hidden":false}`, `{"data":{"hidden":false}}`),
					remove,
				},
				Refusals: []platformtest.Refusal{
					refusal("not in our conversation", problem(403, "about:blank", "You are not permitted to perform this action."), fault.Denied, once.ReasonPermission, 0),
					refusal("application not allowed", problem(403, types+"client-forbidden", "…"), fault.Denied, once.ReasonPermission, 0),
					refusal("out of credits", problem(402, types+"credits", "…"), fault.Denied, once.ReasonQuota, 0),
					refusal("it says the contrary", platformtest.Answer{Status: 200, Body: `{"data":{"hidden":"CANARY","deleted":false}}`}, fault.Uncertain, once.ReasonUnknown, 0),
					refusal("a wall in HTML", platformtest.Answer{Status: 403, Body: "<html>CANARY"}, fault.Uncertain, once.ReasonUnknown, 0),
				},
			})
		})
	}
}

// What is not there cannot be hidden; what says the opposite did not do it; and nothing leaves its path.
func TestAct_edges(t *testing.T) {
	for _, c := range []struct {
		name   string
		verb   post.Verb
		target string
		status int
		body   string
		kind   fault.Kind
		reason string
		calls  int
	}{
		{"hidden where nothing is", post.Hide, theirPost, 404, `{"title":"Not Found","type":"about:blank"}`, fault.Permanent, once.ReasonGone, 1},
		{"hidden, and shown it stays", post.Hide, theirPost, 200, `{"data":{"hidden":false}}`, fault.Uncertain, once.ReasonUnknown, 1},
		{"shown, and hidden it stays", post.Unhide, theirPost, 200, `{"data":{"hidden":true}}`, fault.Uncertain, once.ReasonUnknown, 1},
		{"removed where a wall says that nothing is", post.Remove, theirPost, 404, `<html>`, fault.Permanent, once.ReasonGone, 1},
		{"a path", post.Remove, "1/../2", 200, `{}`, fault.Invalid, once.ReasonInput, 0},
		{"a message", post.Remove, "a-1", 200, `{}`, fault.Invalid, once.ReasonInput, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, all := recorder(t, c.status, c.body)
			p, err := wayOut(base, bearing())
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Act(t.Context(), post.Act{Account: ourID, Target: c.target, Verb: c.verb})
			if fault.Of(err) != c.kind || p.Reason(err) != c.reason || len(*all) != c.calls {
				t.Errorf("%v after %d requests", err, len(*all))
			}
		})
	}
}
