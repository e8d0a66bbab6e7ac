package sim

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/whatsapp"
	"sence.gob.cl/gestor/shared/x"
)

// reading is what our system reads a network with.
type reading interface {
	Lists() []string
	List(ctx context.Context, a channel.Access, q channel.ListQuery) (channel.Page, error)
	Item(ctx context.Context, a channel.Access, e mention.Event) (mention.Event, channel.Usage, error)
	Media(ctx context.Context, a channel.Access, m mention.Attachment) (channel.Download, error)
	Check(ctx context.Context, a channel.Access, callback string, now time.Time) (channel.Health, error)
}

func metaApp(context.Context) (meta.AppSecret, error) {
	return meta.AppSecret{AppSecret: testSecret, VerifyToken: "palabra", AppID: DefaultMetaAppID}, nil
}

func xApp(context.Context) (x.App, error) {
	return x.App{ConsumerKey: DefaultXConsumerKey, ConsumerSecret: testSecret + "-x", ClientID: DefaultXClientID, ClientSecret: DefaultXClientSecret}, nil
}

func linkedinApp(context.Context) (linkedin.App, error) {
	return linkedin.App{ID: "1", ClientID: DefaultLinkedInClientID, ClientSecret: testSecret + "-li"}, nil
}

// reader gives what reads a network of this world, and the key of our account there.
func (r *rig) reader(network string) (reading, channel.Access) {
	r.t.Helper()
	a := channel.Access{Account: r.sim.account(network), Token: testToken}
	graph := meta.Config{BaseURL: r.url + "/graph/"}
	var found reading
	var err error
	switch network {
	case targetFacebook:
		found = meta.NewReader(graph, metaApp)
	case targetInstagram:
		found = meta.NewInstagramReader(graph, metaApp)
	case targetWhatsApp:
		found, err = whatsapp.NewReader(whatsapp.Config{BaseURL: r.url + "/graph/", AppSecret: func(context.Context) (string, error) { return testSecret, nil }},
			func(context.Context) (string, error) { return DefaultMetaAppID, nil })
	case targetX:
		found, err = x.NewReader(x.Config{BaseURL: r.url + "/x-api", App: xApp})
	default:
		found, err = linkedin.NewReader(linkedin.Config{BaseURL: r.url + "/linkedin-api", SignInURL: r.url, App: linkedinApp})
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return found, a
}

// listed reads every list of a network to its end.
func (r *rig) listed(network string, since time.Time) map[string]mention.Event {
	r.t.Helper()
	from, a := r.reader(network)
	all := map[string]mention.Event{}
	for _, list := range from.Lists() {
		q := channel.ListQuery{List: list, Since: since}
		for pages := 0; ; pages++ {
			page, err := from.List(r.t.Context(), a, q)
			if err != nil {
				r.t.Fatalf("%s %s: %v", network, list, err)
			}
			for _, e := range page.Events {
				all[e.Key] = e
			}
			if q.Cursor = page.Cursor; !page.More {
				break
			}
			if pages > 60 {
				r.t.Fatalf("%s %s does not end", network, list)
			}
		}
	}
	return all
}

// told gives what our decoders understand of all deliveries of a network.
func (r *rig) told(network string, n int) map[string]mention.Event {
	r.t.Helper()
	all := map[string]mention.Event{}
	for i := 1; i <= n; i++ {
		e := r.heard(network, i)
		all[e.Key] = e
	}
	return all
}

// What a list of a network gives is what its deliveries gave, item by item, so that a repaired item is the one that was lost.
func TestOurReadersGiveWhatDeliveriesGive(t *testing.T) {
	for network, c := range map[string]struct {
		bodies []string
		less   []cmp.Option // what a list cannot know
	}{
		targetFacebook: {bodies: []string{
			`{"text":"uno"}`, `{"text":"con foto","media":["image"]}`, `{"text":"publicación","kind":"post"}`, `{"text":"etiqueta","kind":"tag"}`,
			`{"text":"malo","kind":"review","rating":1}`, `{"text":"por interno","kind":"dm"}`, `{"kind":"dm","media":["image"],"author":"otra.ficticia"}`,
			`{"text":"un audio","kind":"dm","media":["audio"],"author":"tercera.ficticia"}`,
		}},
		targetInstagram: {bodies: []string{
			`{"text":"uno"}`, `{"text":"etiqueta","kind":"tag"}`, `{"text":"por interno","kind":"dm"}`, `{"kind":"story_mention","author":"otra.ficticia"}`,
			`{"kind":"story_reply","text":"bonita","author":"tercera.ficticia"}`, `{"kind":"dm","text":"va","media":["image"],"author":"cuarta.ficticia"}`,
		}},
		targetX: {bodies: []string{
			`{"text":"@SENCE_simulado uno"}`, `{"text":"@SENCE_simulado respondo","kind":"comment"}`, `{"text":"por interno","kind":"dm"}`,
			`{"text":"foto","kind":"dm","media":["image"],"author":"otra.ficticia"}`, `{"text":"@SENCE_simulado foto","media":["image"]}`,
		}},
		targetLinkedIn: {bodies: []string{`{"text":"uno"}`, `{"text":"nos nombro","kind":"mention"}`}},
	} {
		t.Run(network, func(t *testing.T) {
			r := newRig(t)
			since := r.clock.now().Add(-time.Minute)
			var written []placed
			for _, body := range c.bodies {
				r.clock.move(time.Second)
				written = append(written, r.on(network, body))
			}
			told := r.told(network, len(c.bodies))
			listed := r.listed(network, since)
			for i, p := range written {
				key := p.ID
				for k := range told {
					if k != "" && (k == p.ID || strings.HasSuffix(p.ID, "_"+k)) {
						key = k
					}
				}
				want, got := told[key], listed[key]
				if got.Key == "" {
					t.Errorf("%s (%s): told as %s and in no list", c.bodies[i], p.ID, key)
					continue
				}
				if want.Outcome == mention.Fetch { // told by its id alone; the list has the words
					want.Outcome, want.Reason, want.Text, want.Author, want.Attachments = got.Outcome, got.Reason, got.Text, got.Author, got.Attachments
				}
				opts := append([]cmp.Option{cmpopts.EquateEmpty(), cmp.Comparer(sameAuthor)}, c.less...)
				if diff := cmp.Diff(want, got, opts...); diff != "" {
					t.Errorf("%s (-told +listed):\n%s", c.bodies[i], diff)
				}
			}
			r.breaks(`{"target":"` + network + `","mode":"drop_webhooks"}`)
			lost := r.on(network, c.bodies[0])
			if listed := r.listed(network, since); listed[lost.ID].Key == "" {
				t.Errorf("%s was told by nothing and is in no list", lost.ID)
			}
		})
	}
}

// sameAuthor compares people by their id: a delivery may know no name that a list knows.
func sameAuthor(a, b *mention.Author) bool {
	return a == b || a != nil && b != nil && a.ID == b.ID
}

// What our people answer in a network's own application is in its lists as our own, and stops the clock.
func TestOurReadersFindNativeAnswers(t *testing.T) {
	for network, kinds := range map[string][2]string{
		targetFacebook: {kindDM, kindDM}, targetInstagram: {kindComment, kindComment}, targetX: {kindDM, kindDM}, targetLinkedIn: {kindComment, kindComment},
	} {
		r := newRig(t)
		r.breaks(`{"target":"` + network + `","mode":"drop_webhooks"}`)
		asked := r.on(network, `{"text":"pregunta","kind":"`+kinds[0]+`"}`)
		own := r.on(network, `{"text":"respuesta","own":true,"kind":"`+kinds[1]+`","thread":"`+asked.ID+`"}`)
		listed := r.listed(network, r.clock.now().Add(-time.Minute))
		if e := listed[own.ID]; e.Outcome != mention.Own || e.Text != "respuesta" || e.Thread != asked.Thread {
			t.Errorf("%s: our own answer is listed as %+v", network, e)
		}
	}
}

// What a network told of by its id alone is read whole.
func TestOurReadersReadItems(t *testing.T) {
	long := strings.Repeat("largo ", 60) + "final"
	for name, c := range map[string]struct{ network, body, text string }{
		"mention on facebook":  {targetFacebook, `{"text":"miren","kind":"mention","author":"vecina.ficticia","name":"Vecina Ficticia"}`, "miren"},
		"tag on facebook":      {targetFacebook, `{"text":"miren","kind":"tag"}`, "miren"},
		"mention on instagram": {targetInstagram, `{"text":"miren @sence_simulado","kind":"mention"}`, "miren @sence_simulado"},
		"tag on instagram":     {targetInstagram, `{"text":"miren @sence_simulado","kind":"tag"}`, "miren @sence_simulado"},
		"long post on X":       {targetX, `{"text":"` + long + `"}`, long},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.on(c.network, c.body)
			told := r.heard(c.network, 1)
			if told.Outcome != mention.Fetch {
				t.Fatalf("told as %+v", told)
			}
			from, a := r.reader(c.network)
			e, usage, err := from.Item(t.Context(), a, told)
			if err != nil || e.Text != c.text || e.Key != told.Key || e.Outcome != mention.Interaction || e.Author == nil {
				t.Errorf("item: %+v, %v", e, err)
			}
			if !usage.Known() {
				t.Error("nothing is known of our use")
			}
		})
	}
}

