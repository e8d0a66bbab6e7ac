package linkedin_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
)

const (
	subscription = "/rest/eventSubscriptions/(developerApplication:urn%3Ali%3AdeveloperApplication%3A42,user:urn%3Ali%3Aperson%3AFicticia-99," +
		"entity:urn%3Ali%3Aorganization%3A5000001,eventType:ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS)"
	notifications = "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"
)

// played answers requests from a script, by method and the beginning of the path, in order; the last answer of each stays.
func played(t *testing.T, script map[string][]platformtest.Answer) (string, *[]string) {
	t.Helper()
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, strings.TrimSpace(r.Method+" "+r.RequestURI+" "+string(body)))
		answer := network(nil)(r, "")
		for start, answers := range script {
			if strings.HasPrefix(r.Method+" "+r.URL.Path, start) {
				answer = answers[0]
				if len(answers) > 1 {
					script[start] = answers[1:]
				}
			}
		}
		w.WriteHeader(answer.Status)
		_, _ = io.WriteString(w, answer.Body)
	}))
	t.Cleanup(s.Close)
	return s.URL, &asked
}

func ok(bodies ...string) []platformtest.Answer {
	var all []platformtest.Answer
	for _, body := range bodies {
		all = append(all, platformtest.Answer{Status: 200, Body: body})
	}
	return all
}

func TestCheck(t *testing.T) {
	const subs, put, roles, introspect = "GET /rest/eventSubscriptions", "PUT /rest/eventSubscriptions", "GET /rest/organizationAcls", "POST /login/oauth/v2/introspectToken"
	day := 24 * time.Hour
	none := problem(404, "Not found")
	made := platformtest.Answer{Status: 204}
	for _, c := range []struct {
		name    string
		script  map[string][]platformtest.Answer
		working bool
		mended  bool
		missing string
		lasts   time.Duration
	}{
		{"all in order", nil, true, false, "", 90 * day},
		{"no subscription", map[string][]platformtest.Answer{subs: {none, ok(subscribed(callback, 365*day))[0]}, put: {made}}, true, true, "", 365 * day},
		{"it goes elsewhere", map[string][]platformtest.Answer{subs: ok(subscribed("https://otra.example.cl", 90*day), subscribed(callback, 90*day)), put: ok("")}, true, true, "", 90 * day},
		{"it ends soon", map[string][]platformtest.Answer{subs: ok(subscribed(callback, 6*day), subscribed(callback, 90*day)), put: {made}}, true, true, "", 90 * day},
		{"it ends soon, and cannot be made anew", map[string][]platformtest.Answer{subs: ok(subscribed(callback, 6*day)), put: {problem(403, "no")}}, false, false, "", 0},
		{"it has ended", map[string][]platformtest.Answer{subs: ok(subscribed(callback, -day)), put: {made}}, false, true, "", -day},
		{"it does not end", map[string][]platformtest.Answer{subs: ok(`{"webhook":"` + callback + `"}`)}, true, false, "", 0},
		{"it is refused", map[string][]platformtest.Answer{subs: {none}, put: {problem(403, "not an administrator")}}, false, false, "", 0},
		{"the address did not pass", map[string][]platformtest.Answer{subs: {none}, put: {problem(400, "challenge")}}, false, false, "", 0},
		{"no longer an administrator", map[string][]platformtest.Answer{roles: ok(acls("urn:li:organization:7"))}, false, false, "ADMINISTRATOR", 0},
		{"administrator of nothing", map[string][]platformtest.Answer{roles: ok(page(""))}, false, false, "ADMINISTRATOR", 0},
		{"among others, on two pages", map[string][]platformtest.Answer{roles: ok(
			strings.Replace(acls("urn:li:organization:7"), `"paging":{`, `"paging":{"links":[{"rel":"next","href":"http://example.com/"}]`, 1), acls(us),
		)}, true, false, "", 90 * day},
		{"an older word for it", map[string][]platformtest.Answer{roles: ok(strings.Replace(acls(us), `"organization"`, `"organizationTarget"`, 1))}, true, false, "", 90 * day},
		{"another role", map[string][]platformtest.Answer{roles: ok(strings.Replace(acls(us), `"ADMINISTRATOR"`, `"RECRUITING_POSTER"`, 1))}, false, false, "ADMINISTRATOR", 0},
		{"not yet approved", map[string][]platformtest.Answer{roles: ok(strings.Replace(acls(us), `APPROVED`, `REQUESTED`, 1))}, false, false, "ADMINISTRATOR", 0},
		{"rights under their older names", map[string][]platformtest.Answer{introspect: ok(introspected("r_organization_social,w_organization_social,rw_organization_admin"))}, true, false, "", 90 * day},
		{"rights are missing", map[string][]platformtest.Answer{introspect: ok(introspected("w_organization_social_feed r_basicprofile"))}, true, false, "rw_organization_admin r_organization_social_feed", 90 * day},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, asked := played(t, c.script)
			r, err := newReader(base)
			if err != nil {
				t.Fatal(err)
			}
			at := platformtest.CheckedAt()
			h, err := r.Check(t.Context(), key(), callback, at)
			if err != nil {
				t.Fatal(err)
			}
			want := channel.Subscription{Name: notifications, Working: c.working, Checked: at}
			expiries := []channel.Expiry{{Kind: channel.ExpiresAccess, At: at.AddDate(0, 0, 40), Warn: at.AddDate(0, 0, 34)}}
			if c.lasts != 0 {
				want.Until = at.Add(c.lasts)
				expiries = append(expiries, channel.Expiry{Kind: channel.ExpiresSubscription, At: want.Until, Warn: want.Until.Add(-6 * day)})
			}
			var mended []string
			if c.mended {
				mended = []string{notifications}
			}
			if diff := cmp.Diff(channel.Health{
				Name: "Servicio Ficticio", Missing: strings.Fields(c.missing), Subscriptions: []channel.Subscription{want}, Mended: mended, Expiries: expiries,
			}, h, cmp.Transformer("none", func(s []string) string { return strings.Join(s, " ") })); diff != "" {
				t.Errorf("after %q (-want +got):\n%s", *asked, diff)
			}
		})
	}
}

