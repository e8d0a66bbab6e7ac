package sim

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How many objects a list of X has when nobody asks for more, and at most.
const (
	xResults     = 10
	xMostResults = 100
)

// older compares ids as numbers: later ones are greater.
func older(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// xBeside collects what is named by the objects of an answer and was asked for with expansions.
type xBeside struct {
	w     *world
	asked []string
	users map[string]obj
	posts map[string]obj
	media map[string]obj
}

func (w *world) beside(q url.Values) *xBeside {
	return &xBeside{w: w, asked: strings.Split(q.Get("expansions"), ","), users: map[string]obj{}, posts: map[string]obj{}, media: map[string]obj{}}
}

func (b *xBeside) wants(name string) bool { return slices.Contains(b.asked, name) }

// post collects what a post names.
func (b *xBeside) post(n network, it *item, fields string) {
	if b.wants("author_id") {
		b.users[it.From.ID] = xUser(it)
	}
	if b.wants("attachments.media_keys") {
		for _, m := range b.w.xMedia(it) {
			one, _ := m.(obj)
			b.media[asString(one["media_key"])] = one
		}
	}
	for _, id := range []string{it.Parent, it.Quoted} {
		other := b.w.items[id]
		if !b.w.xThere(other) {
			continue
		}
		if b.wants("referenced_tweets.id") {
			b.posts[id] = b.w.xFields(n, other, fields)
		}
		if b.wants("referenced_tweets.id.author_id") {
			b.users[other.From.ID] = xUser(other)
		}
	}
}

// message collects what a direct message names.
func (b *xBeside) message(n network, it *item) {
	if b.wants("sender_id") {
		b.users[it.From.ID] = xUser(it)
		if it.Own {
			b.users[n.Account] = obj{"id": n.Account, "name": pageName, "username": n.handle}
		}
	}
	if b.wants("attachments.media_keys") {
		for _, m := range it.Media {
			one := obj{"media_key": m.ID, "type": "photo", "url": xMediaAddress(it, m)}
			if m.Type == mediaVideo {
				one = obj{"media_key": m.ID, "type": "video", "preview_image_url": xMediaAddress(it, m)}
			}
			b.media[m.ID] = one
		}
	}
}

// put adds what was collected to an answer.
func (b *xBeside) put(answer obj) {
	includes := obj{}
	for name, all := range map[string]map[string]obj{"users": b.users, "tweets": b.posts, "media": b.media} {
		list := []obj{}
		for _, id := range slices.Sorted(maps.Keys(all)) {
			list = append(list, all[id])
		}
		if len(list) > 0 {
			includes[name] = list
		}
	}
	if len(includes) > 0 {
		answer["includes"] = includes
	}
}

// xFields gives a post with the fields asked for; id, text and versions always come.
func (w *world) xFields(n network, it *item, fields string) obj {
	whole, out := w.xPost(n, it), obj{}
	if weight(it.Text) > xLongest {
		whole["note_tweet"] = obj{"text": xEscape(it.Text)}
	}
	for _, name := range append(strings.Split(fields, ","), "id", "text", "edit_history_tweet_ids") {
		if v, there := whole[strings.TrimSpace(name)]; there {
			out[strings.TrimSpace(name)] = v
		}
	}
	return out
}

// xOne is GET /2/tweets/{id}.
func (s *Simulator) xOne(r *http.Request) (int, any, error) {
	n, _ := networkOf(targetX)
	q := r.URL.Query()
	var found obj
	s.read(func(w *world) {
		if it := w.xVersion(r.PathValue("id")); w.xThere(it) {
			beside := w.beside(q)
			data := w.xCounted(w.xFields(n, it, q.Get("tweet.fields")), it, q.Get("tweet.fields"), s.cfg.Clock())
			data["id"] = r.PathValue("id") // of whichever version
			found = obj{"data": data}
			beside.post(n, it, q.Get("tweet.fields"))
			beside.put(found)
		}
	})
	if found == nil {
		return 0, nil, xGone(r.PathValue("id"))
	}
	return http.StatusOK, found, nil
}

// xSeveral is GET /2/tweets?ids=: those that are there, and an error for each that is not.
func (s *Simulator) xSeveral(r *http.Request) (int, any, error) {
	n, _ := networkOf(targetX)
	q := r.URL.Query()
	ids := strings.Split(q.Get("ids"), ",")
	if q.Get("ids") == "" || len(ids) > xMostResults {
		return 0, nil, xBad("One or more parameters to your request was invalid.")
	}
	data, missing, answer := []obj{}, []obj{}, obj{}
	s.read(func(w *world) {
		beside := w.beside(q)
		for _, id := range ids {
			it := w.items[id]
			if !w.xThere(it) {
				missing = append(missing, obj{
					"title": "Not Found Error", "detail": "Could not find tweet with ids: [" + id + "].", "type": xNotFound,
					"resource_type": "tweet", "parameter": "ids", "resource_id": id, "value": id,
				})
				continue
			}
			data = append(data, w.xCounted(w.xFields(n, it, q.Get("tweet.fields")), it, q.Get("tweet.fields"), s.cfg.Clock()))
			beside.post(n, it, q.Get("tweet.fields"))
		}
		beside.put(answer)
	})
	if len(data) > 0 {
		answer["data"] = data
	}
	if len(missing) > 0 {
		answer["errors"] = missing
	}
	return http.StatusOK, answer, nil
}

// xTimeline is GET /2/users/{id}/tweets: what an account wrote, newest first.
func (s *Simulator) xTimeline(r *http.Request) (int, any, error) {
	answers := !strings.Contains(r.URL.Query().Get("exclude"), "replies")
	return s.xList(r, func(_ *world, it *item) bool {
		return it.From.ID == r.PathValue("id") && (answers || it.Kind != kindComment)
	})
}

// xMentions is GET /2/users/{id}/mentions: what others wrote that names the account, newest first.
func (s *Simulator) xMentions(r *http.Request) (int, any, error) {
	n, _ := networkOf(targetX)
	if r.PathValue("id") != n.Account {
		return http.StatusOK, obj{"meta": obj{"result_count": 0}}, nil
	}
	return s.xList(r, func(_ *world, it *item) bool { return n.mentions(it) != nil })
}

// xSearch is GET /2/tweets/search/recent, with the operators from:, conversation_id:, in_reply_to_tweet_id: and words.
func (s *Simulator) xSearch(r *http.Request) (int, any, error) {
	n, _ := networkOf(targetX)
	asked := strings.Fields(r.URL.Query().Get("query"))
	if len(asked) == 0 {
		return 0, nil, xBad("One or more parameters to your request was invalid.")
	}
	return s.xList(r, func(_ *world, it *item) bool {
		for _, word := range asked {
			operator, value, _ := strings.Cut(word, ":")
			fits := strings.Contains(strings.ToLower(it.Text), strings.ToLower(strings.Trim(word, `"`)))
			switch operator {
			case "from":
				fits = it.From.ID == value || it.Own && strings.EqualFold(strings.TrimPrefix(value, "@"), n.handle)
			case "conversation_id":
				fits = it.Thread == value
			case "in_reply_to_tweet_id":
				fits = it.Parent == value
			}
			if !fits {
				return false
			}
		}
		return true
	})
}

// xWindowOf is which objects of a list are asked for.
type xWindowOf struct {
	most           int
	since, until   time.Time
	after, sinceID string
}

func xAsked(q url.Values, least int) xWindowOf {
	a := xWindowOf{most: xResults, after: q.Get("pagination_token") + q.Get("next_token"), sinceID: q.Get("since_id")}
	if n, err := strconv.Atoi(q.Get("max_results")); err == nil {
		a.most = min(max(n, least), xMostResults)
	}
	a.since, _ = time.Parse(time.RFC3339, q.Get("start_time")) // without it everything is late enough
	a.until, _ = time.Parse(time.RFC3339, q.Get("end_time"))
	return a
}

func (a xWindowOf) has(it *item) bool {
	return !it.At.Before(a.since) && (a.until.IsZero() || it.At.Before(a.until)) && (a.after == "" || older(it.ID, a.after)) &&
		(a.sinceID == "" || older(a.sinceID, it.ID))
}

// cut orders items newest first and cuts them to one page, whose next token is the id after which to go on.
func (a xWindowOf) cut(all []*item) ([]*item, obj) {
	slices.SortFunc(all, func(a, b *item) int {
		if older(a.ID, b.ID) {
			return 1
		}
		return -1
	})
	meta := obj{}
	if len(all) > a.most {
		all = all[:a.most]
		meta["next_token"] = all[a.most-1].ID
	}
	if len(all) > 0 {
		meta["newest_id"], meta["oldest_id"] = all[0].ID, all[len(all)-1].ID
	}
	meta["result_count"] = len(all)
	return all, meta
}

// xList answers posts that fit, newest first, a page of max_results.
func (s *Simulator) xList(r *http.Request, fits func(*world, *item) bool) (int, any, error) {
	q := r.URL.Query()
	asked := xAsked(q, 5)
	n, _ := networkOf(targetX)
	data, answer := []obj{}, obj{}
	s.read(func(w *world) {
		var all []*item
		for _, it := range w.items {
			if w.xThere(it) && asked.has(it) && fits(w, it) {
				all = append(all, it)
			}
		}
		beside := w.beside(q)
		all, answer["meta"] = asked.cut(all)
		for _, it := range all {
			data = append(data, w.xFields(n, it, q.Get("tweet.fields")))
			beside.post(n, it, q.Get("tweet.fields"))
		}
		beside.put(answer)
	})
	if len(data) > 0 { // X leaves an empty list out
		answer["data"] = data
	}
	s.mislead(answer)
	return http.StatusOK, answer, nil
}

// mislead makes the word of the next page an address on somebody else's host, under a fault.
func (s *Simulator) mislead(answer obj) {
	if meta, ok := answer["meta"].(obj); ok && s.strays(targetX) {
		meta["next_token"] = foreignHost + "/2/next"
	}
}

// xMe is GET /2/users/me: whose key it is.
func (s *Simulator) xMe(r *http.Request) (int, any, error) {
	account, name := keyIn(r).Accounts[0], pageName
	if isSecond(account) {
		name = secondName
	}
	return http.StatusOK, obj{"data": obj{"id": account, "name": name, "username": xHandle(account)}}, nil
}
