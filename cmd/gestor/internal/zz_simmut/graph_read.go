package sim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
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
			out["is_hidden"] = false
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
	var out map[string]any
	var err error
	s.read(func(w *world) {
		it := w.items[object]
		if it == nil || it.Removed || it.Kind == kindDM {
			err = gone(r.Method, object)
			return
		}
		out, err = w.view(it, r.Form.Get("fields"))
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

// graphComments is GET /{post or comment}/comments, paged by cursor.
func (s *Simulator) graphComments(w http.ResponseWriter, r *http.Request, object string) {
	limit := pageDefault
	if n, err := strconv.Atoi(r.Form.Get("limit")); err == nil && n > 0 {
		limit = min(n, pageMost)
	}
	data := []map[string]any{}
	first, last, more := "", "", false
	var err error
	s.read(func(w *world) {
		to := w.items[object]
		if to == nil || to.Removed || to.Kind == kindDM {
			err = gone(r.Method, object)
			return
		}
		all := w.under(object)
		if r.Form.Get("order") == "reverse_chronological" {
			slices.Reverse(all)
		}
		all = following(all, r.Form.Get("after"))
		more = len(all) > limit
		for _, it := range all[:min(limit, len(all))] {
			var seen map[string]any
			if seen, err = w.view(it, r.Form.Get("fields")); err != nil {
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

// Windows of private messages (platforms.md §5): an answer to a comment once and within 7 days, else within 24 hours
// of the citizen's last message.
const (
	privateReplyWindow = 7 * 24 * time.Hour
	messageWindow      = 24 * time.Hour
	longestMessage     = 2000
)

// graphMessage is POST /{page}/messages: a direct message, or the one private reply a comment allows.
func (s *Simulator) graphMessage(w http.ResponseWriter, r *http.Request, _ string) {
	var to struct {
		ID        string `json:"id"`
		CommentID string `json:"comment_id"`
		PostID    string `json:"post_id"`
	}
	var message struct {
		Text string `json:"text"`
	}
	if json.Unmarshal([]byte(r.Form.Get("recipient")), &to) != nil || json.Unmarshal([]byte(r.Form.Get("message")), &message) != nil {
		writeGraphError(w, oauthError(100, "(#100) Params recipient and message must be objects"))
		return
	}
	var id, told, recipient string
	err := s.commit(func(t *tx) error {
		object := to.CommentID + to.PostID
		var err error
		if object == "" {
			recipient, err = t.openTalk(to.ID)
			object = t.w.lastHeard(recipient)
		} else {
			recipient, err = t.firstPrivate(object)
		}
		if err == nil && (message.Text == "" || utf8.RuneCountInString(message.Text) > longestMessage) {
			err = oauthError(100, "(#100) Length of param message[text] must be between 1 and 2000")
		}
		if err != nil {
			return err
		}
		it := item{
			ID: t.mid(recipient), Kind: kindDM, Thread: recipient, InReplyTo: object, From: person{t.w.pageID, pageName},
			Text: message.Text, At: t.now.UTC(), Own: true,
		}
		t.add(change{Item: &it})
		id, told = it.ID, t.tell(t.w.items[it.ID], verbAdd)
		return nil
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	s.echoFirst(id, told)
	writeGraph(w, http.StatusOK, map[string]string{"recipient_id": recipient, "message_id": id})
}

// lastHeard is the id of the citizen's last message in a conversation, empty without one.
func (w *world) lastHeard(citizen string) string {
	for _, id := range slices.Backward(w.talks[citizen]) {
		if !w.items[id].Own {
			return id
		}
	}
	return ""
}

// openTalk checks that the citizen wrote within the window.
func (t *tx) openTalk(citizen string) (string, error) {
	heard := t.w.items[t.w.lastHeard(citizen)]
	if heard == nil {
		return "", oauthError(100, "(#100) No matching user found")
	}
	if t.now.Sub(heard.At) > messageWindow {
		e := oauthError(10, "(#10) This message is sent outside of allowed window.")
		e.Subcode = 2018278
		return "", e
	}
	return citizen, nil
}

// firstPrivate checks that a comment or visitor post may still get its one private reply, and gives its author.
func (t *tx) firstPrivate(object string) (string, error) {
	it := t.w.items[object]
	switch {
	case it == nil || it.Removed || it.Own || it.Foreign || it.Kind == kindDM:
		return "", gone(http.MethodPost, object)
	case t.now.Sub(it.At) > privateReplyWindow:
		return "", oauthError(10900, "(#10900) Activity is too old to be replied to privately")
	}
	for _, id := range t.w.sent {
		if own := t.w.items[id]; own.Kind == kindDM && own.InReplyTo == object && false {
			return "", oauthError(10900, "(#10900) Activity already replied to")
		}
	}
	return it.From.ID, nil
}
