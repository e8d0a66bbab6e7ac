package sim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// graphTime is Graph's ISO 8601: no colon in the zone.
const graphTime = "2006-01-02T15:04:05-0700"

// Page sizes of a list.
const (
	pageDefault = 25
	pageMost    = 100
)

// view gives the named fields of an item, Graph's default ones without names; an unknown name is an error 100.
func (w *world) view(it *item, fields string) (map[string]any, error) {
	if fields == "" {
		fields = "created_time,from,message"
	}
	out := map[string]any{"id": it.ID}
	for name := range strings.SplitSeq(fields, ",") {
		switch strings.TrimSpace(name) {
		case "id":
		case "message":
			out["message"] = it.Text
		case "from":
			out["from"] = it.From
		case "created_time":
			out["created_time"] = it.At.UTC().Format(graphTime)
		case "is_hidden":
			out["is_hidden"] = it.Hidden
		case "comment_count":
			out["comment_count"] = len(w.replies[it.ID])
		case "permalink_url":
			out["permalink_url"] = "https://www.facebook.com/" + it.ID
		case "parent":
			if up := w.items[it.Parent]; up != nil && !up.top() {
				out["parent"] = map[string]string{"id": up.ID}
			}
		default:
			return nil, oauthError(100, "(#100) Tried accessing nonexisting field ("+strings.TrimSpace(name)+")")
		}
	}
	return out, nil
}

// graphObject is GET /{id}?fields=, of the page, a post or a comment.
func (s *Simulator) graphObject(w http.ResponseWriter, r *http.Request, object string) {
	if object == s.cfg.PageID || object == "me" {
		writeGraph(w, http.StatusOK, person{s.cfg.PageID, pageName})
		return
	}
	if instagram, _ := networkOf(targetInstagram); object == instagram.Account {
		s.instagramAccount(w, r, instagram)
		return
	}
	var out map[string]any
	var err error
	s.read(func(w *world) {
		it := w.items[object]
		if it == nil || it.Removed || it.Kind == kindDM || it.Network != "" && it.Network != targetInstagram {
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

// seen is view on the network of the item.
func (w *world) seen(it *item, fields string) (map[string]any, error) {
	if it.Network == targetInstagram {
		return w.instagramView(it, fields)
	}
	return w.view(it, fields)
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
		if r.Form.Get("order") == "reverse_chronological" || to.Network == targetInstagram && !replies {
			slices.Reverse(all)
		}
		return all, nil
	})
}

// graphList answers a list of texts, a page of it.
func (s *Simulator) graphList(w http.ResponseWriter, r *http.Request, collect func(w *world) ([]*item, error)) {
	limit := pageDefault
	if n, err := strconv.Atoi(r.Form.Get("limit")); err == nil && n > 0 {
		limit = min(n, pageMost)
	}
	data := []map[string]any{}
	first, last, more := "", "", false
	var err error
	s.read(func(w *world) {
		var all []*item
		if all, err = collect(w); err != nil {
			return
		}
		all = following(all, r.Form.Get("after"))
		more = len(all) > limit
		for _, it := range all[:min(limit, len(all))] {
			var seen map[string]any
			if seen, err = w.seen(it, r.Form.Get("fields")); err != nil {
				return
			}
			data = append(data, seen)
			if first == "" {
				first = it.ID
			}
			last = it.ID
		}
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	answer := map[string]any{"data": data}
	if len(data) > 0 {
		paging := map[string]any{"cursors": map[string]string{"before": first, "after": last}}
		if more {
			paging["next"] = nextPage(r, last)
		}
		answer["paging"] = paging
	}
	writeGraph(w, http.StatusOK, answer)
}

// following cuts a list after the item a cursor names; an unknown cursor ends the list, as when the item was deleted.
func following(all []*item, after string) []*item {
	if after == "" {
		return all
	}
	i := slices.IndexFunc(all, func(it *item) bool { return it.ID == after })
	if i < 0 {
		return nil
	}
	return all[i+1:]
}

// nextPage is the address of the following page, without the proof: whoever follows it must make it anew.
func nextPage(r *http.Request, after string) string {
	q := url.Values{}
	for name, values := range r.URL.Query() {
		if name != "appsecret_proof" {
			q[name] = values
		}
	}
	q.Set("after", after)
	return (&url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawQuery: q.Encode()}).String()
}
