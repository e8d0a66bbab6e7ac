package meta_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
)

func TestFigures(t *testing.T) {
	n := func(v int64) *int64 { return &v }
	now := platformtest.SaidAt()
	page := `{"id":"100_9","shares":{"count":3},"reactions":{"data":[],"summary":{"total_count":12}},"comments":{"data":[],"summary":{"total_count":0}}}`
	for name, c := range map[string]struct {
		instagram bool
		id        string
		counts    platformtest.Answer
		insights  platformtest.Answer
		want      post.Figures
		kind      fault.Kind
		reason    string
	}{
		"a page's post": {
			id: "100_9", counts: ok(page),
			insights: ok(`{"data":[{"name":"post_media_view","values":[{"value":480}]},{"name":"post_clicks","values":[{"value":7}]}]}`),
			want:     post.Figures{At: now, Reactions: n(12), Comments: n(0), Shares: n(3), Views: n(480), Clicks: n(7)},
		},
		"never shared, without the right to more": {
			id: "100_9", counts: ok(strings.Replace(page, `"shares":{"count":3},`, "", 1)), insights: object(403, 10, 0),
			want: post.Figures{At: now, Reactions: n(12), Comments: n(0)},
		},
		"metrics nobody knows any more": {
			id: "100_9", counts: ok(page), insights: object(400, 100, 0), want: post.Figures{At: now, Reactions: n(12), Comments: n(0), Shares: n(3)},
		},
		"metrics that are no numbers": {
			id: "100_9", counts: ok(page), insights: ok(`{"data":[{"name":"post_clicks","values":[{"value":{"other":1}}]},{"name":"views"}]}`),
			want: post.Figures{At: now, Reactions: n(12), Comments: n(0), Shares: n(3)},
		},
		"a video by its own id": {
			id: "77", counts: ok(`{"id":"77","reactions":{"summary":{"total_count":1}}}`), insights: object(400, 100, 0), want: post.Figures{At: now, Reactions: n(1)},
		},
		"a medium of Instagram": {
			instagram: true, id: "9", counts: ok(`{"id":"9","like_count":5,"comments_count":2}`),
			insights: ok(`{"data":[{"name":"views","values":[{"value":90}]},{"name":"shares","values":[{"value":1}]}]}`),
			want:     post.Figures{At: now, Reactions: n(5), Comments: n(2), Views: n(90), Shares: n(1)},
		},
		"likes nobody may count": {
			instagram: true, id: "9", counts: ok(`{"id":"9","comments_count":2}`), insights: ok(`{"data":[]}`), want: post.Figures{At: now, Comments: n(2)},
		},
		"taken away":          {id: "100_9", counts: object(400, 100, 33), kind: fault.Permanent, reason: meta.ReasonGone},
		"not let in":          {id: "100_9", counts: ok(page), insights: object(400, 190, 463), kind: fault.Denied, reason: meta.ReasonAuth},
		"too many calls":      {id: "100_9", counts: ok(page), insights: object(400, 32, 0), kind: fault.Transient, reason: meta.ReasonThrottle},
		"an answer of nobody": {id: "100_9", counts: ok(`{}`), kind: fault.Transient, reason: meta.ReasonUnknown},
		"no id":               {id: "../x", kind: fault.Invalid, reason: meta.ReasonInput},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, func(w http.ResponseWriter, r *http.Request) {
				a := c.counts
				if strings.HasSuffix(r.URL.Path, "/insights") {
					a = c.insights
				}
				say(a.Status, a.Body)(w, r)
			})
			r := meta.NewReader(meta.Config{BaseURL: g.URL + "/graph/"}, ownSecret)
			if c.instagram {
				r = meta.NewInstagramReader(meta.Config{BaseURL: g.URL + "/graph/"}, ownSecret)
			}
			got, _, err := r.Figures(t.Context(), channel.Access{Account: ourPage, Token: platformtest.Token}, c.id, now)
			if (err != nil || c.kind != 0) && (fault.Of(err) != c.kind || meta.Reason(err) != c.reason) {
				t.Fatalf("%v, want %s %s", err, c.kind, c.reason)
			}
			quiet(t, err)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
