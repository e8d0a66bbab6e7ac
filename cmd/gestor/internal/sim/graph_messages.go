package sim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"
)

// Windows of private messages (platforms.md §5): an answer to a comment once and within 7 days, else within 24 hours
// of the citizen's last message. Messenger counts characters of a text and Instagram bytes.
const (
	privateReplyWindow    = 7 * 24 * time.Hour
	messageWindow         = 24 * time.Hour
	humanWindow           = 7 * 24 * time.Hour // for what a person wrote, under the tag HUMAN_AGENT
	longestMessage        = 2000
	longestInstagramBytes = 1000
)

// recipient is whom a private message is for: a person, or whoever wrote a comment or post.
type recipient struct {
	ID        string `json:"id"`
	CommentID string `json:"comment_id"`
	PostID    string `json:"post_id"`
}

// recipientOf reads the recipient of a request.
func recipientOf(form url.Values) (to recipient, ok bool) {
	return to, json.Unmarshal([]byte(form.Get("recipient")), &to) == nil
}

// networkOfRecipient is the network of a message sent from the page or from the Instagram account linked to it.
func (w *world) networkOfRecipient(object string, to recipient) string {
	instagram, _ := networkOf(targetInstagram)
	it := w.items[to.CommentID+to.PostID]
	switch {
	case object == instagram.Account, it != nil && it.Network == targetInstagram:
		return targetInstagram
	case it == nil && len(w.talks[to.ID]) == 0 && len(w.at(targetInstagram).talks[to.ID]) > 0:
		return targetInstagram
	}
	return ""
}

// graphMessage is POST /{page or Instagram account}/messages: a direct message, or the one private reply a comment allows.
func (s *Simulator) graphMessage(w http.ResponseWriter, r *http.Request, object string) {
	var message struct {
		Text     string `json:"text"`
		Metadata string `json:"metadata"`
	}
	to, ok := recipientOf(r.Form)
	if !ok || json.Unmarshal([]byte(r.Form.Get("message")), &message) != nil {
		writeGraphError(w, oauthError(100, "(#100) Params recipient and message must be objects"))
		return
	}
	window, err := windowOf(r.Form)
	if err != nil {
		writeGraphError(w, err)
		return
	}
	var id, told, citizen, network string
	err = s.commit(func(t *tx) error {
		network = t.w.networkOfRecipient(object, to)
		it, err := t.private(network, to, message.Text, window)
		if err == nil {
			it.Tag = message.Metadata
			t.add(change{Item: it})
			id, citizen, told = it.ID, it.Thread, t.tell(t.w.items[it.ID], verbAdd)
		}
		return err
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	if network == "" {
		network = targetFacebook
	}
	s.echoFirst(network, id, told)
	writeGraph(w, http.StatusOK, map[string]string{"recipient_id": citizen, "message_id": id})
}

// windowOf is how long after a person's last message this one may come. Of the tags only HUMAN_AGENT is left.
func windowOf(form url.Values) (time.Duration, error) {
	switch {
	case form.Get("messaging_type") != "MESSAGE_TAG" && form.Get("tag") == "":
		return messageWindow, nil
	case form.Get("tag") == "HUMAN_AGENT":
		return humanWindow, nil
	}
	e := oauthError(100, "(#100) The message tag is not supported.")
	e.Subcode = 1893061
	return 0, e
}

// private makes our message to a citizen, if the network lets us write to them now.
func (t *tx) private(network string, to recipient, text string, window time.Duration) (*item, error) {
	object := to.CommentID + to.PostID
	citizen, err := to.ID, error(nil)
	if object == "" {
		err = t.openTalk(network, citizen, window)
		object = t.w.heard(network, citizen)
	} else {
		citizen, err = t.firstPrivate(network, object)
	}
	switch {
	case err != nil:
		return nil, err
	case network == "" && (text == "" || utf8.RuneCountInString(text) > longestMessage):
		return nil, oauthError(100, "(#100) Length of param message[text] must be between 1 and 2000")
	case network != "" && (text == "" || len(text) > longestInstagramBytes):
		return nil, oauthError(100, "(#100) Length of param message[text] must be between 1 and 1000 bytes")
	}
	it := &item{
		Network: network, Kind: kindDM, Thread: citizen, InReplyTo: object, From: person{t.w.pageID, pageName},
		Text: text, At: t.now.UTC(), Own: true,
	}
	if n, other := networkOf(network); other {
		it.ID, it.From, it.Handle = t.messageID(n, citizen), n.us(), n.handle
	} else {
		it.ID = t.mid(citizen)
	}
	return it, nil
}

// heard is the id of the citizen's last message in a conversation, empty without one.
func (w *world) heard(network, citizen string) string {
	for _, id := range slices.Backward(w.at(network).talks[citizen]) {
		if !w.items[id].Own {
			return id
		}
	}
	return ""
}

// openTalk checks that the citizen wrote within the window.
func (t *tx) openTalk(network, citizen string, window time.Duration) error {
	heard := t.w.items[t.w.heard(network, citizen)]
	if heard == nil {
		return oauthError(100, "(#100) No matching user found")
	}
	if t.now.Sub(heard.At) > window {
		e := oauthError(10, "(#10) This message is sent outside of allowed window.")
		e.Subcode = 2018278
		if network == targetInstagram {
			e.Subcode = 2534022
		}
		return e
	}
	return nil
}

// firstPrivate checks that a comment or visitor post may still get its one private reply, and gives its author.
func (t *tx) firstPrivate(network, object string) (string, error) {
	it := t.w.items[object]
	switch {
	case it == nil || it.Removed || it.Own || it.Foreign || it.Kind == kindDM || it.Network != network:
		return "", gone(http.MethodPost, object)
	case t.now.Sub(it.At) > privateReplyWindow:
		return "", oauthError(10900, "(#10900) Activity is too old to be replied to privately")
	}
	for _, id := range t.w.at(network).sent {
		if own := t.w.items[id]; own.Kind == kindDM && own.InReplyTo == object {
			return "", oauthError(10900, "(#10900) Activity already replied to")
		}
	}
	return it.From.ID, nil
}
