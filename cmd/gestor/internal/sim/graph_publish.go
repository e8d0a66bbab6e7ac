package sim

import (
	"net/http"
	"strings"
	"time"
)

// graphPublish is POST /{post or comment}/comments.
func (s *Simulator) graphPublish(w http.ResponseWriter, r *http.Request, object string) {
	text := strings.TrimSpace(r.Form.Get("message"))
	var id, told string
	err := s.commit(func(t *tx) error {
		to := t.w.items[object]
		switch {
		case to == nil || to.Removed || to.Kind == kindDM || to.Network != "":
			return gone(r.Method, object)
		case text == "":
			return oauthError(100, "(#100) Missing message or attachment")
		case len([]rune(text)) > longest(kindComment):
			return oauthError(100, "(#100) Param message is too long")
		}
		if twin := t.w.said(targetFacebook, object, text); twin != nil {
			if _, hit := t.strike(targetFacebook, refuseDuplicate); hit {
				e := oauthError(506, "(#506) Duplicate status message")
				e.Title = "Duplicate Status Update"
				e.User = "This status update is identical to the last one you posted (" + twin.ID + "). Try posting something different, or delete your previous update."
				return e
			}
		}
		id, told = t.publish(to, object, text)
		return nil
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	s.echoFirst(targetFacebook, id, told)
	writeGraph(w, http.StatusOK, map[string]string{"id": id})
}

// publish puts the page's comment under to, or beside it when to is an answer already.
func (t *tx) publish(to *item, object, text string) (id, told string) {
	parent := to
	if up := t.w.items[to.Parent]; up != nil && !up.top() {
		parent = up
	}
	it := item{
		ID: tail(to.Thread) + "_" + t.object(), Kind: kindComment, Thread: to.Thread, Parent: parent.ID, InReplyTo: object,
		From: person{t.w.pageID, pageName}, Text: text, At: t.now.UTC(), Own: true,
	}
	t.add(change{Item: &it})
	return it.ID, t.tell(t.w.items[it.ID], verbAdd)
}

// said gives the text our system published there before in these words, nil without one.
func (w *world) said(network, object, text string) *item {
	for _, id := range w.at(network).sent {
		if it := w.items[id]; it.InReplyTo == object && it.Text == text && !it.Removed {
			return it
		}
	}
	return nil
}

// echoFirst lets the webhook of our own text overtake the answer to the call that published it, for every other text:
// networks promise no order between the two.
func (s *Simulator) echoFirst(target, id, told string) {
	if !s.echoed(target, told) && id != "" && told != "" && id[len(id)-1]%2 == 0 {
		s.outbox.afterFirst(told, time.Second)
	}
}
