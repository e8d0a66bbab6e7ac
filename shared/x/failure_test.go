package x_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
)

// problem is a refusal as X explains it; its sentences stand beside what must not travel on.
func problem(status int, kind, detail string, header ...string) platformtest.Answer {
	return platformtest.Answer{
		Status: status, Header: header,
		Body: fmt.Sprintf(`{"title":"CANARY","detail":"CANARY. %s","type":%q,"status":%d}`, detail, kind, status),
	}
}

// coded is a refusal in the old form.
func coded(status, code int) platformtest.Answer {
	return platformtest.Answer{Status: status, Body: fmt.Sprintf(`{"errors":[{"message":"CANARY","code":%d}]}`, code)}
}

func refusal(name string, answer platformtest.Answer, kind fault.Kind, reason string, wait time.Duration) platformtest.Refusal {
	return platformtest.Refusal{Name: name, Answer: answer, Kind: kind, Reason: reason, Wait: wait}
}

const types = "https://api.twitter.com/2/problems/"

func refusals() []platformtest.Refusal {
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	dated := func(header ...string) []string { return append(header, "Date", now.Format(http.TimeFormat)) }
	at := func(d time.Duration) string { return fmt.Sprint(now.Add(d).Unix()) }
	const perm, denied, later, unsure = fault.Permanent, fault.Denied, fault.Transient, fault.Uncertain
	return []platformtest.Refusal{
		refusal("duplicate", problem(403, "about:blank", "You are not allowed to create a Tweet with duplicate content."), unsure, once.ReasonDuplicate, 0),
		refusal("duplicate, by number", coded(403, 187), unsure, once.ReasonDuplicate, 0),
		refusal("not summoned", problem(403, "about:blank", "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author."), perm, once.ReasonNotSummoned, 0),
		refusal("not summoned, in other words", problem(403, "about:blank", "Self-serve apps may only reply when summoned."), perm, once.ReasonNotSummoned, 0),
		refusal("not summoned, in X's newest words", problem(403, "about:blank", "You can only reply to or quote posts where you are mentioned or are the author."), perm, once.ReasonNotSummoned, 0),
		refusal("not summoned, in its first words alone", problem(403, "about:blank", "Reply to this conversation is not allowed."), perm, once.ReasonNotSummoned, 0),
		refusal("only some may answer", coded(403, 433), perm, once.ReasonNotSummoned, 0),
		refusal("application not allowed", problem(403, types+"client-forbidden", "When authenticating requests…"), denied, once.ReasonPermission, 0),
		refusal("not permitted, without a type", problem(403, "about:blank", "You are not permitted to perform this action."), denied, once.ReasonPermission, 0),
		refusal("account suspended", coded(403, 64), denied, once.ReasonPermission, 0),
		refusal("the wrong sort of token", problem(403, types+"unsupported-authentication", "…"), denied, once.ReasonAuth, 0),
		refusal("token revoked", problem(401, "about:blank", "Unauthorized"), denied, once.ReasonAuth, 0),
		refusal("token revoked, by number", coded(401, 89), denied, once.ReasonAuth, 0),
		refusal("out of credits", problem(402, types+"credits", "…"), denied, once.ReasonQuota, 0),
		refusal("out of credits, in HTML", platformtest.Answer{Status: 402, Body: "<html>CANARY"}, denied, once.ReasonQuota, 0),
		refusal("the month's posts are used up", problem(429, types+"usage-capped", "…"), denied, once.ReasonQuota, 0),
		refusal("message closed", problem(403, "about:blank", "You do not have permission to DM one or more participants."), perm, once.ReasonRecipient, 0),
		refusal("message closed, by number", coded(403, 349), perm, once.ReasonRecipient, 0),
		refusal("deleted", problem(403, "about:blank", "You attempted to reply to a Tweet that is deleted or not visible to you."), perm, once.ReasonGone, 0),
		refusal("no such thing", problem(404, types+"resource-not-found", "…"), perm, once.ReasonGone, 0),
		refusal("too long", coded(403, 186), perm, once.ReasonContent, 0),
		refusal("two cashtags", problem(403, "about:blank", "Only one cashtag is allowed"), perm, once.ReasonContent, 0),
		refusal("an address that is none", problem(403, "about:blank", "Invalid URL"), perm, once.ReasonContent, 0),
		refusal("the wrong sort of token, in a list", platformtest.Answer{Status: 403, Body: `{"errors":[{"title":"CANARY","type":"` + types + `unsupported-authentication"}]}`}, denied, once.ReasonAuth, 0),
		refusal("credits, without a status of its own", problem(403, types+"credits", "…"), denied, once.ReasonQuota, 0),
		refusal("an invalid request", problem(400, types+"invalid-request", "…"), perm, once.ReasonContent, 0),
		refusal("an invalid request, in a list", platformtest.Answer{Status: 400, Body: `{"errors":[5,{"parameters":{"x":["CANARY"]},"message":"CANARY"}],"title":"Invalid Request","type":"x"}`}, perm, once.ReasonContent, 0),
		refusal("a wall in HTML", platformtest.Answer{Status: 403, Body: "<html>CANARY"}, unsure, once.ReasonUnknown, 0),
		refusal("a wall in JSON", platformtest.Answer{Status: 403, Body: `{"CANARY":1}`}, unsure, once.ReasonUnknown, 0),
		refusal("a 400 in HTML", platformtest.Answer{Status: 400, Body: "<html>CANARY"}, unsure, once.ReasonUnknown, 0),
		refusal("a 500 that explains itself", problem(500, types+"invalid-request", "…"), unsure, once.ReasonUnknown, 0),
		refusal("a teapot", problem(418, "about:blank", "…"), unsure, once.ReasonUnknown, 0),
		refusal("a success with errors and without an id", platformtest.Answer{Status: 200, Body: `{"errors":[{"title":"CANARY","type":"` + types + `resource-not-found"}]}`}, unsure, once.ReasonUnknown, 0),
		refusal("a success with an id that cannot be", platformtest.Answer{Status: 201, Body: `{"data":{"id":"CANARY","dm_event_id":"../1"}}`}, unsure, once.ReasonUnknown, 0),
		refusal("throttled for the quarter", problem(429, "about:blank", "Too Many Requests", dated("x-rate-limit-reset", at(7*time.Minute), "x-rate-limit-remaining", "0")...), later, once.ReasonThrottle, 7*time.Minute),
		refusal("throttled, by number", platformtest.Answer{Status: 429, Body: `{"errors":[{"code":88,"message":"CANARY"}]}`}, later, once.ReasonThrottle, 0),
		refusal("the day is used up", problem(
			429, "about:blank", "…", dated("x-rate-limit-reset", at(7*time.Minute), "x-app-limit-24hour-reset", at(5*time.Hour), "x-app-limit-24hour-remaining", "0")...,
		), later, once.ReasonThrottle, 5*time.Hour),
		refusal("the day is not used up", problem(
			429, "about:blank", "…", dated("x-rate-limit-reset", at(7*time.Minute), "x-user-limit-24hour-reset", at(5*time.Hour), "x-user-limit-24hour-remaining", "4")...,
		), later, once.ReasonThrottle, 7*time.Minute),
		refusal("a reset in the past", problem(429, "about:blank", "…", dated("x-rate-limit-reset", at(-time.Minute))...), later, once.ReasonThrottle, 0),
		refusal("a reset in a year", problem(429, "about:blank", "…", dated("x-rate-limit-reset", at(365*24*time.Hour))...), later, once.ReasonThrottle, 24*time.Hour),
		refusal("a reset that is no number", problem(429, "about:blank", "…", dated("x-rate-limit-reset", "soon")...), later, once.ReasonThrottle, 0),
	}
}

