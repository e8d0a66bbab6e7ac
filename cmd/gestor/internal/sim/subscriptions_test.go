package sim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
)

// An account whose subscription is gone gets no webhooks until it is asked for anew.
func TestGoneSubscriptionsAreSilent(t *testing.T) {
	us := url.QueryEscape(networkAccount(targetLinkedIn))
	event := "eventSubscriptions/(developerApplication:urn%3Ali%3AdeveloperApplication%3A1,user:urn%3Ali%3Aperson%3Ax,entity:" + us + ",eventType:" + linkedinEvents + ")"
	mend := map[string]func(r *rig) int{
		targetFacebook: func(r *rig) int {
			status, _ := r.graph(http.MethodPost, "/graph/v25.0/"+DefaultPageID+"/subscribed_apps", "subscribed_fields=feed,mention,messages")
			return status
		},
		targetInstagram: func(r *rig) int {
			status, _ := r.graph(http.MethodPost, "/graph/v25.0/"+DefaultPageID+"/subscribed_apps", "subscribed_fields=feed")
			return status
		},
		targetWhatsApp: func(r *rig) int {
			status, _ := r.graph(http.MethodPost, "/graph/v25.0/"+whatsappBusiness+"/subscribed_apps", "")
			return status
		},
		targetX: func(r *rig) int {
			status := 0
			for _, kind := range []string{"post.mention.create", "post.reply.create"} {
				status, _ = r.asX(http.MethodPost, "/2/activity/subscriptions", `{"event_type":"`+kind+`","filter":{"user_id":"`+networkAccount(targetX)+`"},"tag":"gestor"}`)
			}
			return status
		},
		targetLinkedIn: func(r *rig) int {
			status, _ := r.rest(http.MethodPut, event, `{"webhook":"`+r.gestor.server.URL+`/webhooks/linkedin"}`)
			return status
		},
	}
	for network, mended := range mend {
		t.Run(network, func(t *testing.T) {
			r := newRig(t)
			v := calls[subView](r, 200, http.MethodPost, "/sim/"+network+"/subscription", `{"state":"gone"}`)
			if v.State != "gone" || !strings.Contains(v.Why, "quitó") {
				t.Errorf("taken away: %+v", v)
			}
			lost := r.on(network, `{"text":"nadie me oye"}`)
			again := r.again()
			if v := calls[subView](again, 200, http.MethodGet, "/sim/"+network+"/subscription", ""); v.State != "gone" {
				t.Errorf("after a restart: %+v", v)
			}
			if status := mended(r); status/100 != 2 {
				t.Fatalf("asked for anew: %d", status)
			}
			r.on(network, `{"text":"a mí sí"}`)
			if e := r.heard(network, 1); e.Text != "a mí sí" {
				t.Errorf("heard %+v", e)
			}
			r.sim.read(func(w *world) {
				if w.items[lost.ID].Note == "" {
					t.Error("the lost text has no note")
				}
			})
		})
	}
	r := newRig(t)
	if status, _ := r.call(http.MethodPost, "/sim/facebook/subscription", `{"state":"invalid"}`); status != http.StatusBadRequest {
		t.Errorf("a state of X elsewhere: %d", status)
	}
}

func TestMetaTellsWhoIsSubscribed(t *testing.T) {
	r := newRig(t)
	for object, path := range map[string][]string{
		DefaultPageID:    {"subscribed_fields", "0"},
		whatsappBusiness: {"whatsapp_business_api_data", "id"},
	} {
		address := "/graph/v25.0/" + object + "/subscribed_apps"
		if _, v := r.graph(http.MethodGet, address, ""); at(v, append([]string{"data", "0"}, path...)...) == nil {
			t.Errorf("%s: %v", object, v)
		}
		r.graph(http.MethodPost, address, "method=DELETE")
		if _, v := r.graph(http.MethodGet, address, ""); len(texts(v["data"])) != 0 {
			t.Errorf("%s after it was taken away: %v", object, v)
		}
	}
}

