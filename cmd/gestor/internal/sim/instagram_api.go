package sim

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// graphNetwork is the network an object of Graph belongs to.
func (s *Simulator) graphNetwork(object string) string {
	for _, n := range otherNetworks() {
		if n.Account == object {
			return n.Name
		}
	}
	network := targetFacebook
	s.read(func(w *world) {
		it := w.items[object]
		if it == nil {
			it = w.items[w.media[object]]
		}
		switch d := w.drafts[object]; {
		case it != nil:
			network = it.target()
		case d != nil:
			network = d.Network
		}
	})
	if strings.HasPrefix(object, instagramTalk) {
		network = targetInstagram
	}
	return network
}

// graphTarget is the network a request to Graph is about, whose faults it meets. A message from the page may go to somebody
// on Instagram: then only its body tells.
func (s *Simulator) graphTarget(r *http.Request) string {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/graph/"), "/"), "/")
	if len(parts) < 2 {
		return targetFacebook
	}
	if len(parts) == 3 && parts[2] == "conversations" && r.URL.Query().Get("platform") == targetInstagram {
		return targetInstagram
	}
	if len(parts) < 3 || parts[1] != s.cfg.PageID || parts[2] != "messages" || r.Method != http.MethodPost {
		return s.graphNetwork(parts[1])
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
	r.Body = io.NopCloser(bytes.NewReader(body))
	copied := r.Clone(r.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil || graphForm(copied) != nil {
		return targetFacebook
	}
	network := ""
	to, _ := recipientOf(copied.Form)
	s.read(func(w *world) { network = w.networkOfRecipient(parts[1], to) })
	if network == "" {
		return targetFacebook
	}
	return network
}

// wanted is one name of a list of fields, with what is asked of it behind a point (limit(50)) and the list in braces behind it.
type wanted struct{ name, ask, inner string }

// most is how many objects of a field are asked for.
func (f wanted) most() int {
	if n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(f.ask, "limit("), ")")); err == nil && n > 0 {
		return n
	}
	return pageDefault
}

// splitFields reads Graph's list of fields.
func splitFields(fields string) []wanted {
	var all []wanted
	depth, from := 0, 0
	cut := func(part string) {
		name, inner, _ := strings.Cut(strings.TrimSpace(part), "{")
		name, ask, _ := strings.Cut(name, ".")
		all = append(all, wanted{name, ask, strings.TrimSuffix(inner, "}")})
	}
	for i, c := range fields {
		switch {
		case c == '{':
			depth++
		case c == '}':
			depth--
		case c == ',' && depth == 0:
			cut(fields[from:i])
			from = i + 1
		}
	}
	cut(fields[from:])
	return all
}

// pictured says what hangs on a post of Instagram.
func (w *world) pictured(it *item, known obj) {
	known["media_type"], known["media_url"], known["media_product_type"] = "IMAGE", nil, "FEED"
	for _, m := range it.Media {
		known["media_url"] = w.address(it.Network, m)
		if m.Type == mediaVideo {
			known["media_type"], known["media_product_type"] = "VIDEO", "REELS"
		}
	}
	if len(it.Media) > 1 {
		known["media_type"] = "CAROUSEL_ALBUM"
	}
}

// instagramView gives the named fields of a post or comment of Instagram.
func (w *world) instagramView(it *item, fields string) (obj, error) {
	text := "text"
	if it.top() {
		text = "caption"
	}
	if fields == "" {
		fields = text + ",timestamp"
	}
	known := obj{
		text: it.Text, "timestamp": it.At.UTC().Format(graphTime), "username": it.Handle, "hidden": it.Hidden, "like_count": w.counted(it).likes,
		"from": obj{"id": it.From.ID, "username": it.Handle}, "media": obj{"id": it.Thread, "media_product_type": "FEED"},
		"parent_id": nil, "user": nil,
	}
	if it.Parent != it.Thread && it.Parent != "" {
		known["parent_id"] = it.Parent
	}
	if it.Own {
		known["user"] = obj{"id": it.From.ID}
	}
	if it.top() {
		w.pictured(it, known)
		known["comments_count"], known["permalink"] = len(w.stream(it.ID)), "https://www.instagram.com/p/"+token(it.ID, 11)+"/"
	}
	return pick(it.ID, fields, func(f wanted) (any, bool, error) {
		if f.name != "replies" && f.name != "comments" {
			v, there := known[f.name]
			return v, there, nil
		}
		list, all := []obj{}, w.under(it.ID)
		for _, answer := range all[:min(f.most(), len(all))] {
			one, err := w.instagramView(answer, f.inner)
			if err != nil {
				return nil, true, err
			}
			list = append(list, one)
		}
		switch {
		case len(list) == 0:
			return nil, true, nil
		case len(list) < len(all):
			last := list[len(list)-1]["id"]
			next := w.home() + "/graph/" + graphVersions()[0] + "/" + it.ID + "/" + f.name + "?after=" + asString(last)
			return obj{"data": list, "paging": obj{"cursors": obj{"after": last}, "next": next}}, true, nil
		}
		return obj{"data": list}, true, nil
	})
}