// Errors beside an id are about something else than the post, which is there.
func TestSend_errorsBesideAnID(t *testing.T) {
	base, all := recorder(t, 200, `{"data":{"id":"7"},"errors":[{"title":"CANARY","type":"about:blank"}]}`)
	p, err := wayOut(base, signing())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Send(t.Context(), public()); got.ID != "7" || err != nil || len(*all) != 1 {
		t.Errorf("%q, %v after %d requests", got.ID, err, len(*all))
	}
}

// Every class of refusal that a sender has to tell apart is tried, each as what it asks of us.
func TestRefusals_classes(t *testing.T) {
	want := map[string]fault.Kind{
		once.ReasonAuth: fault.Denied, once.ReasonPermission: fault.Denied, once.ReasonQuota: fault.Denied, once.ReasonNotSummoned: fault.Permanent,
		once.ReasonRecipient: fault.Permanent, once.ReasonThrottle: fault.Transient, once.ReasonDuplicate: fault.Uncertain,
		once.ReasonContent: fault.Permanent, once.ReasonGone: fault.Permanent, once.ReasonUnknown: fault.Uncertain,
	}
	got := map[string]fault.Kind{}
	for _, r := range refusals() {
		if kind, again := got[r.Reason]; again && kind != r.Kind {
			t.Errorf("%s: %s is %s and %s", r.Name, r.Reason, kind, r.Kind)
		}
		got[r.Reason] = r.Kind
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
}
