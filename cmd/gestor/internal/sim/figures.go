package sim

import (
	"crypto/sha256"
	"net/http"
	"strings"
)

// counted is what a network counts of a post of ours beside what is written under it. It is made of the id, and grows with
// what people write: whoever looks again sees more.
type counted struct{ likes, shares, views, clicks int }

func (w *world) counted(it *item) counted {
	if !it.Own || !it.top() {
		return counted{}
	}
	sum := sha256.Sum256([]byte(it.ID))
	written := len(w.stream(it.ID))
	likes := int(sum[0])%40 + 2*written
	return counted{likes: likes, shares: int(sum[1]) % 8, views: 30*likes + int(sum[2]), clicks: likes / 3}
}

// summary is a list of Graph of which only the number is given.
func summary(n int) obj { return obj{"data": []obj{}, "summary": obj{"total_count": n}} }

// insights is GET /{post}/insights.
func (s *Simulator) insights(w http.ResponseWriter, r *http.Request, object string) {
	data := []obj{}
	var err error
	s.read(func(w *world) {
		it := w.items[object]
		if it == nil || it.Removed || !it.Own || !it.top() || it.target() != targetFacebook && it.target() != targetInstagram {
			err = gone(r.Method, object)
			return
		}
		n := w.counted(it)
		known := map[string]int{"post_media_view": n.views, "post_clicks": n.clicks}
		if it.Network == targetInstagram {
			known = map[string]int{"views": n.views, "shares": n.shares, "likes": n.likes, "comments": len(w.stream(it.ID))}
		}
		for _, name := range strings.Split(r.Form.Get("metric"), ",") {
			value, there := known[name]
			if !there {
				err = oauthError(100, "(#100) The value must be a valid insights metric")
				return
			}
			data = append(data, obj{"name": name, "period": "lifetime", "values": []obj{{"value": value}}, "id": object + "/insights/" + name + "/lifetime"})
		}
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	writeGraph(w, http.StatusOK, obj{"data": data})
}