// instagramAccount is GET /{Instagram account}: its name, and through it what names us on other people's posts
// (mentioned_comment.comment_id(…), mentioned_media.media_id(…)).
func (s *Simulator) instagramAccount(w http.ResponseWriter, r *http.Request, account string) {
	n, _ := networkOf(targetInstagram)
	if isSecond(account) {
		n.handle = "sence_nuble_sim"
	}
	out := obj{"id": account}
	var err error
	s.read(func(w *world) {
		for _, f := range splitFields(r.Form.Get("fields")) {
			name := f.name
			_, id, _ := strings.Cut(strings.TrimSuffix(f.ask, ")"), "(")
			switch name {
			case "", "id":
			case "username":
				out[name] = n.handle
			case "name":
				out[name] = pageName
			case "mentioned_comment", "mentioned_media":
				it := w.items[id]
				if it == nil || it.Removed || it.Network != targetInstagram || it.Kind == kindDM || it.top() != (name == "mentioned_media") {
					err = gone(r.Method, id)
					return
				}
				if out[name], err = w.instagramView(it, f.inner); err != nil {
					return
				}
			default:
				err = oauthError(100, "(#100) Tried accessing nonexisting field ("+name+")")
				return
			}
		}
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	writeGraph(w, http.StatusOK, out)
}

// instagramPublish is POST /{comment of Instagram}/replies.
func (s *Simulator) instagramPublish(w http.ResponseWriter, r *http.Request, object string) {
	s.instagramAnswer(w, r, object, func(to *item) bool { return !to.top() && to.Kind != kindMention && !to.Hidden })
}

// instagramMention is POST /{Instagram account}/mentions: an answer to a comment, or to a post, that names us elsewhere.
func (s *Simulator) instagramMention(w http.ResponseWriter, r *http.Request, _ string) {
	media, object := r.Form.Get("media_id"), r.Form.Get("comment_id")
	if object == "" {
		object = media
	}
	s.instagramAnswer(w, r, object, func(to *item) bool { return to.Thread == media })
}

// instagramAnswer puts our comment under a text that the call may answer. Answers to answers hang under the first comment.
func (s *Simulator) instagramAnswer(w http.ResponseWriter, r *http.Request, object string, may func(*item) bool) {
	n, _ := networkOf(targetInstagram)
	text := strings.TrimSpace(r.Form.Get("message"))
	var id, told string
	err := s.commit(func(t *tx) error {
		to := t.w.items[object]
		switch {
		case to == nil || to.Removed || to.Network != n.Name || to.Kind == kindDM || !may(to):
			return gone(r.Method, object)
		case text == "":
			return oauthError(100, "(#100) Missing message")
		case utf8.RuneCountInString(text) > n.Limit:
			return oauthError(100, "(#100) Param message is too long")
		}
		parent := t.w.level(to)
		id, told = t.speak(n, item{Kind: kindComment, ID: t.commentID(n, parent), Thread: to.Thread, Parent: parent.ID, InReplyTo: object, Text: text})
		return nil
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	s.echoFirst(targetInstagram, id, told)
	writeGraph(w, http.StatusOK, obj{"id": id})
}

// speak keeps a text of ours and queues its webhook.
func (t *tx) speak(n network, it item) (id, told string) {
	it.Network, it.From, it.Handle, it.At, it.Own = n.Name, n.us(), n.handle, t.now.UTC(), true
	t.add(change{Item: &it})
	return it.ID, t.tell(t.w.items[it.ID], verbAdd)
}