func TestCheck_requests(t *testing.T) {
	base, asked := played(t, map[string][]platformtest.Answer{"GET /rest/eventSubscriptions": {problem(404, "none"), ok(subscribed(callback, time.Hour))[0]}, "PUT ": {{Status: 204}}})
	r, err := newReader(base)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Check(t.Context(), channel.Access{Account: "5000001", Token: "t"}, callback, platformtest.CheckedAt()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"GET /rest/organizations/5000001",
		"GET /rest/organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED&start=0&count=100",
		"POST /login/oauth/v2/introspectToken client_id=cliente-ficticio&client_secret=CANARY-client&token=t",
		"GET " + subscription, "PUT " + subscription + ` {"webhook":"` + callback + `"}`, "GET " + subscription,
	}
	if diff := cmp.Diff(want, *asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	*asked = nil
	use, err := r.Probe(t.Context(), key())
	introspected := []string{strings.Replace(want[2], "token=t", "token="+platformtest.Token, 1)}
	if diff := cmp.Diff(introspected, *asked); err != nil || diff != "" || use.Known() {
		t.Errorf("probed: %v, %v, asked\n%s", use, err, diff)
	}
	*asked = nil
	h, err := r.Check(t.Context(), key(), "", platformtest.CheckedAt())
	if diff := cmp.Diff(3, len(*asked)); err != nil || diff != "" || h.Subscriptions != nil {
		t.Errorf("without an address: %+v, %v, asked %q", h, err, *asked)
	}
	c := config(base)
	c.App = nil // without the application's keys only what needs none is looked at
	if r, err = linkedin.NewReader(c); err != nil {
		t.Fatal(err)
	}
	*asked = nil
	h, err = r.Check(t.Context(), key(), callback, platformtest.CheckedAt())
	if err != nil || len(*asked) != 2 || len(h.Subscriptions) != 1 || h.Subscriptions[0].Working {
		t.Errorf("without keys of the application: %+v, %v, asked %q", h, err, *asked)
	}
	*asked = nil
	if _, err = r.Probe(t.Context(), key()); err != nil || len(*asked) != 1 || (*asked)[0] != want[0] {
		t.Errorf("probed without keys of the application: %v, asked %q", err, *asked)
	}
}

func TestCheck_failures(t *testing.T) {
	for _, c := range []struct {
		name, at string
		answer   platformtest.Answer
		kind     fault.Kind
		reason   string
	}{
		{"the key is over", "POST /login/oauth/v2/introspectToken", ok(`{"active":false}`)[0], fault.Denied, once.ReasonAuth},
		{"our application is not known", "POST /login/oauth/v2/introspectToken", platformtest.Answer{Status: 401, Body: `{"error":"invalid_client","error_description":"CANARY"}`}, fault.Denied, once.ReasonCredentials},
		{"our application is refused", "POST /login/oauth/v2/introspectToken", platformtest.Answer{Status: 401, Body: `{}`}, fault.Denied, once.ReasonCredentials},
		{"neither", "POST /login/oauth/v2/introspectToken", ok(`{"active":"CANARY"}`)[0], fault.Transient, once.ReasonUnknown},
		{"no list of roles", "GET /rest/organizationAcls", ok(`{"elements":{}}`)[0], fault.Transient, once.ReasonUnknown},
		{"roles without end", "GET /rest/organizationAcls", ok(strings.Replace(acls("urn:li:organization:7"), `"paging":{`, `"paging":{"total":100000`, 1))[0], fault.Transient, once.ReasonTooMany},
		{"the role may not be read", "GET /rest/organizationAcls", problem(403, "no"), fault.Denied, once.ReasonPermission},
		{"throttled", "GET /rest/eventSubscriptions", problem(429, "x"), fault.Transient, once.ReasonThrottle},
		{"no address in it", "GET /rest/eventSubscriptions", ok(`{"expiresAt":1}`)[0], fault.Transient, once.ReasonUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, _ := played(t, map[string][]platformtest.Answer{c.at: {c.answer}})
			r, err := newReader(base)
			if err != nil {
				t.Fatal(err)
			}
			h, err := r.Check(t.Context(), key(), callback, platformtest.CheckedAt())
			if fault.Of(err) != c.kind || r.Reason(err) != c.reason || strings.Contains(err.Error(), "CANARY") || h.Name != "" || h.Subscriptions != nil {
				t.Errorf("%+v, %v", h, err)
			}
		})
	}
	base, _ := played(t, map[string][]platformtest.Answer{"GET /rest/eventSubscriptions": {problem(404, "none")}, "PUT ": {problem(401, "CANARY")}})
	c := config(base)
	r, err := linkedin.NewReader(c)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := r.Check(t.Context(), key(), callback, platformtest.CheckedAt()); r.Reason(err) != once.ReasonAuth || h.Subscriptions != nil {
		t.Errorf("the key is refused in the middle: %+v, %v", h, err)
	}
	c.App = func(context.Context) (linkedin.App, error) { return linkedin.App{}, errors.New("x") }
	if r, err = linkedin.NewReader(c); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Check(t.Context(), key(), callback, platformtest.CheckedAt()); fault.Of(err) != fault.Transient || r.Reason(err) != once.ReasonCredentials {
		t.Errorf("our own store: %v", err)
	}
}