// Media of every network can be had with what its reader says.
func TestOurReadersFindMedia(t *testing.T) {
	for network, body := range map[string]string{
		targetFacebook: `{"kind":"dm","media":["image"]}`, targetInstagram: `{"kind":"dm","media":["image"]}`, targetWhatsApp: `{"media":["image"]}`,
		targetX: `{"kind":"dm","text":"va","media":["image"]}`,
	} {
		r := newRig(t)
		r.on(network, body)
		from, a := r.reader(network)
		d, err := from.Media(t.Context(), a, r.heard(network, 1).Attachments[0])
		if err != nil {
			t.Errorf("%s: %v", network, err)
			continue
		}
		var headers []header
		for name, value := range d.Header {
			headers = append(headers, header{name, value})
		}
		if status, kind, raw := r.fetched(d.URL, headers...); status != 200 || kind != "image/png" || len(raw) == 0 {
			t.Errorf("%s: %s gives %d %s", network, d.URL, status, kind)
		}
	}
}

// A look at a sound account finds nothing wrong; what is gone is asked for anew, and what is missing is named.
func TestOurReadersLookAtAccounts(t *testing.T) {
	lacking := map[string]string{
		targetFacebook: "pages_manage_engagement", targetInstagram: "instagram_manage_comments", targetWhatsApp: "whatsapp_business_messaging",
		targetX: "", targetLinkedIn: "w_organization_social_feed",
	}
	for network, right := range lacking {
		t.Run(network, func(t *testing.T) {
			r := newRig(t)
			from, a := r.reader(network)
			look := func() (channel.Health, error) {
				return from.Check(t.Context(), a, r.gestor.server.URL+"/webhooks/"+network, r.clock.now())
			}
			h, err := look()
			if err != nil || h.Name == "" || len(h.Missing) != 0 || len(h.Mended) != 0 || len(h.Subscriptions) == 0 {
				t.Fatalf("a sound account: %+v, %v", h, err)
			}
			r.call("POST", "/sim/"+network+"/subscription", `{"state":"gone"}`)
			if h, err := look(); err != nil || len(h.Mended) == 0 {
				t.Errorf("a subscription that is gone: %+v, %v", h, err)
			}
			r.on(network, `{"text":"me oyen"}`)
			if e := r.heard(network, 1); e.Text != "me oyen" {
				t.Errorf("after it was asked for anew: %+v", e)
			}
			if right != "" {
				r.call("POST", "/sim/"+network+"/token", `{"state":"ok","missing":["`+right+`"]}`)
				if h, err := look(); err != nil || !slices.Contains(h.Missing, right) {
					t.Errorf("without %s: %+v, %v", right, h, err)
				}
			}
			r.call("POST", "/sim/"+network+"/token", `{"state":"revoked"}`)
			if _, err := look(); err == nil {
				t.Error("a revoked key is sound")
			}
		})
	}
}

