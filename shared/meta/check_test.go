package meta_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/platformtest"
)

// fieldsOfPages are what a page must tell us of.
const fieldsOfPages = "feed,mention,ratings,messages,message_echoes,messaging_postbacks,message_reactions,message_edits,message_deliveries," +
	"message_reads,messaging_policy_enforcement,standby"

func rights(n mention.Network) string {
	var names []string
	for _, r := range channel.RightsOf(n) {
		names = append(names, `"`+r.Name+`"`)
	}
	return `[` + strings.Join(names, ",") + `]`
}

// checkedBy answers a check: what Graph says of the key, of the subscriptions, and to the request to mend them.
func checkedBy(key, apps string, mend platformtest.Answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch path := strings.TrimPrefix(r.URL.Path, "/graph/v25.0/"); {
		case path == "debug_token":
			say(200, key)(w, r)
		case path == "100" || path == "me":
			say(200, `{"id":"100","name":"Página Ficticia","instagram_business_account":{"id":"`+ourIG+`","username":"ficticia"}}`)(w, r)
		case path == "100/subscribed_apps" && r.Method == http.MethodPost:
			say(mend.Status, mend.Body)(w, r)
		case path == "100/subscribed_apps":
			say(200, apps)(w, r)
		default:
			say(404, `{}`)(w, r)
		}
	}
}

func TestCheck(t *testing.T) {
	mended := platformtest.Answer{Status: 200, Body: `{"success":true}`}
	key := func(n mention.Network) string {
		return `{"data":{"is_valid":true,"expires_at":0,"data_access_expires_at":1800000000,"scopes":` + rights(n) + `}}`
	}
	ours := func(fields string) string {
		return `{"data":[{"id":"41","subscribed_fields":["feed","leadgen"]},{"id":42,"subscribed_fields":["` + strings.ReplaceAll(fields, ",", `","`) + `"]}]}`
	}
	working := func(broken string, names ...string) []channel.Subscription {
		var out []channel.Subscription
		for _, name := range names {
			out = append(out, channel.Subscription{Name: name, Working: name != broken, Checked: platformtest.CheckedAt()})
		}
		return out
	}
	all := strings.Split(fieldsOfPages, ",")
	ends := []channel.Expiry{{Kind: channel.ExpiresData, At: at(1800000000), Warn: at(1800000000).AddDate(0, 0, -14), Hands: true}}
	without := strings.Replace(fieldsOfPages, "ratings,", "", 1)
	for name, c := range map[string]struct {
		instagram bool
		key, apps string
		mend      platformtest.Answer
		asked     string
		want      channel.Health
	}{
		"all is well": {
			false, key(mention.Facebook), ours(fieldsOfPages), mended, "",
			channel.Health{Name: "Página Ficticia", Subscriptions: working("", all...), Expiries: ends},
		},
		"a field is missing": {
			false, key(mention.Facebook), ours("leadgen," + without), mended, "leadgen," + without + ",ratings",
			channel.Health{Name: "Página Ficticia", Subscriptions: working("", all...), Mended: []string{"ratings"}, Expiries: ends},
		},
		"a field that Meta does not give": {
			false, key(mention.Facebook), ours(without), object(400, 100, 0), without + ",ratings",
			channel.Health{Name: "Página Ficticia", Subscriptions: working("ratings", all...), Expiries: ends},
		},
		"our application is not there": {
			false, key(mention.Facebook), `{"data":[{"id":"41","subscribed_fields":["feed"]}]}`, mended, fieldsOfPages,
			channel.Health{Name: "Página Ficticia", Subscriptions: working("", all...), Mended: all, Expiries: ends},
		},
		"rights and days are missing": {
			false, `{"data":{"is_valid":true,"expires_at":1800000009,"scopes":["pages_show_list","pages_read_engagement","pages_manage_metadata","pages_messaging"]}}`,
			ours(fieldsOfPages), mended, "",
			channel.Health{
				Name: "Página Ficticia", Subscriptions: working("", all...), Missing: []string{"pages_read_user_content", "pages_manage_engagement", "pages_manage_posts"},
				Expiries: []channel.Expiry{{Kind: channel.ExpiresAccess, At: at(1800000009), Warn: at(1800000009).AddDate(0, 0, -14), Hands: true}},
			},
		},
		"instagram": {
			true, key(mention.Instagram), ours("messages"), mended, "",
			channel.Health{Name: "@ficticia", Subscriptions: working("", "subscribed_apps"), Expiries: ends},
		},
		"instagram, whose page does not tell us": {
			true, key(mention.Instagram), `{"data":[]}`, mended, "feed",
			channel.Health{Name: "@ficticia", Subscriptions: working("", "subscribed_apps"), Mended: []string{"subscribed_apps"}, Expiries: ends},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, checkedBy(c.key, c.apps, c.mend))
			r, account := reading(t, g, c.instagram)
			got, err := r.Check(t.Context(), keyOf(account), "https://example.com/x", platformtest.CheckedAt())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("health (-want +got):\n%s", diff)
			}
			asked := ""
			for _, one := range g.requests() {
				if one.Method == http.MethodPost {
					asked += one.PostForm.Get("subscribed_fields")
				}
			}
			if asked != c.asked {
				t.Errorf("asked for %q, want %q", asked, c.asked)
			}
		})
	}
}