func TestXAsksForProof(t *testing.T) {
	r := newRig(t)
	token := r.xApp()
	app := header{"Authorization", "Bearer " + token}
	_, v := r.answer(http.MethodGet, "/x-api/2/webhooks", "", app)
	id, _ := at(v, "data", "0", "id").(string)
	if at(v, "data", "0", "valid") != true || at(v, "data", "0", "url") != r.gestor.server.URL+"/webhooks/x" {
		t.Fatalf("webhooks: %v", v)
	}
	r.call(http.MethodPost, "/sim/x/subscription", `{"state":"invalid"}`)
	r.on(targetX, `{"text":"nadie me oye"}`)
	if _, v := r.answer(http.MethodGet, "/x-api/2/webhooks", "", app); at(v, "data", "0", "valid") != false {
		t.Errorf("invalid: %v", v)
	}
	// While our secret is another one, the proof fails and nothing is told.
	r.sim.cfg.XConsumerSecret = "otro"
	r.answer(http.MethodPut, "/x-api/2/webhooks/"+id, "", app)
	if v := calls[subView](r, 200, http.MethodGet, "/sim/x/subscription", ""); v.State != "gone" {
		t.Errorf("a proof that failed: %+v", v)
	}
	r.sim.cfg.XConsumerSecret = testSecret + "-x"
	if status, v := r.answer(http.MethodPut, "/x-api/2/webhooks/"+id, "", app); status != 200 || at(v, "data", "attempted") != true {
		t.Errorf("proof: %d %v", status, v)
	}
	r.on(targetX, `{"text":"a mí sí"}`)
	if e := r.heard(targetX, 1); e.Text != "a mí sí" {
		t.Errorf("heard %+v", e)
	}
	for name, q := range map[string]struct {
		method, path, body string
		status             int
	}{
		"unknown webhook":   {http.MethodPut, "/2/webhooks/7", "", 404},
		"same address":      {http.MethodPost, "/2/webhooks", `{"url":"` + r.gestor.server.URL + `/webhooks/x"}`, 409},
		"foreign address":   {http.MethodPost, "/2/webhooks", `{"url":"https://malo.example/"}`, 400},
		"another address":   {http.MethodPost, "/2/webhooks", `{"url":"http://127.0.0.1:8080/webhooks/x"}`, 200},
		"private, in app's": {http.MethodPost, "/2/activity/subscriptions", `{"event_type":"dm.received","filter":{"user_id":"` + networkAccount(targetX) + `"}}`, 403},
	} {
		if status, v := r.answer(q.method, "/x-api"+q.path, q.body, app); status != q.status {
			t.Errorf("%s: %d %v", name, status, v)
		}
	}
	if status, _ := r.asX(http.MethodGet, "/2/webhooks", ""); status != http.StatusForbidden {
		t.Errorf("webhooks with a person's key: %d", status)
	}
}

// xApp gives the application's key of X.
func (r *rig) xApp() string {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, "http://x", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.SetBasicAuth(DefaultXConsumerKey, testSecret+"-x")
	v := r.posts(200, "/x-api/oauth2/token", url.Values{"grant_type": {"client_credentials"}}, header{"Authorization", req.Header.Get("Authorization")})
	return v["access_token"].(string)
}

func TestXSubscriptionsAreListedAndMade(t *testing.T) {
	r := newRig(t)
	_, v := r.asX(http.MethodGet, "/2/activity/subscriptions?max_results=5", "")
	next, _ := at(v, "meta", "next_token").(string)
	_, rest := r.asX(http.MethodGet, "/2/activity/subscriptions?max_results=5&pagination_token="+next, "")
	kinds := append(texts(v["data"], "event_type"), texts(rest["data"], "event_type")...)
	if len(kinds) != len(xEventTypes()) || !slices.Contains(kinds, any("oauth.revoke")) || at(v, "data", "0", "filter", "user_id") != networkAccount(targetX) {
		t.Errorf("subscriptions: %v", kinds)
	}
	id, _ := at(v, "data", "0", "subscription_id").(string)
	if status, v := r.asX(http.MethodDelete, "/2/activity/subscriptions/"+id, ""); status != 200 || at(v, "data", "deleted") != true {
		t.Errorf("delete: %d %v", status, v)
	}
	body := `{"event_type":"post.mention.create","filter":{"user_id":"` + networkAccount(targetX) + `"}}`
	for name, q := range map[string]struct {
		body   string
		status int
	}{
		"unknown type": {strings.Replace(body, "mention", "luna", 1), 400},
		"another's":    {strings.Replace(body, networkAccount(targetX), "7", 1), 403},
		"no webhook":   {strings.Replace(body, "{", `{"webhook_id":"7",`, 1), 400},
	} {
		if status, v := r.asX(http.MethodPost, "/2/activity/subscriptions", q.body); status != q.status {
			t.Errorf("%s: %d %v", name, status, v)
		}
	}
	for _, want := range []int{201, 409} {
		if status, v := r.asX(http.MethodPost, "/2/activity/subscriptions", body); status != want {
			t.Errorf("made: %d %v, want %d", status, v, want)
		}
	}
}