// X's address is validated anew when X doubts it.
func TestOurReaderProvesOurAddressToX(t *testing.T) {
	r := newRig(t)
	from, a := r.reader(targetX)
	r.call("POST", "/sim/x/subscription", `{"state":"invalid"}`)
	if h, err := from.Check(t.Context(), a, r.gestor.server.URL+"/webhooks/x", r.clock.now()); err != nil || len(h.Mended) == 0 {
		t.Errorf("check: %+v, %v", h, err)
	}
	r.on(targetX, `{"text":"me oyen"}`)
	r.heard(targetX, 1)
}

// A next page on a foreign host is not followed.
func TestOurReadersStayOnTheirHost(t *testing.T) {
	for _, network := range []string{targetFacebook, targetInstagram, targetX} {
		r := newRig(t)
		for range 3 {
			r.on(network, `{"text":"hola","kind":"dm"}`)
			r.on(network, `{"text":"hola"}`)
		}
		r.breaks(`{"target":"` + network + `","mode":"foreign_paging"}`)
		from, a := r.reader(network)
		refused := false
		for _, list := range from.Lists() {
			q := channel.ListQuery{List: list, Since: r.clock.now().Add(-time.Hour)}
			for range 5 {
				page, err := from.List(t.Context(), a, q)
				if err != nil {
					refused = true
					break
				}
				if u, bad := url.Parse(page.Cursor); bad == nil && u.Host != "" {
					t.Errorf("%s %s: cursor %q", network, list, page.Cursor)
				}
				if q.Cursor = page.Cursor; !page.More {
					break
				}
			}
		}
		if !refused {
			t.Logf("%s: the foreign page was left out without an error", network)
		}
	}
}
