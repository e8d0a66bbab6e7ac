package sim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// graphTime is Graph's ISO 8601: no colon in the zone.
const graphTime = "2006-01-02T15:04:05-0700"

// Page sizes of a list.
const (
	pageDefault = 25
	pageMost    = 100
)

// pick gives the named fields of an object; known gives the value of one, nil where there is nothing to tell, which Graph
// leaves out, and false for a name Graph does not have, which is an error 100.
func pick(id, fields string, known func(f wanted) (v any, there bool, err error)) (obj, error) {
	out := obj{"id": id}
	for _, f := range splitFields(fields) {
		if f.name == "" || f.name == "id" {
			continue
		}
		v, there, err := known(f)
		switch {
		case err != nil:
			return nil, err
		case !there:
			return nil, oauthError(100, "(#100) Tried accessing nonexisting field ("+f.name+")")
		case v != nil:
			out[f.name] = v
		}
	}
	return out, nil
}

// view gives the named fields of a post or comment of Facebook, Graph's default ones without names.
func (w *world) view(it *item, fields string) (obj, error) {
	if fields == "" {
		fields = "created_time,from,message"
	}
	known := obj{
		"message": it.Text, "from": it.From, "created_time": it.At.UTC().Format(graphTime), "updated_time": w.touched(it).UTC().Format(graphTime),
		"is_hidden": it.Hidden, "comment_count": len(w.replies[it.ID]), "user_likes": it.Liked != "", "can_hide": it.can(actHide),
		"can_remove": it.can(actRemove), "permalink_url": "https://www.facebook.com/" + it.ID, "parent": nil,
		"attachment": w.hungOn(it, false), "attachments": w.hungOn(it, true),
	}
	if up := w.items[it.Parent]; up != nil && !up.top() {
		known["parent"] = obj{"id": up.ID}
	}
	if n := w.counted(it); it.top() {
		known["reactions"], known["comments"], known["shares"] = summary(n.likes), summary(len(w.stream(it.ID))), nil
		if n.shares > 0 { // of what nobody shared, Graph says nothing
			known["shares"] = obj{"count": n.shares}
		}
	}
	return pick(it.ID, fields, func(f wanted) (any, bool, error) {
		v, there := known[f.name]
		return v, there, nil
	})
}

// touched is when something last happened under a post.
func (w *world) touched(it *item) time.Time {
	last := it.At
	for _, id := range w.replies[it.ID] {
		if t := w.touched(w.items[id]); t.After(last) {
			last = t
		}
	}
	return last
}

// hungOn is what hangs on a comment, which is one thing, or on a post, which is a list of them; nil when nothing does.
func (w *world) hungOn(it *item, list bool) any {
	all := []obj{}
	for _, m := range it.Media {
		address := w.address(it.Network, m)
		one := obj{"type": "photo", "url": "https://www.facebook.com/photo.php?fbid=" + m.ID, "media": obj{"image": obj{"height": 24, "width": 24, "src": address}}}
		if m.Type == mediaVideo {
			one["type"] = "video_inline"
			one["media"] = obj{"image": obj{"height": 24, "width": 24, "src": address}, "source": address}
		}
		if list {
			one["media_type"] = strings.TrimSuffix(asString(one["type"]), "_inline")
		}
		all = append(all, one)
	}
	switch {
	case len(all) == 0:
		return nil
	case list:
		return obj{"data": all}
	}
	return all[0]
}

func asString(v any) string {
	s, _ := v.(string)
	return s
}

// graphObject is GET /{id}?fields=, of the page, a post or a comment.
func (s *Simulator) graphObject(w http.ResponseWriter, r *http.Request, object string) {
	switch s.networkOfAccount(object) {
	case targetFacebook:
		s.writePicked(w, func() (obj, error) { return s.pageView(object, r.Form.Get("fields")) })
		return
	case targetInstagram:
		s.instagramAccount(w, r, object)
		return
	case targetWhatsApp:
		s.writePicked(w, func() (obj, error) { return phoneView(object, r.Form.Get("fields")) })
		return
	}
	if s.whatsappMedium(w, r, object) {
		return
	}
	var out map[string]any
	var err error
	s.read(func(w *world) {
		it := w.items[object]
		if it == nil || it.Removed || it.Network != "" && it.Network != targetInstagram {
			err = gone(r.Method, object)
			return
		}
		out, err = w.seen(it, r.Form.Get("fields"))
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	writeGraph(w, http.StatusOK, out)
}

// under gives what hangs on an object, oldest first. A text published as an answer to an answer counts for the object
// our system named, although the network shows it one level up.
func (w *world) under(object string) []*item {
	var found []*item
	for _, id := range w.replies[object] {
		found = append(found, w.items[id])
	}
	if it := w.items[object]; it != nil && it.Parent != "" {
		for _, id := range w.replies[it.Parent] {
			if beside := w.items[id]; beside.InReplyTo == object {
				found = append(found, beside)
			}
		}
	}
	found = slices.DeleteFunc(found, func(it *item) bool { return it.Removed })
	slices.SortStableFunc(found, func(a, b *item) int { return a.At.Compare(b.At) })
	return found
}

// seen is view on the network of the item, and of what sort it is.
func (w *world) seen(it *item, fields string) (obj, error) {
	switch {
	case it.Kind == kindDM:
		return w.messageView(it, fields)
	case it.Network == targetInstagram:
		return w.instagramView(it, fields)
	}
	return w.view(it, fields)
}

// stream gives everything under an object, whatever level it hangs on, oldest first.
func (w *world) stream(object string) []*item {
	var all []*item
	for _, id := range w.replies[object] {
		if it := w.items[id]; !it.Removed {
			all = append(all, it)
		}
		all = append(all, w.stream(id)...)
	}
	slices.SortStableFunc(all, func(a, b *item) int { return a.At.Compare(b.At) })
	return all
}

// graphComments is GET /{post or comment}/comments, and GET /{comment}/replies on Instagram, paged by cursor.
func (s *Simulator) graphComments(w http.ResponseWriter, r *http.Request, object string) {
	s.graphList(w, r, func(w *world) ([]*item, error) {
		to := w.items[object]
		replies := strings.HasSuffix(r.URL.Path, "/replies")
		switch {
		case to == nil || to.Removed || to.Kind == kindDM:
			return nil, gone(r.Method, object)
		case to.Network == "" && replies, to.Network == targetInstagram && replies == to.top(), to.Network != "" && to.Network != targetInstagram:
			return nil, gone(r.Method, object)
		}
		all := w.under(object)
		if r.Form.Get("filter") == "stream" && to.Network == "" {
			all = w.stream(object)
		}
		if r.Form.Get("order") == "reverse_chronological" || to.Network == targetInstagram && !replies {
			slices.Reverse(all)
		}
		return all, nil
	})
}