// What a person must mend is said; what may pass by itself is a failure.
func TestCheck_refused(t *testing.T) {
	key := `{"data":{"is_valid":true,"scopes":` + rights(mention.Facebook) + `}}`
	for name, c := range map[string]struct {
		mend    platformtest.Answer
		kind    fault.Kind
		missing string
	}{
		"no right to subscribe": {object(403, 200, 0), 0, ""},
		"the key is gone":       {object(400, 190, 463), fault.Denied, ""},
		"too many calls":        {object(400, 32, 0), fault.Transient, ""},
		"nobody knows":          {object(500, 1, 0), fault.Transient, ""},
		"no success":            {platformtest.Answer{Status: 200, Body: `{"success":false}`}, fault.Transient, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, checkedBy(key, `{"data":[]}`, c.mend))
			r, account := reading(t, g, false)
			h, err := r.Check(t.Context(), keyOf(account), "", time.Time{})
			if fault.Of(err) != c.kind || strings.Join(h.Missing, " ") != c.missing {
				t.Errorf("%+v, %v", h, err)
			}
			if err == nil && (len(h.Subscriptions) == 0 || h.Subscriptions[0].Working) {
				t.Errorf("works without a right: %+v", h)
			}
		})
	}
	unseen := func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/subscribed_apps") {
			say(403, refused(200, 0, ""))(w, r)
			return
		}
		checkedBy(key, "", platformtest.Answer{})(w, r)
	}
	g := newGraph(t, unseen)
	r, account := reading(t, g, false)
	h, err := r.Check(t.Context(), keyOf(account), "", time.Time{})
	if err != nil || strings.Join(h.Missing, " ") != "pages_manage_metadata" || len(h.Subscriptions) != 0 {
		t.Errorf("subscriptions nobody may see: %+v, %v", h, err)
	}
	parted := newGraph(t, checkedBy(key, `{"data":[]}`, platformtest.Answer{}))
	r, _ = reading(t, parted, true)
	if _, err := r.Check(t.Context(), keyOf("17841400000000999"), "", time.Time{}); fault.Of(err) != fault.Denied || meta.Reason(err) != meta.ReasonPermission {
		t.Errorf("an account that its page was parted from: %v", err)
	}
}

// The key that is asked about stands in the address because Graph has no other place; who asks is the application.
func TestCheck_asksAsTheApplication(t *testing.T) {
	for id, want := range map[string]string{"42": "42|" + appSecret, "": platformtest.Token} {
		g := newGraph(t, checkedBy(goodKey, `{"data":[]}`, platformtest.Answer{Status: 200, Body: `{"success":true}`}))
		r := meta.NewReader(meta.Config{BaseURL: g.URL + "/graph/"}, func(ctx ctx) (meta.AppSecret, error) {
			s, err := withID(ctx)
			s.AppID = id
			return s, err
		})
		if _, err := r.Check(t.Context(), keyOf(ourPage), "", time.Time{}); err != nil {
			t.Fatal(err)
		}
		first := g.requests()[0]
		if first.Header.Get("Authorization") != "Bearer "+want || first.Form.Get("input_token") != platformtest.Token || first.Form.Get("appsecret_proof") != proof(want) {
			t.Errorf("with %q asked as %s", id, first.Header.Get("Authorization"))
		}
		for _, one := range g.requests()[1:] {
			if strings.Contains(one.URL.String(), platformtest.Token) {
				t.Errorf("the key stands in %s", one.URL)
			}
		}
	}
}