func TestLinkedInSubscriptionsEnd(t *testing.T) {
	r := newRig(t)
	key := "eventSubscriptions/(developerApplication:urn%3Ali%3AdeveloperApplication%3A1,user:urn%3Ali%3Aperson%3Ax,entity:" +
		url.QueryEscape(networkAccount(targetLinkedIn)) + ",eventType:" + linkedinEvents + ")"
	status, v := r.rest(http.MethodGet, key, "")
	if status != 200 || v["expiresAt"] != float64(r.clock.now().Add(linkedinSubscriptionLife).UnixMilli()) || v["webhook"] != r.gestor.server.URL+"/webhooks/linkedin" {
		t.Errorf("subscription: %d %v", status, v)
	}
	r.call(http.MethodPost, "/sim/linkedin/subscription", `{"until":"2026-11-24T14:00:00Z"}`)
	r.on(targetLinkedIn, `{"text":"uno"}`)
	r.heard(targetLinkedIn, 1)
	r.clock.move(time.Hour)
	r.on(targetLinkedIn, `{"text":"nadie me oye"}`)
	if status, _ := r.rest(http.MethodGet, key, ""); status != 404 {
		t.Errorf("after its end: %d", status)
	}
	if status, v := r.rest(http.MethodPut, key, `{"webhook":"https://malo.example/"}`); status != 400 {
		t.Errorf("a foreign address: %d %v", status, v)
	}
	if status, v := r.rest(http.MethodPut, key, `{"webhook":"`+r.gestor.server.URL+`/webhooks/linkedin"}`); status != 204 {
		t.Errorf("made anew: %d %v", status, v)
	}
	// Who no longer administers the page is told nothing, and nothing says so.
	r.call(http.MethodPost, "/sim/linkedin/token", `{"state":"demoted"}`)
	r.on(targetLinkedIn, `{"text":"tampoco"}`)
	r.call(http.MethodPost, "/sim/linkedin/token", `{"state":"ok"}`)
	r.on(targetLinkedIn, `{"text":"dos"}`)
	if e := r.heard(targetLinkedIn, 2); e.Text != "dos" {
		t.Errorf("heard %+v", e)
	}
	if status, _ := r.rest(http.MethodDelete, key, ""); status != 204 {
		t.Errorf("delete: %d", status)
	}
	for _, bad := range []string{"eventSubscriptions/(user:a)", strings.Replace(key, "1000031", "7", 1)} {
		if status, _ := r.rest(http.MethodGet, bad, ""); status != 400 && status != 403 {
			t.Errorf("%s: %d", bad, status)
		}
	}
}

// After an hour of refusals Messenger unsubscribes us, and what it could not deliver is lost; comments are not.
func TestMessengerUnsubscribesAfterAnHour(t *testing.T) {
	r := newRig(t)
	r.gestor.answer(facebookPath, http.StatusInternalServerError)
	r.write(`{"text":"uno","kind":"dm"}`)
	c := r.write(`{"text":"un comentario"}`)
	r.eventually("both refused", func() bool {
		l := r.sim.outbox.list()
		return len(l) == 2 && l[0].Tries > 0 && l[1].Tries > 0
	})
	r.clock.move(50 * time.Minute)
	r.eventually("refused again", func() bool { return r.sim.outbox.failed() >= 4 })
	if v := calls[subView](r, 200, http.MethodGet, "/sim/facebook/subscription", ""); v.State != tokenOK {
		t.Fatalf("after 50 minutes: %+v", v)
	}
	r.clock.move(11 * time.Minute)
	r.eventually("unsubscribed", func() bool {
		return calls[subView](r, 200, http.MethodGet, "/sim/facebook/subscription", "").State == "gone"
	})
	r.eventually("only the comment is owed", func() bool {
		l := r.sim.outbox.list()
		return len(l) == 1 && l[0].About == c.ID
	})
	r.gestor.answer(facebookPath, 0)
	r.clock.move(time.Hour)
	r.eventually("the comment arrives", func() bool { return len(r.sim.outbox.list()) == 0 })
	r.call(http.MethodPost, "/sim/deliveries/retry", "")
	if len(r.sim.outbox.list()) != 0 {
		t.Error("what Messenger gave up came back")
	}
	again := r.again()
	if owed := again.sim.outbox.list(); len(owed) != 0 {
		t.Errorf("owed after a restart: %v", owed)
	}
	r.graph(http.MethodPost, "/graph/v25.0/"+DefaultPageID+"/subscribed_apps", "subscribed_fields="+strings.Join(webhookFields(), ","))
	before := len(r.gestor.deliveries(facebookPath))
	r.write(`{"text":"dos","kind":"dm"}`)
	d := r.delivered(facebookPath, before+1)
	events := listeners()[targetFacebook].decode(d.body, mention.Accounts{mention.Facebook: {DefaultPageID}})
	if diff := cmp.Diff("dos", events[0].Text); diff != "" {
		t.Errorf("after it was asked for anew (-want +got):\n%s", diff)
	}
	// The lost message can be read.
	if all := texts(r.read("/graph/v25.0/"+DefaultPageID+"/conversations?platform=messenger&fields=id"), "id"); len(all) != 1 {
		t.Errorf("conversations: %v", all)
	}
}
