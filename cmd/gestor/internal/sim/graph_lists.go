package sim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// graphList answers a list of texts, a page of it.
func (s *Simulator) graphList(w http.ResponseWriter, r *http.Request, collect func(w *world) ([]*item, error)) {
	limit, more := pageSize(r), false
	data := []obj{}
	var err error
	s.read(func(w *world) {
		var all []*item
		if all, err = collect(w); err != nil {
			return
		}
		all = following(all, r.Form.Get("after"))
		more = len(all) > limit
		for _, it := range all[:min(limit, len(all))] {
			var seen obj
			if seen, err = w.seen(it, r.Form.Get("fields")); err != nil {
				return
			}
			data = append(data, seen)
		}
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	s.writeGraphPage(w, r, data, more)
}

// writeGraphPage answers one page of a list, with the address of the next where there is one.
func (s *Simulator) writeGraphPage(w http.ResponseWriter, r *http.Request, data []obj, more bool) {
	answer := obj{"data": data}
	if len(data) > 0 {
		first, last := asString(data[0]["id"]), asString(data[len(data)-1]["id"])
		paging := obj{"cursors": obj{"before": first, "after": last}}
		if more {
			paging["next"] = nextPage(r, last)
		}
		if s.strays(s.graphTarget(r)) {
			paging["next"] = foreignHost + r.URL.Path + "?after=" + last
		}
		answer["paging"] = paging
	}
	writeGraph(w, http.StatusOK, answer)
}

// pageSize is how many objects a page of a list has.
func pageSize(r *http.Request) int {
	if n, err := strconv.Atoi(r.Form.Get("limit")); err == nil && n > 0 {
		return min(n, pageMost)
	}
	return pageDefault
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

// newest gives the posts of a network that fit, newest first, within the instants since and until where they are asked for.
func (w *world) newest(network string, r *http.Request, fits func(*item) bool) []*item {
	var all []*item
	since, until := instant(r.Form.Get("since")), instant(r.Form.Get("until"))
	for _, id := range w.at(network).posts {
		it := w.items[id]
		within := !it.At.Before(since) && (until.IsZero() || !it.At.After(until))
		if !it.Removed && within && fits(it) {
			all = append(all, it)
		}
	}
	slices.SortStableFunc(all, func(a, b *item) int { return b.At.Compare(a.At) })
	return all
}

// instant reads seconds or an instant in words; zero without either.
func instant(text string) time.Time {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(n, 0)
	}
	for _, form := range []string{time.RFC3339, graphTime, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return t
		}
	}
	return time.Time{}
}

// graphPosts answers a list of posts of one of our accounts: those that fit. Another account of ours has none.
func (s *Simulator) graphPosts(network string, fits func(*item) bool) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, r *http.Request, object string) {
		s.graphList(w, r, func(w *world) ([]*item, error) {
			if object != s.account(network) {
				return nil, nil
			}
			return w.newest(network, r, fits), nil
		})
	}
}

// onWall reports a post of the page or of a visitor; tagging one of somebody else that names us; onProfile one of ours.
func onWall(it *item) bool    { return it.Kind == kindPost && !it.Foreign }
func tagging(it *item) bool   { return it.Kind == kindMention && !it.Own }
func onProfile(it *item) bool { return it.Kind == kindPost && it.Own }

// graphRatings is GET /{page}/ratings, newest first.
func (s *Simulator) graphRatings(w http.ResponseWriter, r *http.Request, object string) {
	limit, more := pageSize(r), false
	fields := r.Form.Get("fields")
	if fields == "" {
		fields = "created_time,recommendation_type,review_text,reviewer"
	}
	data := []obj{}
	var err error
	s.read(func(w *world) {
		if object != w.pageID {
			return
		}
		all := following(w.newest("", r, func(it *item) bool { return it.Kind == kindRating }), r.Form.Get("after"))
		more = len(all) > limit
		for _, it := range all[:min(limit, len(all))] {
			var one obj
			if one, err = it.ratingView(fields); err != nil {
				return
			}
			data = append(data, one)
		}
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	answer := obj{"data": data}
	if more {
		last := asString(data[len(data)-1]["cursor"])
		answer["paging"] = obj{"cursors": obj{"after": last}, "next": nextPage(r, last)}
	}
	for _, one := range data {
		delete(one, "cursor")
	}
	writeGraph(w, http.StatusOK, answer)
}

// ratingView gives the named fields of a review, which has no id of its own: its story has. The cursor is for the list.
func (i *item) ratingView(fields string) (obj, error) {
	out, err := pick(i.ID, fields, func(f wanted) (any, bool, error) {
		kind := "positive"
		if i.Rating < 3 {
			kind = "negative"
		}
		v, there := map[string]any{
			"created_time": i.At.UTC().Format(graphTime), "reviewer": i.From, "recommendation_type": kind, "review_text": i.Text,
			"has_review": i.Text != "", "has_rating": i.Rating > 0, "rating": i.Rating,
			"open_graph_story": obj{"id": i.StoryID, "message": i.Text, "type": "pages.recommends"},
		}[f.name]
		return v, there, nil
	})
	if err == nil {
		out["cursor"] = i.ID
		delete(out, "id")
	}
	return out, err
}
